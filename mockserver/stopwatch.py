"""How long each stage of a call takes."""

from time import perf_counter


class Stopwatch:
    """Seconds by stage; it runs from the moment that it is made."""

    __slots__ = ("_last", "_started", "stages")

    def __init__(self) -> None:
        self._started = self._last = perf_counter()
        self.stages: dict[str, float] = {}

    def lap(self, stage: str) -> None:
        """Count the time since the last lap as this stage's; a stage may come more than once."""
        now = perf_counter()
        self.stages[stage] = self.stages.get(stage, 0.0) + now - self._last
        self._last = now

    def seconds(self) -> float:
        """Return the time since it was made."""
        return perf_counter() - self._started
