"""The clocks that every rule reads: signatures, rate windows, tokens, result expiry."""

import time
from collections.abc import Callable, Iterable, Mapping
from typing import Protocol


class Clock(Protocol):
    """Tells the time in seconds since 1970-01-01 UTC."""

    def now(self) -> float:
        """Return the time now."""


ClockOf = Callable[[str], Clock]  # from a SecretId, which may be empty, to the clock it goes by


class MockClock:
    """The system's time, which a test may set, advance, freeze and resume.

    `owner` is the SecretId whose clock it is; empty: the server's.
    """

    def __init__(self, owner: str = "") -> None:
        self.owner = owner
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

    def follow(self, other: "MockClock") -> None:
        """Show what the other shows, and stand still or run as it does."""
        self._offset, self._frozen_at = other._offset, other._frozen_at


class Clocks:
    """The server's clock, and the clocks that single keys have of their own."""

    def __init__(self) -> None:
        self.shared = MockClock()
        self._own: dict[str, MockClock] = {}

    def of(self, *secret_ids: str | None) -> MockClock:
        """Return the clock of the first of these keys that has one, or the server's."""
        for secret_id in secret_ids if self._own else ():
            if secret_id in self._own:
                return self._own[secret_id]
        return self.shared

    def part(self, secret_id: str, before: MockClock) -> MockClock:
        """Return a key's own clock, which begins as the one `before` it is."""
        if secret_id not in self._own:
            clock = self._own[secret_id] = MockClock(secret_id)
            clock.follow(before)
        return self._own[secret_id]

    def join(self, secret_id: str) -> None:
        """Let a key go by the server's clock again."""
        self._own.pop(secret_id, None)

    def own(self) -> Mapping[str, MockClock]:
        """Return the keys' own clocks by SecretId."""
        return dict(self._own)

    def keep(self, secret_ids: Iterable[str]) -> None:
        """Forget the clocks of all other keys."""
        for secret_id in self._own.keys() - set(secret_ids):
            self.join(secret_id)
