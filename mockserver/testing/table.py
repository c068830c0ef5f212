"""Calls as a small table, for the text of a failed assertion."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mockserver.state.journal import Entry

_HEADS = ("", "after", "action", "ProjectId", "ModelId", "code", "faults")
_MOST = 20  # calls that are shown, the last


def table(entries: Sequence[Entry], meant: Collection[str]) -> str:
    """Return a line a call, in order; those whose RequestId is `meant` are marked with `>`.

    `after` is the time since the call before, by the mock's clock.
    """
    if not entries:
        return "the journal has no calls"
    befores = [entries[0], *entries]
    rows = [
        _row(number, entry, entry.time - before.time, entry.request_id in meant)
        for number, (before, entry) in enumerate(zip(befores, entries, strict=False), 1)
    ]
    lines = list(_lines([_HEADS, *rows[-_MOST:]]))
    if (hidden := len(rows) - _MOST) > 0:
        lines.insert(1, f"  ({hidden} earlier calls)")
    return "\n".join(lines)


def _row(number: int, entry: Entry, after: float, is_meant: bool) -> tuple[str, ...]:
    mark = ">" if is_meant else " "
    return (
        f"{mark} {number}",
        f"{after:+.3f} s",
        entry.action,
        entry.project,
        entry.material,
        entry.code,
        ", ".join(entry.faults),
    )


def _lines(rows: Sequence[tuple[str, ...]]) -> Iterable[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADS))]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield "  ".join(cells).rstrip()
