"""Budget: the server's processor time for one fused request, against the floor."""

from dataclasses import dataclass
from statistics import median

from benchmarks.floor import OURS, STEPS
from benchmarks.proc import cpu_seconds
from benchmarks.processes import Target, run_load
from benchmarks.report import Line
from benchmarks.run import Run

NAME = "one-request"
BUDGET = 1.2
_BATCH = 48  # pictures of a round; /proc counts in 10 ms


@dataclass(frozen=True)
class _Round:
    server: float  # ms a picture
    floor: float
    failures: int

    @property
    def ratio(self) -> float:
        return self.server / self.floor


def measure(run: Run) -> list[Line]:
    """Alternate floor and server over the same pictures; one call at a time."""
    with run.server(NAME) as target:
        rounds = [_round(run, target, number) for number in range(run.options.rounds)]
        again = _again(run, target)
    steps = run.floor_steps()
    detail = ", ".join(f"{step} {steps[step]:.1f}" for step in STEPS)
    ratio = median(each.ratio for each in rounds)
    server, floor = median(r.server for r in rounds), median(r.floor for r in rounds)
    failures = sum(each.failures for each in rounds)
    line = Line(
        what="one fused request, server CPU",
        measured=f"{server:.1f} ms" + (f", {failures} errors" if failures else ""),
        baseline=f"floor {floor:.1f} ms ({detail})",
        ratio=ratio,
        budget=f"<= {BUDGET}",
        met=ratio <= BUDGET and not failures,
        values={"server_ms": [r.server for r in rounds], "floor_ms": [r.floor for r in rounds]},
    )
    return [line, _lowered(steps), _warm(again, server)]


def _lowered(steps: dict[str, float]) -> Line:
    floor = sum(steps[step] for step in STEPS)
    lowered = floor - steps["landmarks"] + steps[OURS]
    return Line(
        what="  the floor with our own landmarks",
        measured=f"{lowered:.1f} ms ({OURS} {steps[OURS]:.1f})",
        baseline=f"floor {floor:.1f} ms",
        ratio=lowered / floor,
    )


def _warm(again: float, server: float) -> Line:
    return Line(
        what="  the same picture again",
        measured=f"{again:.1f} ms",
        baseline=f"a new picture {server:.1f} ms",
        ratio=again / server,
        values={"again_ms": again},
    )


def _again(run: Run, target: Target) -> float:
    """Milliseconds of the server's processor time for a picture whose face is known."""
    before = cpu_seconds(target.pid)
    run_load(run.fusing(target, connections=1, calls=_BATCH, replay=True))
    return (cpu_seconds(target.pid) - before) * 1000 / _BATCH


def _round(run: Run, target: Target, number: int) -> _Round:
    count = min(_BATCH, len(run.users))
    first = (number + 1) * count  # the first faces are known since the server was warmed
    files = [run.users[serial % len(run.users)] for serial in range(first, first + count)]
    floor = run.measure_floor(files)
    before = cpu_seconds(target.pid)
    result = run_load(run.fusing(target, connections=1, calls=count, first=first))
    taken = (cpu_seconds(target.pid) - before) * 1000 / count
    return _Round(taken, floor, result.failures)
