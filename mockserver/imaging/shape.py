"""Shape by degrees: the face's geometry is drawn from the material's towards the user's.

The picture around the face gives way: the shift fades out smoothly up to the border of a region
around it. Coordinates are pixels of the material, or cells of the region where it is said.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from mockserver.imaging import mask
from mockserver.imaging.codec import Pixels
from mockserver.imaging.face import Landmarks, Points
from mockserver.imaging.mesh import APERTURES, FACE_OVAL, FEATURES, LIPS, STABLE
from mockserver.imaging.warp import (
    Floats,
    Grid,
    Region,
    grid,
    nearest,
    region_around,
    sampled,
    sampled_pixels,
)

_CELLS = 60  # along the longer side of the region
_MARGIN = 0.28  # of the face's longer side: where the picture gives way
_STEEPEST = 0.75  # shift a cell: at 1 the picture would tear
_APERTURES = (0.5, 2.0)  # how far the material's eyes and mouth close and open
_RIM = 3  # cells, over which the shift fades where the face itself reaches the border
_REACH = 3  # cells around a steep one
_SMOOTH = 1.0  # sigma, in cells
_ROUNDS = 4  # of inverting the shift; each leaves at most `_STEEPEST` of the error


@dataclass(frozen=True)
class Surroundings:
    """What is known of a material's face and its surroundings before any user comes.

    `grid` names for each cell the landmarks that it follows, outside of the face those of the
    nearest cell inside; `following` float32 (rows, columns) tells how far: 1 in the face, 0 at
    the border. `outline` float32 (478,) tells how much a landmark belongs to the outline: 0 at
    features.
    """

    region: Region
    grid: Grid
    following: Floats
    outline: Floats


def study(points: Points, image: Pixels) -> Surroundings:
    """Prepare what gives way with the face whose landmarks (478, 2) are given, in (h, w, 3)."""
    region = region_around(points[FACE_OVAL], image, _MARGIN, _CELLS)
    shape = (region.rows, region.columns)
    inside = mask.face(region.to_cells(points), shape) > 0
    rows, columns, distance = nearest(inside)
    followed = grid(points, region).moved(rows, columns)
    return Surroundings(region, followed, _fading(distance), _outline(points))


def wanted(
    material: Landmarks, user: Landmarks, outline: Floats, profile: float, face: float
) -> Points:
    """Where the result's landmarks (478, 2) are to be.

    `profile` and `face` are the degrees as shares: at 0 the user's shape, turned, scaled and
    placed as the material's face; at 1 the material's own.
    """
    missing = 1 - (face + (profile - face) * outline)[:, None]
    moved = material.points + missing * (_aligned(user, material) - material.points)
    return _opened(moved.astype(np.float32), material.points)


def reshape(pixels: Pixels, around: Surroundings, shift: Points) -> Pixels:
    """The region's pixels (h, w, 3), when each landmark moves by `shift` (478, 2)."""
    there = mask.soft(around.grid.places(shift / np.float32(around.region.step)), _SMOOTH)
    back = _inverse(_tamed(there * around.following[..., None]))
    return _moved(pixels, around.region, back)


def _aligned(user: Landmarks, material: Landmarks) -> Points:
    """The user's landmarks (478, 2), turned, scaled and moved in space onto the material's."""
    source, target = (np.column_stack((face.points, face.depths)) for face in (user, material))
    centre, goal = source[STABLE].mean(axis=0), target[STABLE].mean(axis=0)
    stable, placed = source[STABLE] - centre, target[STABLE] - goal
    # Least squares over rotations and scales, see S. Umeyama, IEEE PAMI 13(4), 1991.
    u, strengths, v = np.linalg.svd(placed.T @ stable)
    strengths[2] *= np.linalg.det(u @ v)
    u[:, 2] *= np.linalg.det(u @ v)
    scale = strengths.sum() / (stable * stable).sum()
    return np.asarray((source - centre) @ (scale * u @ v).T + goal)[:, :2]


def _opened(points: Points, material: Points) -> Points:
    """Lids and lips drawn together or apart, for no warp opens or closes them."""
    lower, upper = APERTURES.T
    gap = points[lower] - points[upper]
    height = np.linalg.norm(gap, axis=1) + 1e-6
    own = np.linalg.norm(material[lower] - material[upper], axis=1)
    wanted_height = np.clip(height, _APERTURES[0] * own, _APERTURES[1] * own)
    excess = gap * ((height - wanted_height) / height / 2)[:, None]
    for edges, sign in ((lower, -1), (upper, 1)):
        points[edges] += sign * excess
    for edges, sign in zip(LIPS.T, (-1, 1), strict=True):
        points[edges] += sign * excess[-len(LIPS) :]
    return points


def _outline(points: Points) -> Floats:
    to_outline, to_features = (_distance(points, points[those]) for those in (FACE_OVAL, FEATURES))
    return mask.step(to_features / (to_features + to_outline))


def _distance(points: Points, others: Points) -> Floats:
    return np.asarray(np.linalg.norm(points[:, None] - others, axis=2).min(axis=1), np.float32)


def _fading(distance: Floats) -> Floats:
    """1 in the face, 0 at the border; `distance` is that from the face, in cells."""
    rows, columns = distance.shape
    y, x = np.ogrid[:rows, :columns]
    border = np.minimum(np.minimum(y, rows - 1 - y), np.minimum(x, columns - 1 - x))
    return mask.step(border / (border + distance + 1e-6)) * mask.step(border / _RIM)


def _tamed(shift: Floats) -> Floats:
    """The shift without places where neighbouring cells would pass one another.

    What is steep is spread over its surroundings; if that is not enough, there is less of it all.
    """
    steep = _steepness(shift)
    if steep.max() > _STEEPEST / 2:
        near = mask.grown(steep, _REACH / 2)
        share = mask.soft(mask.step(near / _STEEPEST - 0.5), 1.0)[..., None]
        shift = shift + share * (mask.soft(shift, _REACH) - shift)
        steep = _steepness(shift)
    return shift * np.float32((1 + (steep.max() / _STEEPEST) ** 4) ** -0.25)


def _steepness(shift: Floats) -> Floats:
    """Largest difference to the next cell, on either axis."""
    steep = np.zeros(shift.shape[:2], np.float32)
    for field in (shift[..., 0].copy(), shift[..., 1].copy()):
        np.maximum(steep[1:], np.abs(field[1:] - field[:-1]), out=steep[1:])
        np.maximum(steep[:, 1:], np.abs(field[:, 1:] - field[:, :-1]), out=steep[:, 1:])
    return steep


def _inverse(shift: Floats) -> Floats:
    """From where each cell's content comes, when it moves by `shift`; both in cells."""
    places, back = _places(shift.shape), -shift
    for _ in range(_ROUNDS):
        back = -sampled(shift, places + back)
    return back


def _places(shape: tuple[int, ...], first: int = 0) -> Floats:
    y, x = np.mgrid[first : shape[0] - first, first : shape[1] - first].astype(np.float32)
    return np.dstack((x, y))


def _moved(pixels: Pixels, region: Region, back: Floats) -> Pixels:
    # A cell more on each side, so that the map is exact up to the border.
    padded = cv2.copyMakeBorder(back, 1, 1, 1, 1, cv2.BORDER_CONSTANT)
    source = (padded + _places(back.shape, -1) + 0.5) * np.float32(region.step) - np.float32(0.5)
    size = ((region.columns + 2) * region.step, (region.rows + 2) * region.step)
    inside = slice(region.step, -region.step)
    dense = np.asarray(cv2.resize(source, size)[inside, inside], np.float32)
    return sampled_pixels(pixels, dense)
