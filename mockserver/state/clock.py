"""The clock that every rule reads: signatures, rate windows, tokens, result expiry."""

import time
from typing import Protocol


class Clock(Protocol):
    """Tells the time in seconds since 1970-01-01 UTC."""

    def now(self) -> float:
        """Return the time now."""


class MockClock:
    """The system's time, which a test may set, advance, freeze and resume."""

    def __init__(self) -> None:
        self._offset = 0.0
        self._frozen_at: float | None = None

    @property
    def frozen(self) -> bool:
        """Whether the time stands still."""
        return self._frozen_at is not None

    def now(self) -> float:
        """Return the time now, in seconds since 1970-01-01 UTC."""
        return self._frozen_at if self._frozen_at is not None else time.time() + self._offset

    def set(self, moment: float) -> None:
        """Make it `moment`; a frozen clock stays frozen there."""
        if self.frozen:
            self._frozen_at = moment
        else:
            self._offset = moment - time.time()

    def advance(self, seconds: float) -> None:
        """Move by `seconds`, back when negative."""
        self.set(self.now() + seconds)

    def freeze(self) -> None:
        """Stand still from now on."""
        self._frozen_at = self.now()

    def resume(self) -> None:
        """Run on from the time shown."""
        moment = self.now()
        self._frozen_at = None
        self.set(moment)
