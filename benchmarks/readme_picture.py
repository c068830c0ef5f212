"""Draw the contact sheets of the documentation: `python -m benchmarks.readme_picture FOLDER`."""

import sys
from pathlib import Path

import cv2
import numpy as np

from benchmarks import portraits, sheets
from benchmarks.pairs import Pair
from mockserver.imaging.codec import Pixels, encode
from mockserver.imaging.fuse import DEFAULT_DEGREES, Degrees

_WIDTH = 900
_QUALITY = 88
_STEPS = (0, 25, 50, 75, 100)
_ROWS = (
    ("hopper", ("qc_100646_154021_9", "qc_100646_154021_10")),
    ("astronaut", ("qc_100647_154022_1", "qc_100646_154021_11")),
)


def main() -> None:
    """Write fused.jpg and degrees.jpg."""
    folder = Path(sys.argv[1])
    _save(folder / "fused.jpg", [_answers(who, where) for who, where in _ROWS])
    _save(folder / "degrees.jpg", [_degrees(who, where[0]) for who, where in _ROWS])


def _answers(who: str, materials: tuple[str, ...]) -> list[Pixels]:
    """The user, then each material and what came of it."""
    user = portraits.user(who)
    row = [sheets.cell(*user.seen)]
    for name in materials:
        material = portraits.material(name)
        row += [sheets.cell(*material.seen), _result(Pair(user, material), DEFAULT_DEGREES)]
    return row


def _degrees(who: str, where: str) -> list[Pixels]:
    """The user, the results by both degrees, the material."""
    pair = Pair(portraits.user(who), portraits.material(where))
    results = [_result(pair, Degrees(step, step)) for step in _STEPS]
    return [sheets.cell(*pair.user.seen), *results, sheets.cell(*pair.material.seen)]


def _result(pair: Pair, degrees: Degrees) -> Pixels:
    return sheets.cell(pair.fused(degrees), pair.material.face.box)


def _save(file: Path, rows: list[list[Pixels]]) -> None:
    whole = sheets.joined(rows)
    size = (_WIDTH, round(_WIDTH * whole.shape[0] / whole.shape[1]))
    small = np.asarray(cv2.resize(whole, size, interpolation=cv2.INTER_AREA), np.uint8)
    file.write_bytes(encode(small, "jpg", quality=_QUALITY))


if __name__ == "__main__":
    main()
