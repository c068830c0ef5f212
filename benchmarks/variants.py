"""What no fixture shows, drawn on portraits: closed eyes, dark skin. Pictures are RGB (h, w, 3)."""

from collections.abc import Callable, Mapping

import cv2
import numpy as np

from benchmarks.portraits import Portrait, face_in
from mockserver.imaging import mask
from mockserver.imaging.face import Points
from mockserver.imaging.mesh import CHEEKS, FACE_OVAL, LEFT_EYE, RIGHT_EYE, Indices
from mockserver.imaging.warp import Floats, sampled

_LID = 0.9  # of the eye's height: how far above it the lid is drawn down from
_EDGE = 0.1  # of the eye's height: how far above its opening the lid's lower edge is taken from
# Of linear light in R, G, B: dark skin against light (estimated, not measured).
_DARKER = (0.26, 0.16, 0.11)
_SHINE = 0.3  # of what is brighter than the skin around: shine comes from the surface
_GAMMA = 2.2
_ALIKE = 14.0  # difference of colour in L*a*b* that may still be skin
_HAIR = 0.85  # brightness against the cheeks, under which what hangs into a forehead is hair
_UPPER = [8, *range(9, 16), 0][::-1]  # of an eye's loop, from the outer corner to the inner one


def closed_eyes(portrait: Portrait) -> Portrait:
    """The upper lids are stretched down to the lower ones."""
    height, width = portrait.pixels.shape[:2]
    y, x = np.mgrid[:height, :width].astype(np.float32)
    places = np.dstack((x, y))
    source = places.copy()
    for eye in (RIGHT_EYE, LEFT_EYE):
        source += _drawn_down(places, portrait.face.points, eye)
    pixels = sampled(portrait.pixels, source)
    return Portrait(portrait.name, pixels, face_in(pixels))


def _drawn_down(places: Floats, points: Points, eye: Indices) -> Floats:
    """From where each place (h, w, 2) takes its pixel, less the place itself."""
    outer, along = points[eye[0]], points[eye[8]] - points[eye[0]]
    down = np.array((-along[1], along[0]), np.float32)
    down *= np.sign(down[1]) / np.linalg.norm(down)
    edge, heights = (points[eye] - outer) @ along, (points[eye] - outer) @ down
    across, v = (places - outer) @ along, (places - outer) @ down
    lower = np.interp(across, edge[:9], heights[:9])
    upper = np.interp(across, edge[_UPPER], heights[_UPPER])
    tall = float((lower - upper).max())
    top = upper - _LID * tall
    share = (v - top) / (lower - top)
    moved = share * (upper - _EDGE * tall - lower)
    inside = (share > 0) & (share < 1) & (across > 0) & (across < edge[8])
    return np.asarray((inside * moved)[..., None] * down, np.float32)


def dark_skin(portrait: Portrait) -> Portrait:
    """Less light comes back from the skin's depth, as much as ever from its surface."""
    linear = (portrait.pixels.astype(np.float32) / 255) ** _GAMMA
    slow = cv2.GaussianBlur(linear, (0, 0), 0.1 * mask.eye_distance(portrait.face.points))
    shine = _SHINE * np.maximum(linear - slow, 0).min(axis=2, keepdims=True)
    darkened = (linear - shine) * np.array(_DARKER, np.float32) + shine
    mixed = linear + _skin(portrait)[..., None] * (darkened - linear)
    pixels = np.rint(255 * np.clip(mixed, 0, 1) ** (1 / _GAMMA)).astype(np.uint8)
    return Portrait(portrait.name, pixels, face_in(pixels))


def _skin(portrait: Portrait) -> Floats:
    """0..1 (h, w): face, ears and neck without eyes, teeth and what is of another colour."""
    pixels, points = portrait.pixels, portrait.face.points
    shape, unit = (pixels.shape[0], pixels.shape[1]), mask.eye_distance(points)
    lab = cv2.cvtColor(cv2.GaussianBlur(pixels, (0, 0), 0.02 * unit), cv2.COLOR_RGB2LAB)
    lab = lab.astype(np.float32)
    columns, rows = points[list(CHEEKS)].round().astype(int).T
    cheeks = lab[rows, columns].mean(axis=0)
    alike = np.clip(2 - np.linalg.norm((lab - cheeks)[..., 1:], axis=2) / _ALIKE, 0, 1)
    alike[mask.above_brows(points, shape) & (lab[..., 0] < _HAIR * cheeks[0])] = 0
    spared = np.maximum(mask.eyes(points, shape), mask.inner_mouth(points, shape))
    return np.asarray(_near(points, shape) * mask.soft(alike, 0.02 * unit) * (1 - spared))


def _near(points: Points, shape: tuple[int, int]) -> Floats:
    """0..1 (h, w): the face and the neck below it."""
    oval, unit = points[FACE_OVAL], mask.eye_distance(points)
    middle = oval.mean(axis=0)
    neck = middle + 0.6 * (oval - middle) + (0, 0.3 * np.ptp(oval[:, 1]))
    drawn = np.zeros(shape, np.uint8)
    hull = cv2.convexHull(np.concatenate((oval, neck)).astype(np.int32))
    cv2.fillConvexPoly(drawn, hull, 1)
    return mask.soft(mask.grown(drawn.astype(np.float32), 0.1 * unit), 0.03 * unit)


VARIANTS: Mapping[str, Callable[[Portrait], Portrait]] = {
    "closed eyes": closed_eyes,
    "dark skin": dark_skin,
}
