"""What a caller that tries again has agreed to, held against its calls."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mockserver.state.journal import Entry

Spacing = float | Sequence[float]  # seconds; of several the last holds for all that follow
_GRAIN = 0.001  # seconds within which two times are the same


@dataclass(frozen=True)
class RetryContract:
    """How often, after which codes, how far apart, and how it ends.

    `codes` None: after any error. The spacing is from one attempt's arrival to the next one's, by
    the mock's clock.
    """

    attempts: int
    codes: Collection[str] | None
    last: str
    min_spacing: Spacing
    max_spacing: Spacing | None

    def breaches(self, calls: Sequence[Entry]) -> Iterator[str]:
        """Yield what of it these calls, in order, do not keep."""
        if len(calls) != self.attempts:
            yield f"expected {_attempts(self.attempts)}, there were {len(calls)}"
        for number, call in enumerate(calls[:-1], 1):
            if call.code == "OK":
                yield f"attempt {number} succeeded, yet there was another"
            elif self.codes is not None and call.code not in self.codes:
                yield f"attempt {number} ended with {call.code}, which must not be tried again"
        if calls and calls[-1].code != self.last:
            yield f"the last attempt ended with {calls[-1].code}, not {self.last}"
        for number, (before, after) in enumerate(pairwise(calls)):
            yield from self._spacing(number, after.time - before.time)

    def _spacing(self, gap: int, seconds: float) -> Iterator[str]:
        least, most = _at(self.min_spacing, gap), _at(self.max_spacing, gap)
        what = f"attempt {gap + 2} came {seconds:.3f} s after the one before"
        if least is not None and seconds < least - _GRAIN:
            yield f"{what}, too early: at least {least:g} s"
        if most is not None and seconds > most + _GRAIN:
            yield f"{what}, too late: at most {most:g} s"


def _at(spacing: Spacing | None, gap: int) -> float | None:
    if spacing is None or isinstance(spacing, float | int):
        return spacing
    return spacing[min(gap, len(spacing) - 1)] if spacing else None


def _attempts(count: int) -> str:
    return "1 attempt" if count == 1 else f"{count} attempts"
