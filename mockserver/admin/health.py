"""Is it alive, is it ready; and back to the beginning."""

from fastapi import APIRouter, HTTPException, Response
from pydantic import BaseModel

from mockserver import __version__
from mockserver.admin.world import TheWorld
from mockserver.state.seed import SeedError

router = APIRouter(tags=["server"])


class Health(BaseModel):
    """What the server says of itself."""

    status: str
    version: str
    engine: str
    workers: int
    materials: int
    results: str


@router.get("/health/live")
async def live() -> dict[str, str]:
    """Tell that the process answers."""
    return {"status": "live"}


@router.get("/health/ready", responses={503: {"model": Health}})
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
    )


@router.post("/reset", responses={409: {"description": "the seed file has a mistake now"}})
async def reset(world: TheWorld) -> dict[str, str]:
    """Put back accounts, counts, clock and chance as they were at start."""
    try:
        await world.reset()
    except SeedError as error:
        raise HTTPException(409, str(error)) from None
    return {"status": "reset"}
