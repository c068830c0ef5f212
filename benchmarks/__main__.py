"""Measure every budget, or some, each against its baseline, and print them. Asserts nothing."""

import argparse
import sys
from pathlib import Path
from traceback import print_exc
from types import ModuleType

from benchmarks import (
    concurrency,
    faults,
    in_process,
    machine,
    memory,
    one_request,
    profile,
    quality,
    refusals,
    report,
    size,
    start,
    sustained,
)
from benchmarks.run import Options, Run, prepared

_ITEMS: dict[str, ModuleType] = {
    item.NAME: item
    for item in (
        one_request,
        sustained,
        refusals,
        start,
        in_process,
        memory,
        size,
        concurrency,
        faults,
        profile,
    )
}
_QUICK = Options(seconds=8, requests=200, rounds=3, pictures=48, burst=200, slice=1)


def main() -> int:
    """Run the items; return an exit status."""
    arguments = _parser().parse_args()
    if not Path("/proc/self/stat").exists():
        print("the benchmarks read /proc, which only Linux has", file=sys.stderr)
        return 2
    facts = machine.describe()
    for name, value in facts.items():
        print(f"{name + ':':11}{value}")
    if arguments.quality:
        print()
        quality.run(Path("out"))
        return 0
    with prepared(_options(arguments)) as run:
        lines = _measure(run, arguments.only or list(_ITEMS))
    print(f"\n{report.table(lines)}")
    if arguments.json:
        report.save(arguments.json, facts, lines)
    return 0


def _measure(run: Run, names: list[str]) -> list[report.Line]:
    lines: list[report.Line] = []
    for name in names:
        print(f"measuring {name} ...", file=sys.stderr, flush=True)
        lines += _item(_ITEMS[name], run)
    return lines


def _item(item: ModuleType, run: Run) -> list[report.Line]:
    """One item's lines; when it breaks, what broke it, so that the others' figures remain."""
    try:
        lines: list[report.Line] = item.measure(run)
    except Exception as error:  # noqa: BLE001  whatever it is, it is reported
        print_exc()
        lines = [report.Line(what=item.NAME, measured=f"broke: {error}", met=False)]
    for line in lines:
        print("  " + "  ".join(filter(None, line.cells())), file=sys.stderr, flush=True)
    return lines


def _options(arguments: argparse.Namespace) -> Options:
    base = _QUICK if arguments.quick else Options()
    given = {name: getattr(arguments, name) for name in ("seconds", "requests")}
    changes = {name: value for name, value in given.items() if value is not None}
    return Options(**{**base.__dict__, **changes})


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="shorter and coarser, 2 minutes")
    parser.add_argument(
        "--seconds", type=float, help=f"of sustained load (default {Options.seconds:.0f})"
    )
    parser.add_argument(
        "--requests",
        type=int,
        help=f"of the memory item (default {Options.requests}; the budget speaks of 10000)",
    )
    parser.add_argument(
        "--quality",
        action="store_true",
        help="measure pictures instead; contact sheets go to out/",
    )
    parser.add_argument(
        "--only", nargs="+", choices=list(_ITEMS), metavar="ITEM", help=", ".join(_ITEMS)
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures here too")
    return parser


if __name__ == "__main__":
    sys.exit(main())
