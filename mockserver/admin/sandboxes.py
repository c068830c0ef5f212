"""Sandboxes: an account for each test suite, so that many run at once on one server."""

from typing import Annotated

from fastapi import APIRouter, HTTPException, Response
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from mockserver.admin.bounded import Bounded
from mockserver.admin.refusals import NO_STORE, refusal
from mockserver.admin.state import CHANGE, NO_ACCOUNT, Uin, current
from mockserver.admin.world import TheWorld
from mockserver.state.accounts import TakenError
from mockserver.state.keys import new_key
from mockserver.state.models import Account, Identifier, Project
from mockserver.state.sandbox import Copied, copy_project, is_taken
from mockserver.state.valkey import StoreError
from mockserver.state.values import whole

router = APIRouter(prefix="/state/sandboxes", tags=["state"], route_class=Bounded)

MAX_SANDBOXES = 1_000
MAX_SECONDS = 30 * 86_400


class NewSandbox(BaseModel):
    """Which of the first account's projects to copy, absent: all; and for how many seconds."""

    model_config = ConfigDict(extra="forbid", strict=True)
    projects: Annotated[list[Identifier], Field(max_length=1000)] | None = None
    seconds: Annotated[int, Field(ge=1, le=MAX_SECONDS), BeforeValidator(whole)] | None = None


class SandboxProject(BaseModel):
    """A project's copy: its id, and its materials' new ids by the original ones."""

    id: str
    materials: dict[str, str]


class Sandbox(BaseModel):
    """An account of one's own, with its key pair, and its projects by the original ids."""

    uin: str
    secret_id: str
    secret_key: str
    expires: float | None
    projects: dict[str, SandboxProject]


@router.post(
    "",
    status_code=201,
    responses={
        **refusal(404, "no such project"),
        **refusal(409, "there are too many sandboxes"),
        **CHANGE,
        **NO_STORE,
    },
)
async def make_sandbox(world: TheWorld, wanted: NewSandbox | None = None) -> Sandbox:
    """Make an account with a key pair and copies of the first account's projects, as they are.

    Rates, quotas and states are its own; so are rules with its SecretId as `match.secret_id`, and
    its part of the journal (`key=`). When its seconds are over, by the server's clock, it is
    thrown away.
    """
    wanted = wanted or NewSandbox()
    world.sweep()
    if len(world.accounts.sandboxes) >= MAX_SANDBOXES:
        raise HTTPException(409, f"there are {MAX_SANDBOXES} sandboxes")
    originals = await current(world, _originals(world, wanted.projects))
    copies = {one.id: _copied(world, one) for one in originals}
    account = await _opened(world, [copied.project for copied in copies.values()], wanted.seconds)
    return Sandbox(
        uin=account.uin,
        secret_id=account.keys[0].secret_id,
        secret_key=account.keys[0].secret_key,
        expires=world.accounts.sandboxes[account.uin],
        projects={name: _shown(copied) for name, copied in copies.items()},
    )


@router.delete(
    "/{uin}",
    status_code=204,
    responses={**NO_ACCOUNT, **refusal(409, "it is the last account")},
)
async def remove_sandbox(uin: Uin, world: TheWorld) -> Response:
    """Throw a sandbox away: its account, its rules, and what the journal has of it."""
    account = world.accounts.by_uin(uin)
    if account is None or uin not in world.accounts.sandboxes:
        raise HTTPException(404, f"there is no sandbox {uin}")
    if len(world.accounts.all()) == 1:
        raise HTTPException(409, "the last account stays")
    world.discard(account)
    return Response(status_code=204)


def _originals(world: TheWorld, wanted: list[str] | None) -> list[Project]:
    """Return the first account's projects that are wanted, each once."""
    account = world.accounts.any()
    if wanted is None:
        return account.projects
    found = {name: world.accounts.project(account, name) for name in wanted}
    for name, project in found.items():
        if project is None:
            raise HTTPException(404, f"there is no project {name} of account {account.uin}")
    return [project for project in found.values() if project]


def _copied(world: TheWorld, original: Project) -> Copied:
    copied = copy_project(original, world.accounts.free_project_id())
    while is_taken(copied, world.accounts):
        copied = copy_project(original, world.accounts.free_project_id())
    return copied


async def _opened(world: TheWorld, projects: list[Project], seconds: int | None) -> Account:
    """Add an account with a fresh key pair, for some seconds or without end."""
    account = Account(
        uin=world.accounts.free_uin(), keys=[new_key(world.random)], projects=projects
    )
    try:
        world.accounts.add(account)
        await world.quotas.put(projects)
    except TakenError as error:
        raise HTTPException(409, str(error)) from None
    except StoreError:
        world.accounts.remove(account)
        raise
    end = None if seconds is None else world.clock.now() + seconds
    world.accounts.sandboxes[account.uin] = end
    return account


def _shown(copied: Copied) -> SandboxProject:
    return SandboxProject(id=copied.project.id, materials=copied.materials)
