"""Fields over a face's cells, drawn from its landmarks alone: 0..1, float32 (rows, columns).

Points are in cells; widths are shares of the distance between the outer eye corners.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from mockserver.imaging.face import Points
from mockserver.imaging.mesh import (
    FACE_OVAL,
    FEATURES,
    FOREHEAD_TOP,
    INNER_LIPS,
    LEFT_BROW,
    LEFT_EYE,
    LIP_CENTRES,
    MIDDLE_OF_BROWS,
    MOUTH_CORNERS,
    NOSTRILS,
    OUTER_EYE_CORNERS,
    OUTER_LIPS,
    RIGHT_BROW,
    RIGHT_EYE,
    Indices,
)
from mockserver.imaging.warp import Floats

Shape = tuple[int, int]

_FEATURES = (LEFT_BROW, LEFT_EYE, NOSTRILS, OUTER_LIPS, RIGHT_BROW, RIGHT_EYE)
_FEATURE_MARGIN = 0.05

_INSET = 0.03  # of the seam inside the face's contour
_FEATHER = 0.22
_FOREHEAD = (0.1, 0.5)  # where the seam runs: brows 0, top of the face 1
_SOFTNESS = 0.03  # of the edges of eyes and features


def eye_distance(points: Points) -> float:
    """Distance between the outer eye corners, in the points' unit."""
    return float(np.linalg.norm(points[OUTER_EYE_CORNERS[0]] - points[OUTER_EYE_CORNERS[1]]))


def mouth_opening(points: Points) -> float:
    """Height of the gap between the lips over the mouth's width."""
    gap = np.linalg.norm(points[LIP_CENTRES[0]] - points[LIP_CENTRES[1]])
    return float(gap / np.linalg.norm(points[MOUTH_CORNERS[0]] - points[MOUTH_CORNERS[1]]))


def face(points: Points, shape: Shape) -> Floats:
    """The face inside of its contour."""
    return _hull(points, FACE_OVAL, shape)


def shown(points: Points, shape: Shape, feather: float = _FEATHER) -> Floats:
    """What of the face is replaced: inside the contour, not the upper forehead; feathered."""
    unit = eye_distance(points)
    padded = cv2.copyMakeBorder(
        (face(points, shape) > 0.5).astype(np.uint8), 1, 1, 1, 1, cv2.BORDER_REPLICATE
    )
    depth = cv2.distanceTransform(padded, cv2.DIST_L2, 5)[1:-1, 1:-1]
    return step((depth - _INSET * unit) / (feather * unit)) * _below_hair(points, shape)


def features(points: Points, shape: Shape) -> Floats:
    """Brows, eyes, nostrils and lips, with a margin."""
    drawn = [_hull(points, feature, shape) for feature in _FEATURES]
    return grown(np.maximum.reduce(drawn), _FEATURE_MARGIN * eye_distance(points))


def rim(points: Points, shape: Shape) -> Floats:
    """What lies around all features: cheeks, temples, forehead, chin."""
    unit = eye_distance(points)
    return 1 - soft(grown(_hull(points, FEATURES, shape), 0.1 * unit), 0.08 * unit)


def eyes(points: Points, shape: Shape) -> Floats:
    """Between the lids, with soft edges."""
    both = np.maximum(_hull(points, LEFT_EYE, shape), _hull(points, RIGHT_EYE, shape))
    return soft(both, _SOFTNESS * eye_distance(points))


def lips(points: Points, shape: Shape) -> Floats:
    """The lips without what is between them, with soft edges."""
    both = _hull(points, OUTER_LIPS, shape) - inner_mouth(points, shape)
    return soft(np.maximum(both, 0), _SOFTNESS * eye_distance(points))


def inner_mouth(points: Points, shape: Shape) -> Floats:
    """Between the lips."""
    return _polygon(points[INNER_LIPS], shape)


def fringe(points: Points, shape: Shape) -> Floats:
    """Where hair may hang in: forehead, temples and cheeks down to the mouth."""
    unit = eye_distance(points)
    core = np.concatenate((RIGHT_BROW, LEFT_BROW, RIGHT_EYE, LEFT_EYE, OUTER_LIPS))
    middle = grown(_hull(points, core, shape), 0.06 * unit)
    above_mouth = np.clip(_height(points, MOUTH_CORNERS, shape) / (0.3 * unit), 0, 1)
    field = face(points, shape) * (1 - middle) * above_mouth
    return soft(field.astype(np.float32), _SOFTNESS * unit)


def above_brows(points: Points, shape: Shape) -> NDArray[np.bool_]:
    """The forehead and what is over it; bool (rows, columns)."""
    return _height(points, MIDDLE_OF_BROWS, shape) > 0


def beside_eyes(points: Points, shape: Shape) -> NDArray[np.bool_]:
    """From the brows down to the cheeks, over the picture's whole width; bool (rows, columns)."""
    low = _height(points, OUTER_EYE_CORNERS, shape) < -0.25 * eye_distance(points)
    return ~(low | above_brows(points, shape))


def soft(field: Floats, sigma: float) -> Floats:
    """Blurred by a Gaussian of sigma cells; any number of channels."""
    return np.asarray(cv2.GaussianBlur(field, (0, 0), max(0.5, sigma)), np.float32)


def grown(field: Floats, by: float) -> Floats:
    """Each cell as the largest of those nearer than `by` cells."""
    width = 2 * round(by) + 1
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (width, width))
    return np.asarray(cv2.dilate(field, disc), np.float32)


def step(field: Floats) -> Floats:
    """From 0 to 1 without corners; what is outside of 0..1 is clipped."""
    clipped = np.clip(field, 0, 1)
    return np.asarray(clipped * clipped * (3 - 2 * clipped), np.float32)


def _below_hair(points: Points, shape: Shape) -> Floats:
    # Hair hangs into foreheads and hats sit on them: the user's, the material's, or both.
    top = float(_above(points, MIDDLE_OF_BROWS, points[FOREHEAD_TOP]))
    height = _height(points, MIDDLE_OF_BROWS, shape) / max(top, 1.0)
    return 1 - step((height - _FOREHEAD[0]) / (_FOREHEAD[1] - _FOREHEAD[0]))


def _height(points: Points, line: tuple[int, int], shape: Shape) -> Floats:
    y, x = np.mgrid[: shape[0], : shape[1]].astype(np.float32)
    return _above(points, line, np.dstack((x, y)))


def _above(points: Points, line: tuple[int, int], at: Floats) -> Floats:
    """Distance (...) of places (..., 2) from the line through two landmarks, upwards > 0."""
    right, left = points[line[0]], points[line[1]]
    across = (left - right) / np.linalg.norm(left - right)
    offset = at - right
    return np.asarray(offset[..., 0] * across[1] - offset[..., 1] * across[0], np.float32)


def _polygon(points: Points, shape: Shape) -> Floats:
    canvas = np.zeros(shape, np.uint8)
    cv2.fillPoly(canvas, [np.rint(points * 16).astype(np.int32)], 255, cv2.LINE_AA, shift=4)
    return np.asarray(canvas / np.float32(255), np.float32)


def _hull(points: Points, indices: Indices, shape: Shape) -> Floats:
    return _polygon(np.asarray(cv2.convexHull(points[indices])[:, 0], np.float32), shape)
