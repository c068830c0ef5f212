"""The clock: freeze, set, advance, resume."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StrictBool

from mockserver.admin.bounded import Bounded
from mockserver.admin.refusals import INVALID, UNREADABLE
from mockserver.admin.world import TheWorld
from mockserver.state.clock import MockClock

router = APIRouter(tags=["clock"], route_class=Bounded)

_FIRST, _LAST = 0.0, 253402300799.0  # 1970 to 9999


def _only_text(value: object) -> object:
    if not isinstance(value, str):
        raise ValueError("must be unix seconds or an ISO time")
    return value


Moment = Annotated[float, Field(strict=True, ge=_FIRST, le=_LAST)]
Time = Annotated[datetime, BeforeValidator(_only_text)]


class ClockChange(BaseModel):
    """What to do, in this order: freeze, set, advance, run on (`freeze` false)."""

    model_config = ConfigDict(extra="forbid")

    set: Moment | Time | None = Field(None, description="unix seconds, or an ISO time")
    advance: Annotated[float, Field(strict=True, ge=-_LAST, le=_LAST)] | None = Field(
        None, description="seconds"
    )
    freeze: StrictBool | None = Field(None, description="true stops the clock, false lets it run")


class ClockState(BaseModel):
    """The clock's time, in unix seconds and as ISO time in UTC."""

    now: float
    iso: str
    frozen: bool


@router.get("/clock")
async def read_clock(world: TheWorld) -> ClockState:
    """Tell the time that every rule goes by."""
    return _state(world.clock)


@router.post("/clock", responses={**INVALID, **UNREADABLE})
async def change_clock(change: ClockChange, world: TheWorld) -> ClockState:
    """Move, freeze or release the clock; times are kept between the years 1970 and 9999."""
    clock = world.clock
    if change.freeze:
        clock.freeze()
    if change.set is not None:
        clock.set(_within(_seconds(change.set)))
    if change.advance is not None:
        clock.set(_within(clock.now() + change.advance))
    if change.freeze is False:
        clock.resume()
    return _state(clock)


def _seconds(moment: float | datetime) -> float:
    """Return unix seconds; a time without a zone is UTC."""
    if isinstance(moment, datetime):
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    return moment


def _within(moment: float) -> float:
    return min(max(moment, _FIRST), _LAST)


def _state(clock: MockClock) -> ClockState:
    now = clock.now()
    return ClockState(
        now=now, iso=datetime.fromtimestamp(now, UTC).isoformat(), frozen=clock.frozen
    )
