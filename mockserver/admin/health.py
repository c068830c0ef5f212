"""Is it alive, is it ready."""

from fastapi import APIRouter, Response
from pydantic import BaseModel

from mockserver import __version__
from mockserver.admin.world import TheWorld

router = APIRouter(tags=["server"])


class Health(BaseModel):
    """What the server says of itself."""

    status: str
    version: str
    engine: str
    workers: int
    materials: int
    results: str
    tls: str | None  # the base address for HTTPS
    store: str | None  # the address of the one that several servers share


@router.get("/health/live")
async def live() -> dict[str, str]:
    """Tell that the process answers."""
    return {"status": "live"}


@router.get("/health/ready", responses={503: {"model": Health, "description": "not ready"}})
async def ready(world: TheWorld, response: Response) -> Health:
    """Tell whether calls can be answered: model loaded and warmed, materials prepared, hooks run,
    and the store that several servers share, if there is one, within reach.
    """
    status = await _status(world)
    if status != "ready":
        response.status_code = 503
    store = world.valkey.address if world.valkey else None
    return Health(
        status=status,
        version=__version__,
        engine="litert",
        workers=world.settings.workers,
        materials=sum(1 for _ in world.accounts.materials()),
        results=store or str(world.settings.results_folder),
        store=store,
        tls=world.tls_url,
    )


async def _status(world: TheWorld) -> str:
    if not world.ready or world.hooks_pending:
        return "starting"
    if world.valkey and not await world.valkey.is_reachable():
        return "store out of reach"
    return "ready"
