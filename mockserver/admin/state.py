"""Accounts and keys: read and changed while the server runs."""

from itertools import islice
from typing import Annotated

from fastapi import APIRouter, HTTPException, Path, Response
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
)

from mockserver.admin.bounded import Bounded
from mockserver.admin.refusals import INVALID, NO_STORE, UNREADABLE, refusal
from mockserver.admin.world import TheWorld
from mockserver.state.accounts import TakenError
from mockserver.state.keys import new_key, temporary_key
from mockserver.state.models import Account, Billing, Key, Limits, Project, Rate
from mockserver.state.shown import AccountState, KeyState, State
from mockserver.state.values import Network, whole

router = APIRouter(prefix="/state", tags=["state"], route_class=Bounded)

MAX_SECONDS = 129_600  # 36 hours, the longest that the real token service issues

Uin = Annotated[str, Path(pattern=r"^[0-9]{1,20}$")]
SecretIdInPath = Annotated[str, Path(pattern=r"^AKID[A-Za-z0-9_-]{1,124}$")]
Action = Annotated[str, Field(pattern=r"^[A-Za-z0-9]{1,64}$")]
ActionOrAll = Annotated[str, Field(pattern=r"^([A-Za-z0-9]{1,64}|\*)$")]
NO_ACCOUNT = {**refusal(404, "no such account"), **INVALID}
NO_KEY = {**refusal(404, "no such key"), **INVALID}
_TAKEN = refusal(409, "the id is taken, or there are too many accounts")
CHANGE = {**INVALID, **UNREADABLE}


WholeRate = Annotated[Rate, BeforeValidator(whole)]


class Change(BaseModel):
    """The fields of something that may be changed; those that are sent take effect."""

    model_config = ConfigDict(extra="forbid", strict=True)

    def apply(self, target: BaseModel) -> None:
        """Set what was sent, all of it valid already."""
        for name in self.model_fields_set:
            setattr(target, name, getattr(self, name))


class AccountChange(Change):
    """What can be changed of an account; null takes a limit away."""

    billing: Billing = "normal"
    rate: WholeRate | None = None
    ip_allow: list[Network] | None = None
    ip_deny: list[Network] = []


class NewAccount(AccountChange):
    """An account to be made, with a fresh key pair."""

    uin: Annotated[str, Field(pattern=r"^[0-9]{1,20}$")]


class KeyChange(Change):
    """What can be changed of a key."""

    enabled: bool = True
    denied: list[ActionOrAll] = []
    mfa: bool = False


class LimitsChange(Change):
    """Limits by address and by action; null takes one away."""

    ip: WholeRate | None = None
    actions: Annotated[
        dict[Action, WholeRate], Field(json_schema_extra={"additionalProperties": False})
    ] = {}


class Pair(BaseModel):
    """A fresh key pair, shown this once."""

    secret_id: str
    secret_key: str


class TemporaryRequest(BaseModel):
    """How long a temporary key is valid, in seconds."""

    model_config = ConfigDict(extra="forbid", strict=True)
    seconds: Annotated[int, BeforeValidator(whole), Field(ge=1, le=MAX_SECONDS)] = 1800


class TemporaryPair(BaseModel):
    """A temporary key, named as the token service does."""

    TmpSecretId: str
    TmpSecretKey: str
    Token: str
    ExpiredTime: int


@router.get("", responses=NO_STORE)
async def read_state(world: TheWorld) -> State:
    """Return accounts with their keys, projects and materials, and the limits."""
    world.sweep()
    accounts = world.accounts.all()
    projects = iter(await current(world, [one for owner in accounts for one in owner.projects]))
    return State(
        limits=world.accounts.limits,
        accounts=[
            _shown(account, list(islice(projects, len(account.projects)))) for account in accounts
        ],
    )


@router.patch("/limits", responses=CHANGE)
async def change_limits(change: LimitsChange, world: TheWorld) -> Limits:
    """Change the limits by address and by action."""
    change.apply(world.accounts.limits)
    return world.accounts.limits


@router.post("/accounts", status_code=201, responses={**_TAKEN, **CHANGE})
async def add_account(new: NewAccount, world: TheWorld) -> Pair:
    """Make an account with one key pair and no projects."""
    key = new_key(world.random)
    account = Account(uin=new.uin, keys=[key])
    new.apply(account)
    try:
        world.accounts.add(account)
    except TakenError as error:
        raise HTTPException(409, str(error)) from None
    return Pair(secret_id=key.secret_id, secret_key=key.secret_key)


@router.patch("/accounts/{uin}", responses={**NO_ACCOUNT, **CHANGE, **NO_STORE})
async def change_account(uin: Uin, change: AccountChange, world: TheWorld) -> AccountState:
    """Change an account's billing state, rate and addresses."""
    account = find_account(world, uin)
    projects = await current(world, account.projects)
    change.apply(account)
    return _shown(account, projects)


@router.delete(
    "/accounts/{uin}",
    status_code=204,
    responses={**NO_ACCOUNT, **refusal(409, "it is the last account")},
)
async def remove_account(uin: Uin, world: TheWorld) -> Response:
    """Forget an account with its keys and projects; the last one stays."""
    account = find_account(world, uin)
    if len(world.accounts.all()) == 1:
        raise HTTPException(409, "the last account stays")
    world.accounts.remove(account)
    world.forget_unused()
    return Response(status_code=204)


@router.post("/accounts/{uin}/keys", status_code=201, responses=NO_ACCOUNT)
async def add_key(uin: Uin, world: TheWorld) -> Pair:
    """Give an account one more key pair."""
    account, key = find_account(world, uin), new_key(world.random)
    world.accounts.add_key(account, key)
    return Pair(secret_id=key.secret_id, secret_key=key.secret_key)


@router.patch("/keys/{secret_id}", responses={**NO_KEY, **CHANGE})
async def change_key(secret_id: SecretIdInPath, change: KeyChange, world: TheWorld) -> KeyState:
    """Disable or enable a key, deny it actions (`*`: all), demand a second factor."""
    _, key = find_key(world, secret_id)
    change.apply(key)
    return _shown_key(key)


@router.delete("/keys/{secret_id}", status_code=204, responses=NO_KEY)
async def remove_key(secret_id: SecretIdInPath, world: TheWorld) -> Response:
    """Forget a key."""
    world.accounts.remove_key(*find_key(world, secret_id))
    world.forget_unused()
    return Response(status_code=204)


@router.post("/keys/{secret_id}/temporary", status_code=201, responses={**NO_KEY, **CHANGE})
async def issue_temporary_key(
    secret_id: SecretIdInPath, world: TheWorld, wanted: TemporaryRequest | None = None
) -> TemporaryPair:
    """Issue a temporary key with a token; it has the rights of this key."""
    account, parent = find_key(world, secret_id)
    expires = world.clock_of(secret_id).now() + (wanted or TemporaryRequest()).seconds
    key = temporary_key(parent, expires=expires, random=world.random)
    world.accounts.add_key(account, key)
    return TemporaryPair(
        TmpSecretId=key.secret_id,
        TmpSecretKey=key.secret_key,
        Token=key.token or "",
        ExpiredTime=int(expires),
    )


def find_account(world: TheWorld, uin: str) -> Account:
    """Return an account. Raises HTTPException 404."""
    account = world.accounts.by_uin(uin)
    if account is None:
        raise HTTPException(404, f"there is no account {uin}")
    return account


def find_key(world: TheWorld, secret_id: str) -> tuple[Account, Key]:
    """Return a key and its account. Raises HTTPException 404."""
    found = world.accounts.by_secret_id(secret_id)
    if found is None:
        raise HTTPException(404, f"there is no key {secret_id}")
    return found


async def current(world: TheWorld, projects: list[Project]) -> list[Project]:
    """Return projects as they are, with what they have left now. Raises StoreError."""
    lefts = await world.quotas.left(projects)
    return [
        project.model_copy(update={"quota": left})
        for project, left in zip(projects, lefts, strict=True)
    ]


def _shown(account: Account, projects: list[Project]) -> AccountState:
    return AccountState(
        uin=account.uin,
        billing=account.billing,
        rate=account.rate,
        ip_allow=account.ip_allow,
        ip_deny=account.ip_deny,
        keys=[_shown_key(key) for key in account.keys],
        projects=projects,
    )


def _shown_key(key: Key) -> KeyState:
    return KeyState(
        secret_id=key.secret_id,
        enabled=key.enabled,
        temporary=key.token is not None,
        expires=key.expires,
        denied=key.denied,
        mfa=key.mfa,
    )
