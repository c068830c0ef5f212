"""Budget: answers without a picture, against a bare FastAPI app under the same load."""

import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median

from benchmarks.load import Plan, Result
from benchmarks.pictures import MATERIAL
from benchmarks.proc import cpu_seconds
from benchmarks.processes import Target, bare_server, plan, run_load
from benchmarks.report import Line
from benchmarks.run import FUSE, Run

NAME = "refusals"
BUDGET = 0.5
_PATIENCE, _REST = 5.0, 0.2  # seconds
_BARE = "bare app"
_UNKNOWN = ("1", MATERIAL)
_SMALL_PICTURE = b"\xff\xd8\xff\xd9"


@dataclass(frozen=True)
class _Slice:
    rate: float  # answers a second
    cpu: float  # ms of the server's CPU an answer
    codes: Mapping[str, int]


def measure(run: Run) -> list[Line]:
    """Round by round every kind of answer, so that all see the same machine."""
    small = run.folder / "small"
    small.mkdir()
    (small / "0.jpg").write_bytes(_SMALL_PICTURE)
    with ExitStack() as stack:
        mock = stack.enter_context(run.server(NAME))
        bare = stack.enter_context(bare_server(run.folder))
        bodies = {"large body": run.pictures, "small body": small}
        return [
            line
            for size, folder in bodies.items()
            for line in _lines(size, _slices(run, _plans(mock, bare, folder)))
        ]


def _plans(mock: Target, bare: Target, folder: Path) -> dict[str, tuple[Target, Plan]]:
    return {
        _BARE: (bare, plan(bare, folder, FUSE)),
        "bad signature": (mock, plan(mock, folder, FUSE, key="not the key")),
        "unknown project": (mock, plan(mock, folder, _UNKNOWN)),
    }


def _slices(run: Run, plans: Mapping[str, tuple[Target, Plan]]) -> dict[str, list[_Slice]]:
    rounds = range(run.options.rounds)
    taken: dict[str, list[_Slice]] = {kind: [] for kind in plans}
    for _ in rounds:
        for kind, (target, what) in plans.items():
            brief = replace(what, seconds=run.options.slice, replay=True)
            taken[kind].append(_slice(target, brief))
    return taken


def _slice(target: Target, what: Plan) -> _Slice:
    before = cpu_seconds(target.pid)
    result: Result = run_load(what)
    answers = len(result.latencies)
    _settle(target.pid)
    taken = cpu_seconds(target.pid) - before
    return _Slice(answers / result.wall, taken * 1000 / answers, result.codes)


def _settle(pid: int) -> None:
    """Wait, within bounds, until a server has done what it put off: it counts as this slice's."""
    patience = time.monotonic() + _PATIENCE
    before = -1.0
    while before != (before := cpu_seconds(pid)) and time.monotonic() < patience:
        time.sleep(_REST)


def _lines(size: str, slices: Mapping[str, list[_Slice]]) -> Iterator[Line]:
    bare = slices[_BARE]
    base, base_cpu = median(each.rate for each in bare), median(each.cpu for each in bare)
    for kind, subject in slices.items():
        if kind == _BARE:
            continue
        rate, cpu = median(each.rate for each in subject), median(each.cpu for each in subject)
        ratio = median(mine.rate / its.rate for mine, its in zip(subject, bare, strict=True))
        yield Line(
            what=f"{kind}, {size}",
            measured=f"{rate:.0f}/s (CPU {cpu:.2f} ms)",
            baseline=f"{_BARE} {base:.0f}/s (CPU {base_cpu:.2f} ms)",
            ratio=ratio,
            budget=f">= {BUDGET}",
            met=ratio >= BUDGET,
            values={"rates": [each.rate for each in subject], "codes": dict(subject[-1].codes)},
        )
