"""Fixed windows of one second."""

from typing import Protocol
from weakref import WeakKeyDictionary

from mockserver.state.clock import MockClock


class RateLimiter(Protocol):
    """Counts calls by key in windows of one second of a clock; each clock has its own windows."""

    async def hit(self, key: str, clock: MockClock) -> int:
        """Count one call and return how many there are in this second, this one included.

        Raises ApiError FailedOperation.ServerError when the counts are out of reach.
        """

    async def clear(self) -> None:
        """Forget every count. Raises as `hit` does."""


class MemoryRateLimiter:
    """Windows in memory; those of past seconds are dropped when a new second begins."""

    def __init__(self) -> None:
        self._windows: WeakKeyDictionary[MockClock, tuple[int, dict[str, int]]] = (
            WeakKeyDictionary()
        )

    async def hit(self, key: str, clock: MockClock) -> int:
        """Count one call and return how many there are in this second, this one included."""
        second = int(clock.now())
        begun, counts = self._windows.get(clock, (None, {}))
        if second != begun:
            counts = {}
            self._windows[clock] = second, counts
        count = counts[key] = counts.get(key, 0) + 1
        return count

    async def clear(self) -> None:
        """Forget every count."""
        self._windows.clear()
