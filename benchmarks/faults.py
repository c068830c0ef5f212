"""What fault rules cost: a server without rules against one whose rules are for nobody.

The share of answers without a picture that is left, and the time of `Book.judge` alone.
"""

import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from random import Random
from statistics import median
from typing import Any

import httpx
from pydantic import TypeAdapter

from benchmarks.load import Plan
from benchmarks.pictures import MATERIAL
from benchmarks.processes import Target, plan, run_load
from benchmarks.report import Line
from benchmarks.run import Run
from mockserver.faults.book import Book
from mockserver.faults.rule import Rule
from mockserver.gateway.call import Call
from mockserver.state.clock import MockClock

NAME = "faults"
BUDGET = 1000.0  # microseconds a call, with as many rules as _MANY
_COUNTS = (0, 1, 1000)
_MANY = _COUNTS[-1]
_UNKNOWN = ("1", MATERIAL)  # a project that is refused after the rules were looked at
_SMALL_PICTURE = b"\xff\xd8\xff\xd9"
_ROUNDS, _CALLS = 15, 100


def measure(run: Run) -> list[Line]:
    """Round by round all servers, so that they see the same machine; then the book alone."""
    with ExitStack() as stack:
        plans = _plans(run, stack)
        rates: dict[int, list[float]] = {count: [] for count in _COUNTS}
        for _ in range(run.options.rounds):
            for count, what in plans.items():
                rates[count].append(_rate(what))
    return [*_shares(rates), _judging()]


def _plans(run: Run, stack: ExitStack) -> dict[int, Plan]:
    """A load for a server of each number of rules."""
    small = run.folder / f"{NAME}-small"
    small.mkdir()
    (small / "0.jpg").write_bytes(_SMALL_PICTURE)
    plans = {}
    for count in _COUNTS:
        target = stack.enter_context(run.server(f"{NAME}-{count}"))
        _add_rules(target, count)
        what = plan(target, small, _UNKNOWN)
        plans[count] = replace(what, seconds=run.options.slice, replay=True)
    return plans


def _add_rules(target: Target, count: int) -> None:
    with httpx.Client(base_url=f"http://{target.host}:{target.port}/_mock") as client:
        for number in range(count):
            client.post("/faults", json=_rule(number)).raise_for_status()


def _rule(number: int) -> dict[str, Any]:
    return {"match": {"project": f"nobody's {number}"}, "act": {"error": "InternalError"}}


def _rate(what: Plan) -> float:
    result = run_load(what)
    return len(result.latencies) / result.wall


def _shares(rates: Mapping[int, list[float]]) -> Iterator[Line]:
    base = rates[0]
    for count in _COUNTS[1:]:
        mine = rates[count]
        yield Line(
            what=f"unknown project, small body, {count} fault rules for others",
            measured=f"{median(mine):.0f}/s",
            baseline=f"no rule {median(base):.0f}/s",
            ratio=median(its / bare for its, bare in zip(mine, base, strict=True)),
            values={"rates": mine, "baseline": base},
        )


def _judging() -> Line:
    taken = {count: _judge_microseconds(count) for count in _COUNTS}
    return Line(
        what=f"  looking at {_MANY} rules alone",
        measured=f"{taken[_MANY]:.0f} us a call",
        baseline=f"no rule {taken[0]:.1f} us, one {taken[1]:.1f} us",
        ratio=taken[_MANY] / BUDGET,
        budget=f"< {BUDGET / 1000:g} ms",
        met=taken[_MANY] < BUDGET,
        values={"microseconds": taken},
    )


def _judge_microseconds(rules: int) -> float:
    """Microseconds of processor time that `Book.judge` takes for a call."""
    read = TypeAdapter[Rule](Rule).validate_python
    clock = MockClock()
    book = Book(lambda _: clock, Random(0), (read(_rule(number)) for number in range(rules)))
    call = _call()
    rounds = []
    for _ in range(_ROUNDS):
        before = time.process_time_ns()
        for _ in range(_CALLS):
            book.judge(call)
        rounds.append((time.process_time_ns() - before) / _CALLS / 1000)
    return median(rounds)


def _call() -> Call:
    return Call(
        method="POST",
        scheme="http",
        query="",
        headers={},
        client="127.0.0.1",
        request_id="",
        received=0.0,
        params={"ProjectId": _UNKNOWN[0], "ModelId": _UNKNOWN[1]},
    )
