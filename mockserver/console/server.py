"""What concerns the whole server: its status on every page, and the way back to the start."""

from fastapi import APIRouter, Request, Response

from mockserver.admin import reset
from mockserver.admin.world import TheWorld
from mockserver.console.page import ConsoleRoute, back, render

router = APIRouter(route_class=ConsoleRoute)


@router.get("/status")
async def status(request: Request) -> Response:
    """Return the status alone."""
    return render(request, "status.html")


@router.post("/reset")
async def start_over(world: TheWorld) -> Response:
    """Put the server back to its start."""
    await reset.reset(world)
    return back("/calls")
