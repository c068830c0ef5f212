"""Diagnoses beside the traffic: on a thread of their own, within a share of its time.

What is not examined at once, for there is too much of it, is examined when someone asks.
"""

import asyncio
import logging
from collections import OrderedDict
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock
from time import monotonic, thread_time

from mockserver.gateway.call import Call
from mockserver.gateway.diagnose import Diagnosis
from mockserver.gateway.refusal import explain, is_examined
from mockserver.state.accounts import Accounts

log = logging.getLogger("facefusion_mock")

# A diagnosis tries thousands of signatures. Under a flood of refused calls most must wait until
# someone asks, so that answering stays quick: work that nobody asked for may take this share of
# the time, some of it saved up.
SHARE, SAVED_SECONDS = 0.02, 0.3
MAX_WAITING = 8
MAX_KEPT, MAX_KEPT_BYTES = 256, 16 * 1024 * 1024  # calls that can still be asked about


class Examiner:
    """Examines refused calls and says why in the log."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="diagnose")
        self._lock = Lock()
        self._credit = SAVED_SECONDS
        self._counted = monotonic()
        self._waiting = 0
        self._kept: OrderedDict[str, tuple[Call, Accounts]] = OrderedDict()
        self._kept_bytes = 0

    def examine(self, call: Call, accounts: Accounts) -> "asyncio.Future[Diagnosis | None] | None":
        """Begin to find out why a call was refused; None when it is not examined."""
        if not is_examined(call):
            return None
        if not self._has_time():
            self._keep(call, accounts)
            return None
        return self._begin(call, accounts)

    def examine_after_all(self, request_id: str) -> "asyncio.Future[Diagnosis | None] | None":
        """Begin to examine a call that there was no time for; None when it is not known."""
        if request_id not in self._kept:
            return None
        call, accounts = self._drop(request_id)
        self._waiting += 1
        return self._begin(call, accounts)

    def _begin(self, call: Call, accounts: Accounts) -> "asyncio.Future[Diagnosis | None] | None":
        try:
            task: Future[Diagnosis | None] = self._thread.submit(self._examine, call, accounts)
        except RuntimeError:  # the server is stopping
            return None
        return asyncio.wrap_future(task)

    def _keep(self, call: Call, accounts: Accounts) -> None:
        self._kept[call.request_id] = call, accounts
        self._kept_bytes += len(call.body)
        while len(self._kept) > MAX_KEPT or self._kept_bytes > MAX_KEPT_BYTES:
            self._drop(next(iter(self._kept)))

    def _drop(self, request_id: str) -> tuple[Call, Accounts]:
        call, accounts = self._kept.pop(request_id)
        self._kept_bytes -= len(call.body)
        return call, accounts

    def close(self) -> None:
        """Finish what is begun."""
        self._thread.shutdown(wait=True, cancel_futures=True)

    def _has_time(self) -> bool:
        """Tell whether one more may begin, and count it."""
        with self._lock:
            now = monotonic()
            self._credit = min(SAVED_SECONDS, self._credit + SHARE * (now - self._counted))
            self._counted = now
            if self._credit <= 0 or self._waiting >= MAX_WAITING:
                return False
            self._waiting += 1
            return True

    def _examine(self, call: Call, accounts: Accounts) -> Diagnosis | None:
        started = thread_time()
        try:
            return _explain(call, accounts)
        finally:
            with self._lock:
                self._waiting -= 1
                self._credit -= thread_time() - started


def _explain(call: Call, accounts: Accounts) -> Diagnosis | None:
    try:
        diagnosis = explain(call, accounts)
    except Exception:
        log.exception("cannot tell why %s was refused", call.request_id)
        return None
    if diagnosis is not None:
        text, more = "RequestId %s refused: %s", call.logged(code=call.code)
        log.warning(text, call.request_id, diagnosis.explanation, extra=more)
    return diagnosis
