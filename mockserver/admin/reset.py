"""Back to the beginning."""

from fastapi import APIRouter, HTTPException

from mockserver.admin.refusals import NO_STORE, refusal
from mockserver.admin.world import TheWorld
from mockserver.state.seed import SeedError

router = APIRouter(tags=["server"])


@router.post("/reset", responses={**refusal(409, "the seed file has a mistake now"), **NO_STORE})
async def reset(world: TheWorld) -> dict[str, str]:
    """Put back accounts, counts, clock and chance as they were at start; empty the journal."""
    try:
        await world.reset()
    except SeedError as error:
        raise HTTPException(409, str(error)) from None
    return {"status": "reset"}
