"""The clock as a page: freeze, set, advance, run on."""

from typing import Annotated, Literal

from fastapi import APIRouter, Form, Request, Response
from pydantic import BaseModel

from mockserver.admin.clock import ClockChange, change_clock, read_clock
from mockserver.admin.world import TheWorld
from mockserver.console.page import ConsoleRoute, back, render

router = APIRouter(prefix="/clock", route_class=ConsoleRoute)


class ClockForm(BaseModel):
    """What was pressed or written: one of these."""

    run: Literal["freeze", "resume"] | None = None
    advance: float | None = None
    set: str | None = None


@router.get("")
async def clock(request: Request, world: TheWorld) -> Response:
    """Show the time."""
    return render(request, "clock.html", clock=await read_clock(world))


@router.get("/now")
async def now(request: Request, world: TheWorld) -> Response:
    """Return the time alone."""
    return render(request, "clock_now.html", clock=await read_clock(world))


@router.post("")
async def change(form: Annotated[ClockForm, Form()], world: TheWorld) -> Response:
    """Do what was asked for."""
    freeze = None if form.run is None else form.run == "freeze"
    await change_clock(ClockChange(freeze=freeze, advance=form.advance, set=form.set), world)
    return back("/clock")
