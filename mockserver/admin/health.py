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


@router.get("/health/live")
async def live() -> dict[str, str]:
    """Tell that the process answers."""
    return {"status": "live"}


@router.get("/health/ready", responses={503: {"model": Health, "description": "not ready yet"}})
async def ready(world: TheWorld, response: Response) -> Health:
    """Tell whether calls can be answered: model loaded and warmed, materials prepared."""
    if not world.ready:
        response.status_code = 503
    return Health(
        status="ready" if world.ready else "starting",
        version=__version__,
        engine="mediapipe",
        workers=world.settings.workers,
        materials=sum(1 for _ in world.accounts.materials()),
        results=str(world.settings.results_folder),
        tls=world.tls_url,
    )
