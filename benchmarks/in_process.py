"""Budgets: MockServer() ready in a test's own process; what the imports before it take."""

import subprocess
import sys
from statistics import median

from benchmarks.processes import environment
from benchmarks.report import Line
from benchmarks.run import Run

NAME = "in-process"
BUDGET, IMPORT_BUDGET = 2.0, 0.15  # seconds

# Each is run in a fresh Python and prints seconds, of the clock and of the processor.
_MEASURED = """
from time import perf_counter, process_time
begun, used = perf_counter(), process_time()
{statement}
print(perf_counter() - begun, process_time() - used)
"""
_FIRST = "from mockserver.testing import MockServer; MockServer().start()"
_SECOND = f"{_FIRST}; begun, used = perf_counter(), process_time(); MockServer().start()"


def measure(run: Run) -> list[Line]:
    """The first server of a process, imports and all; a second one beside it; the imports."""
    return [
        _line(run, "MockServer() in a fresh process", _FIRST, BUDGET),
        _line(run, "  a second one beside it", _SECOND, None),
        _line(run, "import mockserver", "import mockserver", IMPORT_BUDGET),
        _line(run, "import mockserver.testing", "import mockserver.testing", None),
    ]


def _line(run: Run, what: str, statement: str, budget: float | None) -> Line:
    """Measure some rounds; the one before them only warms the disk."""
    pairs = [_seconds(run, statement) for _ in range(run.options.rounds + 1)][1:]
    seconds, used = median(pair[0] for pair in pairs), median(pair[1] for pair in pairs)
    return Line(
        what=what,
        measured=f"{_shown(seconds)} (CPU {_shown(used)})",
        budget="" if budget is None else f"<= {budget} s",
        met=None if budget is None else seconds <= budget,
        values={"seconds": pairs},
    )


def _shown(seconds: float) -> str:
    return f"{seconds:.2f} s" if seconds >= 0.1 else f"{seconds * 1000:.1f} ms"


def _seconds(run: Run, statement: str) -> tuple[float, float]:
    done = subprocess.run(
        (sys.executable, "-c", _MEASURED.format(statement=statement)),
        env=environment(run.results(NAME)),
        capture_output=True,
        text=True,
        check=True,
    )
    waited, used = map(float, done.stdout.split())
    return waited, used
