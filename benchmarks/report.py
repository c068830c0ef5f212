"""What was measured: lines, the table that shows them, the file that keeps them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

_HEADINGS = ("what", "measured", "baseline", "ratio", "budget", "met")


@dataclass(frozen=True, kw_only=True)
class Line:
    """One row; `met` is None for what has no budget, `values` are the raw numbers for JSON."""

    what: str
    measured: str
    baseline: str = ""
    ratio: float | None = None
    budget: str = ""
    met: bool | None = None
    values: Mapping[str, Any] = field(default_factory=dict)

    def cells(self) -> tuple[str, ...]:
        """The row's texts, in the order of the headings."""
        ratio = "" if self.ratio is None else f"{self.ratio:.2f}"
        met = {None: "", True: "yes", False: "NO"}[self.met]
        return self.what, self.measured, self.baseline, ratio, self.budget, met


def table(lines: Sequence[Line]) -> str:
    """The lines as a Markdown table."""
    return grid([_HEADINGS, *(line.cells() for line in lines)])


def grid(rows: Sequence[Sequence[str]]) -> str:
    """Headings and rows of texts as a Markdown table whose columns are aligned."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    texts = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"
        for row in rows
    ]
    texts.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(texts)


def save(file: Path, machine: Mapping[str, str], lines: Sequence[Line]) -> None:
    """Write machine and lines as JSON."""
    content = {"machine": dict(machine), "lines": [asdict(line) for line in lines]}
    file.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", "utf-8")
