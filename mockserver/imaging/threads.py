"""Threads for work, of which the last that worked is the next to work."""

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from threading import Lock
from typing import Any, TypeVar

T = TypeVar("T")


class Threads:
    """Some threads, which take work in the order in which it comes.

    Of those that are idle the last that worked takes it, for the processor's caches still hold
    what it needs. A ThreadPoolExecutor of several takes the one that was idle for longest.
    """

    def __init__(self, count: int, name: str) -> None:
        self._all = [ThreadPoolExecutor(1, f"{name}{number}") for number in range(count)]
        self._idle = self._all.copy()
        self._waiting: deque[tuple[Future[Any], Callable[[], None]]] = deque()
        self._lock = Lock()
        self._closed = False

    def submit(self, work: Callable[[], T]) -> "Future[T]":
        """Let a thread call `work`. Raises RuntimeError once they are closed."""
        future: Future[T] = Future()
        with self._lock:
            if self._closed:
                raise RuntimeError("the threads are closed")
            if self._idle:
                thread = self._idle.pop()
                thread.submit(self._work_off, thread)
            self._waiting.append((future, partial(_call, work, future)))
        return future

    def close(self) -> None:
        """Finish what runs, drop what waits."""
        with self._lock:
            self._closed = True
            dropped, self._waiting = self._waiting, deque()
        for future, _ in dropped:
            future.cancel()
        for thread in self._all:
            thread.shutdown()

    def _work_off(self, thread: ThreadPoolExecutor) -> None:
        while task := self._next(thread):
            task()

    def _next(self, thread: ThreadPoolExecutor) -> Callable[[], None] | None:
        """Return what waits for longest; a thread that finds nothing is idle."""
        with self._lock:
            if self._waiting:
                return self._waiting.popleft()[1]
            self._idle.append(thread)
            return None


def _call(work: Callable[[], T], future: "Future[T]") -> None:
    if not future.set_running_or_notify_cancel():
        return
    try:
        result = work()
    except BaseException as error:  # noqa: BLE001  whoever waits is told of it
        future.set_exception(error)
    else:
        future.set_result(result)
