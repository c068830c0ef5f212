"""A snapshot: the mock's state as it was, to be put back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Self

from mockserver.remote import Remote


@dataclass(frozen=True)
class Snapshot:
    """Accounts, limits, fault rules and the clock; leaving its `with` block puts them back."""

    id: str
    _remote: Remote = field(repr=False)

    def restore(self) -> None:
        """Put them back, as often as wanted. Raises RemoteError after a reset."""
        self._remote.ask("POST", f"/state/snapshots/{self.id}/restore")

    def remove(self) -> None:
        """Forget it; nothing happens when it is gone."""
        self._remote.discard(f"/state/snapshots/{self.id}")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.restore()
        self.remove()
