"""The clocks: freeze, set, advance, resume; the server's, or one of a key's own."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, HTTPException, Query, Response
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StrictBool

from mockserver.admin.bounded import Bounded
from mockserver.admin.refusals import UNREADABLE, refusal
from mockserver.admin.state import NO_KEY, find_key
from mockserver.admin.world import TheWorld
from mockserver.state.clock import MockClock
from mockserver.state.models import SecretId
from mockserver.state.values import FIRST, LAST, Moment

router = APIRouter(tags=["clock"], route_class=Bounded)

MAX_CLOCKS = 1_000

Whose = Annotated[SecretId, Query(description="the SecretId whose clock is meant")]


def _only_text(value: object) -> object:
    if not isinstance(value, str):
        raise ValueError("must be unix seconds or an ISO time")
    return value


Time = Annotated[datetime, BeforeValidator(_only_text)]


class ClockChange(BaseModel):
    """What to do, in this order: freeze, set, advance, run on (`freeze` false)."""

    model_config = ConfigDict(extra="forbid")

    set: Moment | Time | None = Field(None, description="unix seconds, or an ISO time")
    advance: Annotated[float, Field(strict=True, ge=-LAST, le=LAST)] | None = Field(
        None, description="seconds"
    )
    freeze: StrictBool | None = Field(None, description="true stops the clock, false lets it run")


class ClockState(BaseModel):
    """A clock's time, in unix seconds and as ISO time in UTC; `secret_id`: whose clock it is."""

    now: float
    iso: str
    frozen: bool
    secret_id: str | None


@router.get("/clock", responses=NO_KEY)
async def read_clock(world: TheWorld, secret_id: Whose | None = None) -> ClockState:
    """Tell the time that every rule goes by; with a SecretId, the time that its calls go by."""
    if secret_id is not None:
        find_key(world, secret_id)
    return _state(world.clock_of(secret_id or ""))


@router.post(
    "/clock",
    responses={**NO_KEY, **refusal(409, "there are too many clocks"), **UNREADABLE},
)
async def change_clock(
    change: ClockChange, world: TheWorld, secret_id: Whose | None = None
) -> ClockState:
    """Move, freeze or release the clock; times are kept between the years 1970 and 9999.

    With a SecretId that key has a clock of its own from then on, which begins as the one that it
    went by.
    """
    clock = world.clock if secret_id is None else _own_clock(world, secret_id)
    _apply(change, clock)
    return _state(clock)


@router.delete("/clock", status_code=204, responses=NO_KEY)
async def join_clock(world: TheWorld, secret_id: Whose) -> Response:
    """Let a key go by the server's clock again."""
    find_key(world, secret_id)
    world.clocks.join(secret_id)
    return Response(status_code=204)


def _own_clock(world: TheWorld, secret_id: str) -> MockClock:
    find_key(world, secret_id)
    own = world.clocks.own()
    if len(own) >= MAX_CLOCKS and secret_id not in own:
        raise HTTPException(409, f"there are {MAX_CLOCKS} clocks; remove one first")
    return world.clocks.part(secret_id, world.clock_of(secret_id))


def _apply(change: ClockChange, clock: MockClock) -> None:
    if change.freeze:
        clock.freeze()
    if change.set is not None:
        clock.set(_within(_seconds(change.set)))
    if change.advance is not None:
        clock.set(_within(clock.now() + change.advance))
    if change.freeze is False:
        clock.resume()


def _seconds(moment: float | datetime) -> float:
    """Return unix seconds; a time without a zone is UTC."""
    if isinstance(moment, datetime):
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    return moment


def _within(moment: float) -> float:
    return min(max(moment, FIRST), LAST)


def _state(clock: MockClock) -> ClockState:
    now = clock.now()
    return ClockState(
        now=now,
        iso=datetime.fromtimestamp(now, UTC).isoformat(),
        frozen=clock.frozen,
        secret_id=clock.owner or None,
    )
