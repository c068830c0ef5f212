"""The mock's clock as a test moves it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mockserver.remote import Remote

Moment = float | str | datetime  # unix seconds, or an ISO time; without a zone it is UTC


class Clock:
    """The time that every rule of the mock goes by, or every rule for one key's calls.

    The SDKs sign with their own clock: more than 300 seconds from it, and the mock answers
    `AuthFailure.SignatureExpire`, as the service does.
    """

    def __init__(self, remote: Remote, secret_id: str | None = None) -> None:
        """With a SecretId, the time that this key's calls go by; moving it gives it a clock."""
        self._remote = remote
        self._whose = secret_id

    @property
    def now(self) -> float:
        """The mock's time, in unix seconds."""
        return float(self._told()["now"])

    @property
    def is_frozen(self) -> bool:
        """Whether it stands still."""
        return bool(self._told()["frozen"])

    def freeze(self, at: Moment | None = None) -> None:
        """Stand still from now on, at another moment if it is given."""
        self._change(freeze=True, **({} if at is None else {"set": _plain(at)}))

    def set(self, moment: Moment) -> None:
        """Make it this moment; it runs on, unless it stands still."""
        self._change(set=_plain(moment))

    def advance(self, by: float | timedelta) -> None:
        """Move on by seconds, back when negative."""
        self._change(advance=by.total_seconds() if isinstance(by, timedelta) else by)

    def resume(self) -> None:
        """Run on from the moment shown."""
        self._change(freeze=False)

    def _told(self) -> Any:
        return self._remote.ask("GET", "/clock", secret_id=self._whose)

    def _change(self, **change: Any) -> None:
        self._remote.ask("POST", "/clock", change, secret_id=self._whose)


def _plain(moment: Moment) -> float | str:
    return moment.isoformat() if isinstance(moment, datetime) else moment
