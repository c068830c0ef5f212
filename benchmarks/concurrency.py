"""Many calls at once, and a server that is killed in the midst of them."""

import signal
import time
from dataclasses import replace
from pathlib import Path

from benchmarks.load import FUSED, LOST, Result
from benchmarks.pictures import LIMITED_MATERIAL, LIMITED_PROJECT
from benchmarks.proc import peak_mb
from benchmarks.processes import finish_load, mock_server, plan, run_load, start_load
from benchmarks.report import Line
from benchmarks.run import Run
from mockserver.errors import ApiError, catalogue
from mockserver.imaging.codec import decode, read_header

NAME = "concurrency"
_CONNECTIONS = 100
_KILL_AFTER = 1.5  # seconds of load


def measure(run: Run) -> list[Line]:
    """A burst without and one with the documented rate limit; then the kill."""
    return [*_bursts(run), *_kill(run)]


def _bursts(run: Run) -> list[Line]:
    calls = run.options.burst
    results = run.results(NAME)
    with mock_server(results, run.seed) as target:
        free = run_load(run.fusing(target, calls=calls, connections=_CONNECTIONS))
        peak, stored = peak_mb(target.pid), _files(results)
        limited = (LIMITED_PROJECT, LIMITED_MATERIAL)
        held = run_load(
            replace(plan(target, run.pictures, limited), calls=calls, connections=_CONNECTIONS)
        )
        both = len(_files(results)) - len(stored)
    return [
        _burst("no rate limit", free, calls, len(stored)),
        _burst("50 calls a second", held, calls, both),
        Line(what="  peak memory of the first burst", measured=f"{peak:.0f} MB"),
    ]


def _burst(limit: str, result: Result, calls: int, stored: int) -> Line:
    known = {FUSED, *catalogue()}
    strange = {code: count for code, count in result.codes.items() if code not in known}
    answered = sum(result.codes.values())
    fused = result.codes.get(FUSED, 0)
    shown = ", ".join(f"{count} {code}" for code, count in sorted(result.codes.items()))
    return Line(
        what=f"{calls} calls, {_CONNECTIONS} connections, {limit}",
        measured=shown,
        baseline=f"{stored} files stored",
        budget="all fused or documented",
        met=not strange and answered == calls and stored == fused,
        values={"codes": result.codes, "stored": stored},
    )


def _kill(run: Run) -> list[Line]:
    results = run.results(f"{NAME}-kill")
    lost = _kill_in_the_midst(run, results)
    files, parts = _files(results), len(_parts(results))
    torn = [file.name for file in files if not _whole(file)]
    with mock_server(results, run.seed):
        left = len(_parts(results))
    return [
        Line(
            what="kill -9 under load: torn results",
            measured=f"{len(torn)} of {len(files)} files",
            baseline=f"{lost} connections lost",
            budget="0",
            met=bool(files) and not torn,
        ),
        Line(
            what="  unfinished files",
            measured=f"{left} after the next start",
            baseline=f"{parts} after the kill",
            budget="0",
            met=left == 0,
        ),
    ]


def _kill_in_the_midst(run: Run, results: Path) -> int:
    """Kill a server under load; how many connections that broke."""
    with mock_server(results, run.seed) as target:
        client = start_load(run.fusing(target, seconds=20.0))
        _wait_for_files(results, 1)
        time.sleep(_KILL_AFTER)
        target.process.send_signal(signal.SIGKILL)
        return finish_load(client).codes.get(LOST, 0)


def _wait_for_files(results: Path, count: int) -> None:
    patience = time.monotonic() + 20
    while len(_files(results)) < count and time.monotonic() < patience:
        time.sleep(0.02)


def _files(results: Path) -> list[Path]:
    return list(results.glob("*.jpg"))


def _parts(results: Path) -> list[Path]:
    return list(results.glob("*.part"))


def _whole(file: Path) -> bool:
    data = file.read_bytes()
    try:
        decode(data, read_header(data))
    except ApiError:
        return False
    return True
