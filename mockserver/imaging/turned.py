"""A face that is turned otherwise than the material's: not all that is wanted of it is seen.

A hidden half is taken from the half that is seen, mirrored; the eyes stay their own as long as
both are seen, or the two would not look the same way. Cheeks and temples that are not seen stay
the material's.
"""

import cv2
import numpy as np

from mockserver.imaging.codec import Pixels
from mockserver.imaging.face import Points
from mockserver.imaging.mask import soft, step
from mockserver.imaging.mesh import LEFT_HALF, MIRRORED, RIGHT_HALF, TRIANGLES
from mockserver.imaging.warp import Floats, Grid

# Surface that the narrower half shows over that of the wider one, against the material's:
# under the first it is mirrored in part, under the second entirely.
_NARROW = (0.75, 0.45)
_NARROW_EYE = (0.18, 0.12)  # the same for its eye; a head turned by 45 degrees: 0.16
# Surface that a triangle shows over what the material's shows, in proportion to the others:
# under the first nothing of it is taken, from the second on all.
_SEEN = (0.3, 0.7)
_SOFTNESS = 2.0  # sigma in cells, from what is seen to what is not
_SHARPNESS = 6.0  # of the change from one half to the other at the middle line


def _sides() -> Floats:
    sides = np.zeros(478, np.float32)
    sides[RIGHT_HALF], sides[LEFT_HALF] = -1, 1
    return sides


_SIDES = _sides()  # of each landmark: right -1, middle line 0, left 1
_HALVES = [np.flatnonzero(side * _SIDES[TRIANGLES].sum(axis=1) > 0) for side in (-1, 1)]


def halves(grid: Grid) -> Floats:
    """For each cell of a material's face, float32 (rows, columns): right -1 to left 1."""
    return np.asarray(np.clip(grid.mean(_SIDES) * _SHARPNESS, -1, 1), np.float32)


def hidden(areas: Floats, grid: Grid) -> float:
    """How far a half of the user's face must be mirrored: the right one -1, none 0, the left 1.

    `areas` float32 (n,) are those of the triangles in the user's picture.
    """
    share = _missing(areas, grid, _NARROW)
    return -share if _widths(areas) < 1 else share


def hidden_eye(areas: Floats, grid: Grid) -> float:
    """How far the eye of that half must be mirrored as well, 0..1."""
    return _missing(areas, grid, _NARROW_EYE)


def _missing(areas: Floats, grid: Grid, narrow: tuple[float, float]) -> float:
    """How far the narrower half is missing: from the first surface on, below the second all."""
    width, own = _widths(areas), _widths(grid.areas)
    shown = width if width < 1 else 1 / width
    enough = min(1.0, own if width < 1 else 1 / own)
    missing = (narrow[0] - shown / enough) / (narrow[0] - narrow[1])
    return float(step(np.array(missing, np.float32)))


def _widths(areas: Floats) -> float:
    """How much surface the right half shows, over that of the left one."""
    right, left = (float(np.maximum(areas[half], 0).sum()) for half in _HALVES)
    return (right + 1e-6) / (left + 1e-6)


def seen(areas: Floats, grid: Grid) -> Floats:
    """For each cell, float32 (rows, columns), how far the user's picture shows what lies there.

    `areas` float32 (n,) are those of the triangles in the user's picture.
    """
    user, own = np.maximum(areas, 0), np.maximum(grid.areas, 0)
    ratios = user / (own + 1e-3) * (own.sum() / (user.sum() + 1e-3))
    return soft(step((ratios - _SEEN[0]) / (_SEEN[1] - _SEEN[0]))[grid.triangles], _SOFTNESS)


def mirrored(points: Points) -> Points:
    """The landmarks (478, 2), each half's in the place of the other's."""
    return points[MIRRORED]


def complete(warped: Pixels, mirror: Pixels, share: Floats) -> Pixels:
    """The first picture with `share` (rows, columns of cells) of the second; both (h, w, 3)."""
    dense = cv2.resize(share, warped.shape[1::-1])
    return np.asarray(cv2.blendLinear(mirror, warped, dense, 1 - dense), np.uint8)
