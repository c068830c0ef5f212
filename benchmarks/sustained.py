"""Budget: pictures a second under lasting load, and how evenly they come."""

from dataclasses import dataclass
from statistics import median, quantiles

from benchmarks.load import FUSED, Result
from benchmarks.machine import cores
from benchmarks.proc import busy_seconds, cpu_seconds
from benchmarks.processes import run_load
from benchmarks.report import Line
from benchmarks.run import Run

NAME = "sustained"
SHARE, LEAST, SPREAD = 0.85, 50.0, 2.5
_FLOOR_BATCH = 48


@dataclass(frozen=True)
class _Load:
    result: Result
    server_cpu: float  # seconds
    machine_cpu: float
    floor: float  # ms of CPU a picture

    @property
    def rate(self) -> float:
        return len(self.result.latencies) / self.result.wall

    @property
    def others(self) -> float:
        """Cores that were busy with neither server nor load client."""
        return (self.machine_cpu - self.server_cpu - self.result.cpu) / self.result.wall

    def per_picture(self, seconds: float) -> float:
        return seconds * 1000 / max(1, len(self.result.latencies))


def measure(run: Run) -> list[Line]:
    """Eight connections; the floor is taken right before and right after."""
    batch = run.users[:_FLOOR_BATCH]
    with run.server(NAME) as target:
        floors = [run.measure_floor(batch)]
        server, machine = cpu_seconds(target.pid), busy_seconds()
        result = run_load(run.fusing(target, seconds=run.options.seconds, first=10**6))
        machine, server = busy_seconds() - machine, cpu_seconds(target.pid) - server
        floors.append(run.measure_floor(batch))
    load = _Load(result, server, machine, median(floors))
    return [*_rates(load), *_evenness(load), *_processor_time(load)]


def _rates(load: _Load) -> list[Line]:
    most = cores() * 1000 / load.floor
    left = most * (1 - load.others / cores())
    return [
        _rate(load, "sustained load, 8 connections", "cores / floor", most, SHARE),
        _rate(load, "  against the cores that others left", "cores left / floor", left, None),
        _rate(load, "  against the documented rate", "documented", LEAST, 1.0),
    ]


def _rate(load: _Load, what: str, name: str, baseline: float, budget: float | None) -> Line:
    ratio = load.rate / baseline
    return Line(
        what=what,
        measured=f"{load.rate:.1f}/s over {load.result.wall:.0f} s",
        baseline=f"{name} {baseline:.1f}/s",
        ratio=ratio,
        budget="" if budget is None else f">= {budget:g}",
        met=None if budget is None else ratio >= budget,
        values={"rate": load.rate, "baseline": baseline},
    )


def _evenness(load: _Load) -> list[Line]:
    cuts = quantiles(load.result.latencies, n=100)
    p50, p99 = cuts[49] * 1000, cuts[98] * 1000
    errors = {code: count for code, count in load.result.codes.items() if code != FUSED}
    return [
        Line(
            what="  p99 against p50",
            measured=f"{p99:.0f} ms",
            baseline=f"{p50:.0f} ms",
            ratio=p99 / p50,
            budget=f"<= {SPREAD}",
            met=p99 / p50 <= SPREAD,
            values={"latencies": cuts},
        ),
        Line(
            what="  errors",
            measured=str(errors or 0),
            baseline=f"{len(load.result.latencies)} calls",
            budget="0",
            met=not errors,
            values={"codes": load.result.codes},
        ),
    ]


def _processor_time(load: _Load) -> list[Line]:
    server, client = load.per_picture(load.server_cpu), load.per_picture(load.result.cpu)
    return [
        Line(
            what="  server CPU a picture",
            measured=f"{server:.1f} ms",
            baseline=f"floor {load.floor:.1f} ms",
            ratio=server / load.floor,
            values={"server_ms": server},
        ),
        Line(
            what="  load client CPU a picture",
            measured=f"{client:.2f} ms",
            values={"client_ms": client},
        ),
        Line(
            what="  cores busy with other programs",
            measured=f"{load.others:.2f}",
            baseline=f"{cores()} cores",
            ratio=load.others / cores(),
            values={"others": load.others},
        ),
    ]
