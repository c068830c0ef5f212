"""What a developer must know on every page: a clock that was moved, rules that are in force."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime

from mockserver.world import World

_NOTICED = 2.0  # seconds: a smaller difference is no one's doing


@dataclass(frozen=True)
class Status:
    """The clock's time and state, and how many fault rules are switched on."""

    now: str
    frozen: bool
    moved: bool
    rules: int


def of(world: World) -> Status:
    """Return a world's status."""
    now = world.clock.now()
    return Status(
        now=utc(now),
        frozen=world.clock.frozen,
        moved=abs(now - time.time()) > _NOTICED,
        rules=sum(entry.rule.enabled for _, entry in world.faults.items()),
    )


def utc(moment: float) -> str:
    """Return a time as it is shown, in UTC."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%d %H:%M:%S")
