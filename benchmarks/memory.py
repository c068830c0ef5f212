"""Budget: memory when idle, and whether it and the results stay the same over many requests."""

import hashlib
from pathlib import Path

from benchmarks.proc import resident_mb
from benchmarks.processes import mock_server, run_load
from benchmarks.report import Line
from benchmarks.run import Run

NAME = "memory"
IDLE = 200.0  # MB
GROWTH = 1.05  # what 'flat' is taken to mean
_MARKS = (0.1, 0.5, 1.0)


def measure(run: Run) -> list[Line]:
    """Resident memory right after a default start; then after 10, 50, 100 % of the requests.

    Every user picture is sent many times, each time in another file. Its results must be the same
    to the byte, the first and the last, whatever was fused at the same time.
    """
    total = run.options.requests
    with mock_server(run.results(f"{NAME}-idle")) as target:
        idle = resident_mb(target.pid)
    with mock_server(run.results(NAME), run.seed) as target:
        after, done, failures, different = [], 0, 0, set[bytes]()
        for mark in _MARKS:
            calls = round(mark * total)
            load = run_load(run.fusing(target, first=done, calls=calls - done))
            failures += load.failures
            done = calls
            after.append(resident_mb(target.pid))
            different |= _hashes(run.results(NAME))  # later the oldest make room
    same = _same(len(different), total, min(total, len(run.users)))
    return [_idle(idle), _flat(after, total, failures), same]


def _idle(idle: float) -> Line:
    return Line(
        what="memory, idle",
        measured=f"{idle:.0f} MB",
        baseline=f"{IDLE:.0f} MB",
        ratio=idle / IDLE,
        budget="<= 1",
        met=idle <= IDLE,
        values={"rss_mb": idle},
    )


def _flat(after: list[float], total: int, failures: int) -> Line:
    growth = after[-1] / after[0]
    marks = ", ".join(
        f"{mark:.0%} {rss:.0f}" for mark, rss in zip(_MARKS[1:], after[1:], strict=True)
    )
    return Line(
        what=f"memory over {total} fused requests",
        measured=f"{marks} MB" + (f", {failures} errors" if failures else ""),
        baseline=f"{_MARKS[0]:.0%} {after[0]:.0f} MB",
        ratio=growth,
        budget=f"<= {GROWTH} (flat)",
        met=growth <= GROWTH and not failures,
        values={"rss_mb": after},
    )


def _hashes(results: Path) -> set[bytes]:
    return {hashlib.sha256(file.read_bytes()).digest() for file in results.rglob("*.jpg")}


def _same(different: int, total: int, pictures: int) -> Line:
    return Line(
        what="  different results among them",
        measured=f"{different} of {total}",
        baseline=f"{pictures} user pictures",
        budget="one for each",
        met=different == pictures,
    )
