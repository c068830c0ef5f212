"""What hangs or lies over the skin of a face: hair, the arms of glasses.

Fields over a face's cells, 0..1, float32 (rows, columns). `ratio` is the picture's brightness
against that of the skin around; `unit` the distance between the outer eye corners, in cells.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from mockserver.imaging import mask
from mockserver.imaging.face import Points
from mockserver.imaging.warp import Floats

_ARM = 0.25  # height up to which a dark spot is no hair
_ARM_FEATHER = 0.06  # what is left of an arm ends at the face's contour
_HAIR = (0.8, 0.55)  # brightness against the skin around: skin above, hair below


def shown(points: Points, ratio: Floats, fringe: Floats, above: NDArray[np.bool_]) -> Floats:
    """What of a material's face is replaced: not its hair, but all of the glasses' arms in it."""
    unit, shape = mask.eye_distance(points), (ratio.shape[0], ratio.shape[1])
    arms = _arms(ratio, (fringe > 0) & mask.beside_eyes(points, shape), unit)
    # A cell less, for enlarging to pixels reaches half of one further.
    steep = cv2.erode(mask.shown(points, shape, _ARM_FEATHER), np.ones((3, 3), np.uint8))
    whole = np.maximum(mask.shown(points, shape), arms * steep)
    return np.asarray(whole * (1 - hair(ratio, fringe, above, unit)), np.float32)


def hair(ratio: Floats, fringe: Floats, above: NDArray[np.bool_], unit: float) -> Floats:
    """Where hair hangs in; `above` tells where the brows end."""
    dark = _dark(ratio)
    # What is dark, but not high, is the arm of a pair of glasses; above the brows it is a fringe.
    dark = np.where(above, dark, _tall(dark, unit))
    spread = mask.soft(np.asarray(fringe * dark, np.float32), 0.03 * unit)
    return np.asarray(np.clip(1.5 * spread, 0, 1), np.float32)


def _arms(ratio: Floats, where: NDArray[np.bool_], unit: float) -> Floats:
    """Arms of glasses: what is dark and not high, and a little around it."""
    dark = _dark(ratio)
    low = (dark - _tall(dark, unit)) * where
    return mask.soft(mask.grown(low.astype(np.float32), 0.06 * unit), 0.03 * unit)


def _dark(ratio: Floats) -> Floats:
    return np.asarray(np.clip((_HAIR[0] - ratio) / (_HAIR[0] - _HAIR[1]), 0, 1), np.float32)


def _tall(dark: Floats, unit: float) -> Floats:
    column = np.ones((2 * round(_ARM * unit / 2) + 1, 1), np.uint8)
    return np.asarray(cv2.morphologyEx(dark, cv2.MORPH_OPEN, column), np.float32)
