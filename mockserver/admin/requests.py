"""The journal: what was called, and how it ended."""

from itertools import islice
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Query
from pydantic import BaseModel

from mockserver.admin.refusals import INVALID, refusal
from mockserver.admin.world import TheWorld
from mockserver.state.journal import Entry, Filter

router = APIRouter(tags=["requests"])


class Count(BaseModel):
    """How many entries there are."""

    count: int


def _filter(
    action: str | None = None,
    project: str | None = None,
    code: str | None = None,
    key: Annotated[str | None, Query(description="SecretId")] = None,
) -> Filter:
    return Filter(action, project, code, key)


Wanted = Annotated[Filter, Depends(_filter)]


@router.get("/requests", responses=INVALID)
async def list_requests(
    world: TheWorld, wanted: Wanted, limit: Annotated[int, Query(ge=1, le=10_000)] = 100
) -> list[Entry]:
    """Return the latest calls, the last one first."""
    return list(islice(world.journal.select(wanted), limit))


@router.get("/requests/count", responses=INVALID)
async def count_requests(world: TheWorld, wanted: Wanted) -> Count:
    """Count calls."""
    return Count(count=sum(1 for _ in world.journal.select(wanted)))


@router.delete("/requests", responses=INVALID)
async def clear_requests(world: TheWorld, wanted: Wanted) -> Count:
    """Forget every call, or those that the filters admit; return how many there were."""
    return Count(count=world.journal.clear(wanted))


@router.get("/requests/{request_id}", responses={**refusal(404, "no such call"), **INVALID})
async def get_request(request_id: str, world: TheWorld) -> Entry:
    """Return one call, with the diagnosis if it was refused."""
    entry = await world.journal.get(request_id)
    if entry is None:
        raise HTTPException(404, "the journal has no call with this RequestId")
    if diagnosis := world.examiner.examine_after_all(request_id):
        world.journal.await_diagnosis(entry, diagnosis)
        entry = await world.journal.get(request_id) or entry
    return entry
