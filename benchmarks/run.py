"""One run: its options, its folder, its pictures, and the floor that its items share."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.floor import STEPS
from benchmarks.load import Plan
from benchmarks.pictures import MATERIAL, PROJECT, make_seed, make_users
from benchmarks.processes import FloorProcess, Target, mock_server, plan, run_load

FUSE = (PROJECT, MATERIAL)


@dataclass(frozen=True)
class Options:
    """How long and how much."""

    seconds: float = 60.0
    requests: int = 2000
    rounds: int = 5
    pictures: int = 200
    burst: int = 500  # calls
    slice: float = 2.0  # seconds of one round of refusals


@dataclass
class Run:
    """What every item is given."""

    options: Options
    folder: Path
    seed: Path
    users: list[Path]
    floor: FloorProcess
    floors: list[dict[str, float]] = field(default_factory=list)

    @property
    def pictures(self) -> Path:
        """The folder of user pictures."""
        return self.users[0].parent

    def measure_floor(self, files: list[Path]) -> float:
        """Milliseconds of processor time a picture, all steps; remembered for the others."""
        steps = self.floor.measure(files)
        self.floors.append(steps)
        return sum(steps[step] for step in STEPS)

    def floor_steps(self) -> dict[str, float]:
        """The median of each step over all that was measured in this run."""
        return {step: median(one[step] for one in self.floors) for step in self.floors[0]}

    @contextmanager
    def server(self, name: str) -> Iterator[Target]:
        """A mock server that has fused a few pictures already; its results are in `name`."""
        with mock_server(self.results(name), self.seed) as target:
            run_load(self.fusing(target, calls=16))
            yield target

    def results(self, name: str) -> Path:
        """The results folder of the server of that name."""
        return self.folder / name

    def fusing(self, target: Target, **changes: Any) -> Plan:
        """A load of fused pictures."""
        return replace(plan(target, self.pictures, FUSE), **changes)


@contextmanager
def prepared(options: Options) -> Iterator[Run]:
    """A run with its folder, which goes at the end."""
    folder = Path(tempfile.mkdtemp(prefix="facefusion-bench-"))
    floor = None
    try:
        seed = make_seed(folder)
        users = make_users(folder / "users", options.pictures)
        floor = FloorProcess(folder / "material.jpg")
        floor.measure(users[:8])  # the first pictures are slower
        yield Run(options, folder, seed, users, floor)
    finally:
        if floor:
            floor.close()
        shutil.rmtree(folder, ignore_errors=True)
