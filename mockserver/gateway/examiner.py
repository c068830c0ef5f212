"""Diagnoses beside the traffic: on a thread of their own, a few a second at most."""

import asyncio
import logging
from concurrent.futures import Future, ThreadPoolExecutor
from time import monotonic

from mockserver.gateway.call import Call
from mockserver.gateway.diagnose import Diagnosis
from mockserver.gateway.refusal import explain, is_examined
from mockserver.state.accounts import Accounts

log = logging.getLogger("facefusion_mock")

# A diagnosis tries thousands of signatures; under a flood of refused calls most go without, so
# that answering stays quick.
PER_SECOND = 5


class Examiner:
    """Examines refused calls and says why in the log."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="diagnose")
        self._second = 0
        self._count = 0

    def examine(self, call: Call, accounts: Accounts) -> "asyncio.Future[Diagnosis | None] | None":
        """Begin to find out why a call was refused; None when it is not examined."""
        if not is_examined(call) or not self._has_time():
            return None
        try:
            task: Future[Diagnosis | None] = self._thread.submit(_examine, call, accounts)
        except RuntimeError:  # the server is stopping
            return None
        return asyncio.wrap_future(task)

    def close(self) -> None:
        """Finish what is begun."""
        self._thread.shutdown(wait=True, cancel_futures=True)

    def _has_time(self) -> bool:
        second = int(monotonic())
        if second != self._second:
            self._second, self._count = second, 0
        self._count += 1
        return self._count <= PER_SECOND


def _examine(call: Call, accounts: Accounts) -> Diagnosis | None:
    try:
        diagnosis = explain(call, accounts)
    except Exception:
        log.exception("cannot tell why %s was refused", call.request_id)
        return None
    if diagnosis is not None:
        log.warning("RequestId %s refused: %s", call.request_id, diagnosis.explanation)
    return diagnosis
