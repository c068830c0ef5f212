"""Accounts, keys, projects and materials as a test changes them."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypedDict, Unpack

from mockserver.testing.access import KeyPair
from mockserver.testing.sandbox import Sandbox
from mockserver.testing.snapshot import Snapshot

if TYPE_CHECKING:
    from mockserver.remote import Remote
    from mockserver.state.models import Billing, Material, Project
    from mockserver.state.shown import AccountState

Audit = Literal["approved", "pending", "rejected"]


class AccountChange(TypedDict, total=False):
    """What can be changed of an account; None takes a limit away."""

    billing: Billing
    rate: int | None
    ip_allow: list[str] | None
    ip_deny: list[str]


class KeyChange(TypedDict, total=False):
    """What can be changed of a key."""

    enabled: bool
    denied: list[str]
    mfa: bool


class LimitsChange(TypedDict, total=False):
    """Calls a second by address and by action; None takes a limit away."""

    ip: int | None
    actions: dict[str, int]


class ProjectChange(TypedDict, total=False):
    """What can be changed of a project; None takes a limit away."""

    state: Literal["published", "unpublished", "stopped"]
    rate: int | None
    quota: int | None


class Review(TypedDict, total=False):
    """What CelebrityIdentify answers: a confidence of 0 to 100, a label, a category."""

    confidence: float
    label: str
    category: str


class MaterialChange(TypedDict, total=False):
    """What can be changed of a material; None takes the review away."""

    audit: Audit
    deleted: bool
    review: Review | None


class State:
    """What the mock knows. An account that is not named is the first; all raise RemoteError."""

    def __init__(self, remote: Remote) -> None:
        self._remote = remote

    def accounts(self) -> list[AccountState]:
        """Return the accounts with their keys, projects and materials, as they are now."""
        from mockserver.state.shown import State as Shown

        return Shown.model_validate(self._remote.ask("GET", "/state")).accounts

    def account(self, uin: str | None = None) -> AccountState:
        """Return an account. Raises LookupError."""
        for account in self.accounts():
            if uin in (None, account.uin):
                return account
        raise LookupError(f"there is no account {uin}")

    def project(self, project_id: str) -> Project:
        """Return a project. Raises LookupError."""
        for project in self._projects():
            if project.id == project_id:
                return project
        raise LookupError(f"there is no project {project_id}")

    def material(self, model_id: str) -> Material:
        """Return a material. Raises LookupError."""
        for project in self._projects():
            for material in project.materials:
                if material.id == model_id:
                    return material
        raise LookupError(f"there is no material {model_id}")

    def change_limits(self, **change: Unpack[LimitsChange]) -> None:
        """Change the limits by address and by action."""
        self._remote.ask("PATCH", "/state/limits", change)

    def add_account(self, uin: str, **change: Unpack[AccountChange]) -> KeyPair:
        """Make an account without projects; return its key pair."""
        return _pair(self._remote.ask("POST", "/state/accounts", {"uin": uin, **change}))

    def change_account(self, uin: str | None = None, **change: Unpack[AccountChange]) -> None:
        """Change an account's billing state, rate and addresses."""
        self._remote.ask("PATCH", f"/state/accounts/{uin or self.account().uin}", change)

    def remove_account(self, uin: str) -> None:
        """Forget an account."""
        self._remote.ask("DELETE", f"/state/accounts/{uin}")

    def add_key(self, uin: str | None = None) -> KeyPair:
        """Give an account one more key pair."""
        return _pair(self._remote.ask("POST", f"/state/accounts/{uin or self.account().uin}/keys"))

    def change_key(self, secret_id: str, **change: Unpack[KeyChange]) -> None:
        """Disable a key, deny it actions, demand a second factor."""
        self._remote.ask("PATCH", f"/state/keys/{secret_id}", change)

    def remove_key(self, secret_id: str) -> None:
        """Forget a key."""
        self._remote.ask("DELETE", f"/state/keys/{secret_id}")

    def temporary_key(self, secret_id: str, seconds: int = 1800) -> KeyPair:
        """Issue a temporary key pair with its token and another key's rights."""
        path = f"/state/keys/{secret_id}/temporary"
        told = self._remote.ask("POST", path, {"seconds": seconds})
        return KeyPair(told["TmpSecretId"], told["TmpSecretKey"], told["Token"])

    def add_project(
        self,
        uin: str | None = None,
        *,
        id: str | None = None,  # noqa: A002  the project's own word
        **change: Unpack[ProjectChange],
    ) -> str:
        """Give an account a project without materials; return its ProjectId."""
        body = {**change, **({"id": id} if id else {})}
        path = f"/state/accounts/{uin or self.account().uin}/projects"
        return str(self._remote.ask("POST", path, body)["id"])

    def change_project(self, project_id: str, **change: Unpack[ProjectChange]) -> None:
        """Change a project's state, rate and quota."""
        self._remote.ask("PATCH", f"/state/projects/{project_id}", change)

    def remove_project(self, project_id: str) -> None:
        """Forget a project with its materials."""
        self._remote.ask("DELETE", f"/state/projects/{project_id}")

    def add_material(
        self,
        project_id: str,
        picture: bytes | Path,
        *,
        id: str | None = None,  # noqa: A002  the material's own word
        audit: Audit = "approved",
    ) -> str:
        """Give a project a material, a JPG or PNG with a face; return its ModelId."""
        data = picture.read_bytes() if isinstance(picture, Path) else picture
        body = {"image": base64.b64encode(data).decode(), "audit": audit}
        path = f"/state/projects/{project_id}/materials"
        return str(self._remote.ask("POST", path, {**body, **({"id": id} if id else {})})["id"])

    def change_material(self, model_id: str, **change: Unpack[MaterialChange]) -> None:
        """Change a material's audit, whether it is deleted, and what its review says."""
        self._remote.ask("PATCH", f"/state/materials/{model_id}", change)

    def remove_material(self, model_id: str) -> None:
        """Forget a material."""
        self._remote.ask("DELETE", f"/state/materials/{model_id}")

    def sandbox(
        self, *, projects: Sequence[str] | None = None, seconds: int | None = None
    ) -> Sandbox:
        """Make an account of one's own with copies of the first account's projects.

        `projects` names those to copy, absent: all. After `seconds` of the mock's clock it is
        thrown away, absent: never.
        """
        wanted = {"projects": projects and list(projects), "seconds": seconds}
        return Sandbox(self._remote, self._remote.ask("POST", "/state/sandboxes", wanted))

    def snapshot(self) -> Snapshot:
        """Hold accounts, limits, fault rules with their counts, and the clock, as they are."""
        return Snapshot(self._remote.ask("POST", "/state/snapshots")["id"], self._remote)

    def _projects(self) -> list[Project]:
        return [project for account in self.accounts() for project in account.projects]


def _pair(told: Mapping[str, Any]) -> KeyPair:
    return KeyPair(told["secret_id"], told["secret_key"])
