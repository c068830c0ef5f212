"""Contact sheets: faces cut out of pictures, in rows."""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from mockserver.imaging.codec import Pixels
from mockserver.imaging.face import Box

_SIDE = 300  # pixels of a cell
_AROUND = 0.4  # of the face's longer side
_GAP = 6


def cell(image: Pixels, face: Box) -> Pixels:
    """The face with its surroundings, as a square."""
    reach = max(face.width, face.height) * (0.5 + _AROUND)
    scale = _SIDE / (2 * reach)
    centre = np.array((face.x + face.width / 2, face.y + face.height / 2))
    offset = _SIDE / 2 - scale * centre
    matrix = np.column_stack((np.eye(2) * scale, offset))
    smooth = cv2.GaussianBlur(image, (0, 0), max(0.3, 0.4 / scale))
    shown = cv2.warpAffine(smooth, matrix, (_SIDE, _SIDE), borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(shown, np.uint8)


def blank() -> Pixels:
    """A cell with nothing in it."""
    return np.full((_SIDE, _SIDE, 3), 255, np.uint8)


def joined(rows: Sequence[Sequence[Pixels]]) -> Pixels:
    """Rows of cells as one picture, on white."""
    return np.vstack([np.hstack([_framed(one) for one in row]) for row in rows])


def save(file: Path, rows: Sequence[Sequence[Pixels]]) -> None:
    """Write rows of cells as one picture."""
    file.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(file), cv2.cvtColor(joined(rows), cv2.COLOR_RGB2BGR))


def _framed(image: Pixels) -> Pixels:
    white = (255, 255, 255)
    framed = cv2.copyMakeBorder(image, 0, _GAP, 0, _GAP, cv2.BORDER_CONSTANT, value=white)
    return np.asarray(framed, np.uint8)
