"""The clocks as a page: freeze, set, advance, run on; the server's, or one of a key's own."""

from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Request, Response
from pydantic import BaseModel

from mockserver.admin import clock as api
from mockserver.admin.world import TheWorld
from mockserver.console.page import ConsoleRoute, back, render
from mockserver.state.models import SecretId
from mockserver.world import World

router = APIRouter(prefix="/clock", route_class=ConsoleRoute)

_SHOWN = 100  # clocks


class ClockForm(BaseModel):
    """What was pressed or written, one of these; and whose clock is meant, empty: the server's."""

    run: Literal["freeze", "resume"] | None = None
    advance: float | None = None
    set: str | None = None
    secret_id: SecretId | None = None


class JoinForm(BaseModel):
    """The key that is to go by the server's clock again."""

    secret_id: SecretId


@router.get("")
async def clock(request: Request, world: TheWorld, secret_id: api.Whose | None = None) -> Response:
    """Show the time, and which keys have one of their own."""
    own = [(name, await api.read_clock(world, name)) for name in list(world.clocks.own())[:_SHOWN]]
    return render(request, "clock.html", own=own, **await _shown(world, secret_id))


@router.get("/now")
async def now(request: Request, world: TheWorld, secret_id: api.Whose | None = None) -> Response:
    """Return the time alone."""
    return render(request, "clock_now.html", **await _shown(world, secret_id))


@router.post("")
async def change(form: Annotated[ClockForm, Form()], world: TheWorld) -> Response:
    """Do what was asked for."""
    freeze = None if form.run is None else form.run == "freeze"
    wanted = {"freeze": freeze, "advance": form.advance, "set": form.set}
    await api.change_clock(api.ClockChange.model_validate(wanted), world, form.secret_id)
    return back(f"/clock{_query(form.secret_id)}")


@router.post("/join")
async def join(form: Annotated[JoinForm, Form()], world: TheWorld) -> Response:
    """Let a key go by the server's clock again."""
    await api.join_clock(world, form.secret_id)
    return back("/clock")


async def _shown(world: World, secret_id: str | None) -> dict[str, Any]:
    clock = await api.read_clock(world, secret_id)
    return {"clock": clock, "secret_id": secret_id or "", "query": _query(secret_id)}


def _query(secret_id: str | None) -> str:
    return f"?{urlencode({'secret_id': secret_id})}" if secret_id else ""
