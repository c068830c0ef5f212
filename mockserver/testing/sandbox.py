"""A sandbox: an account of one's own on a mock that others use too."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from mockserver.remote import Remote
from mockserver.testing.access import Access, KeyPair


class Sandbox(Access):
    """An account with copies of another's projects; its faults, clock and requests are its own.

    Leaving its `with` block throws it away.
    """

    def __init__(self, remote: Remote, told: Mapping[str, Any]) -> None:
        self._known = remote
        self._key = KeyPair(told["secret_id"], told["secret_key"])
        self._scope = told["secret_id"]
        self._projects: Mapping[str, Any] = told["projects"]
        self.uin: str = told["uin"]

    def project(self, original: str) -> str:
        """Return the ProjectId of a project's copy. Raises KeyError when it was not copied."""
        return str(self._projects[original]["id"])

    def material(self, original: str) -> str:
        """Return the ModelId of a material's copy. Raises KeyError when it was not copied."""
        return str(
            {
                before: after
                for project in self._projects.values()
                for before, after in project["materials"].items()
            }[original]
        )

    def remove(self) -> None:
        """Throw it away with its rules and its calls; nothing happens when it is gone."""
        self._remote.discard(f"/state/sandboxes/{self.uin}")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.remove()
