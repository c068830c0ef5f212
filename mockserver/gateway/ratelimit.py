"""Fixed windows of one second."""

from typing import Protocol

from mockserver.state.clock import Clock


class RateLimiter(Protocol):
    """Counts calls by key in windows of one second of the injected clock."""

    def hit(self, key: str) -> int:
        """Count one call and return how many there are in this second, this one included."""


class MemoryRateLimiter:
    """Windows in memory; those of past seconds are dropped when a new second begins."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._second = 0
        self._counts: dict[str, int] = {}

    def hit(self, key: str) -> int:
        """Count one call and return how many there are in this second, this one included."""
        second = int(self._clock.now())
        if second != self._second:
            self._second = second
            self._counts.clear()
        count = self._counts[key] = self._counts.get(key, 0) + 1
        return count
