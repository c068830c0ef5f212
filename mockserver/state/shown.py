"""The state as /_mock shows it: keys without their secrets."""

from pydantic import BaseModel, IPvAnyNetwork

from mockserver.state.models import Billing, Limits, Project


class KeyState(BaseModel):
    """A key as it is shown: without its secrets."""

    secret_id: str
    enabled: bool
    temporary: bool
    expires: float | None
    denied: list[str]
    mfa: bool


class AccountState(BaseModel):
    """An account as it is shown."""

    uin: str
    billing: Billing
    rate: int | None
    ip_allow: list[IPvAnyNetwork] | None
    ip_deny: list[IPvAnyNetwork]
    keys: list[KeyState]
    projects: list[Project]


class State(BaseModel):
    """Everything that a seed file describes, as it is now."""

    limits: Limits
    accounts: list[AccountState]
