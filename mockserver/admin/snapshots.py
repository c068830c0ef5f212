"""Snapshots: the state as it is, to be put back later."""

from typing import Annotated

from fastapi import APIRouter, HTTPException, Path, Response
from pydantic import BaseModel

from mockserver.admin.refusals import INVALID, NO_STORE, Responses, refusal
from mockserver.admin.world import TheWorld
from mockserver.state.snapshot import Snapshot

router = APIRouter(prefix="/state/snapshots", tags=["state"])

MAX_SNAPSHOTS = 20

SnapshotId = Annotated[str, Path(pattern=r"^[A-Za-z0-9_.-]{1,64}$")]
_NO_SNAPSHOT: Responses = {**refusal(404, "no such snapshot"), **INVALID}


class SnapshotMade(BaseModel):
    """A snapshot's id."""

    id: str


@router.post(
    "", status_code=201, responses={**refusal(409, "there are too many snapshots"), **NO_STORE}
)
async def take_snapshot(world: TheWorld) -> SnapshotMade:
    """Hold accounts, limits, rules with their counts, and the clocks, until the next reset."""
    if len(world.snapshots) >= MAX_SNAPSHOTS:
        raise HTTPException(409, f"there are {MAX_SNAPSHOTS} snapshots; remove one first")
    held = Snapshot.of(world.accounts, world.faults, world.clocks)
    await held.read_quotas(world.quotas)
    name = f"snapshot-{world.random.getrandbits(48):012x}"
    world.snapshots[name] = held
    return SnapshotMade(id=name)


@router.post("/{snapshot}/restore", responses={**_NO_SNAPSHOT, **NO_STORE})
async def restore_snapshot(snapshot: SnapshotId, world: TheWorld) -> SnapshotMade:
    """Put the state back as it was held, as often as wanted; the rate windows begin anew."""
    await world.restore(_snapshot(world, snapshot))
    return SnapshotMade(id=snapshot)


@router.delete("/{snapshot}", status_code=204, responses=_NO_SNAPSHOT)
async def remove_snapshot(snapshot: SnapshotId, world: TheWorld) -> Response:
    """Forget a snapshot."""
    _snapshot(world, snapshot)
    del world.snapshots[snapshot]
    world.forget_unused()
    return Response(status_code=204)


def _snapshot(world: TheWorld, name: str) -> Snapshot:
    if name not in world.snapshots:
        raise HTTPException(404, f"there is no snapshot {name}")
    return world.snapshots[name]
