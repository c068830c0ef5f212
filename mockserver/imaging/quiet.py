"""Keeping native libraries' log lines out of the terminal."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class _StderrSwitch:
    """File descriptor 2 belongs to the whole process, hence one switch for all threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._users = 0
        self._kept = -1

    def off(self) -> None:
        with self._lock:
            self._users += 1
            if self._users == 1:
                self._kept = os.dup(2)
                nowhere = os.open(os.devnull, os.O_WRONLY)
                os.dup2(nowhere, 2)
                os.close(nowhere)

    def on(self) -> None:
        with self._lock:
            self._users -= 1
            if self._users == 0:
                os.dup2(self._kept, 2)
                os.close(self._kept)


_stderr = _StderrSwitch()


@contextmanager
def quiet_stderr() -> Iterator[None]:
    """Keep native libraries from writing to file descriptor 2; may be nested, in any thread.

    For start-up only: whatever else is written there meanwhile is lost as well.
    """
    _stderr.off()
    try:
        yield
    finally:
        _stderr.on()
