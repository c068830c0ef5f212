"""One face's pixels on another face's geometry: a dense piecewise affine warp.

Everything that depends on the destination alone is computed once, in `grid`. Coordinates are
pixels, origin top-left, of the picture that is said; a pixel's centre has whole coordinates.
"""

from dataclasses import dataclass, replace
from typing import TypeVar, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from mockserver.errors import ApiError
from mockserver.imaging.codec import Pixels
from mockserver.imaging.face import Points
from mockserver.imaging.mesh import NOSE_TIP, TRIANGLES

Floats = NDArray[np.float32]
Array = TypeVar("Array", Floats, Pixels)
Values = TypeVar("Values", Floats, NDArray[np.complex64])

_MARGIN = 0.03  # of the face's longer side, around the face
_CELLS = 80  # of the grid along the longer side of the region; landmarks lie about 3 apart
_SUBPIXEL_BITS = 6
_TINY = 1e-6  # square cells
_REACH = 1.0  # how far a triangle is continued beyond its edges, outside of the face

# A share of the destination's surface whose triangles are seen from behind in the source. Two
# frontal faces: under 0.03; a head turned by 45 degrees: 0.1 to 0.2 (inferred limit).
_MAX_FOLDED = 0.3

# Above this ratio of source to destination size the source is averaged before it is sampled.
_MIN_SHRINK = 2


@dataclass(frozen=True)
class Region:
    """A rectangle of whole cells inside a picture, `step` pixels a cell."""

    left: int
    top: int
    columns: int
    rows: int
    step: int

    @property
    def slices(self) -> tuple[slice, slice]:
        """Rows and columns of the picture."""
        return (
            slice(self.top, self.top + self.rows * self.step),
            slice(self.left, self.left + self.columns * self.step),
        )

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self.columns * self.step, self.rows * self.step

    def seen_from(self, left: int, top: int) -> "Region":
        """The same region of the part of the picture that begins there."""
        return replace(self, left=self.left - left, top=self.top - top)

    def below(self, row: int) -> "Region":
        """Its cells from a row on."""
        return replace(self, top=self.top + row * self.step, rows=self.rows - row)

    def to_cells(self, points: Points) -> Points:
        """From pixels of the picture to cells of the region, cell centres at whole numbers."""
        origin = np.array((self.left, self.top), np.float32)
        return ((points - origin + 0.5) / self.step - 0.5).astype(np.float32)


@dataclass(frozen=True)
class Grid:
    """For each cell of the region, the triangle it lies in: vertices and barycentric weights.

    triangles int64 (rows, columns), vertices int32 (3, rows, columns), weights float32 (3, rows,
    columns); areas float32 (n,) of all triangles in square pixels, seen from behind < 0.
    """

    triangles: NDArray[np.int64]
    vertices: NDArray[np.int32]
    weights: Floats
    areas: Floats

    def moved(self, rows: NDArray[np.int64], columns: NDArray[np.int64]) -> "Grid":
        """The grid whose cells lie where those (rows, columns) of this one do."""
        return replace(
            self,
            triangles=self.triangles[rows, columns],
            vertices=self.vertices[:, rows, columns],
            weights=self.weights[:, rows, columns],
        )

    def mean(self, values: Values) -> Values:
        """For each cell (rows, columns), the weighted mean of its landmarks' values (478,)."""
        return cast(Values, (self.weights * values[self.vertices]).sum(axis=0))

    def places(self, points: Points) -> Floats:
        """For each cell (rows, columns, 2), the weighted mean of its landmarks' (478, 2)."""
        # x + iy: one gather and one product for both coordinates
        mean = self.mean(np.ascontiguousarray(points, np.float32).view(np.complex64)[:, 0])
        return mean.view(np.float32).reshape(*mean.shape, 2)


def region_around(
    points: Points, image: Pixels, share: float = _MARGIN, cells: int = _CELLS
) -> Region:
    """The part of the picture (h, w, 3) that holds the points, in about so many whole cells.

    `share` of the points' longer extent is left around them.
    """
    height, width = image.shape[:2]
    low, high = points.min(axis=0), points.max(axis=0)
    margin = share * (high - low).max()
    left, top = np.maximum(np.floor(low - margin), 0).astype(int)
    right, bottom = np.ceil(high + margin).astype(int)
    right, bottom = min(int(right), width), min(int(bottom), height)
    step = max(1, round(max(right - left, bottom - top) / cells))
    columns, rows = (right - int(left)) // step, (bottom - int(top)) // step
    return Region(int(left), int(top), columns, rows, step)


def grid(points: Points, region: Region) -> Grid:
    """Triangulate the region by the face's landmarks (478, 2), pixels of the picture."""
    cells = region.to_cells(points)
    areas = signed_areas(points)
    numbers = _paint(cells, np.flatnonzero(areas > 0), (region.rows, region.columns))
    rows, columns, _ = nearest(numbers >= 0)
    triangles = numbers[rows, columns].astype(np.int64)
    vertices = np.ascontiguousarray(np.moveaxis(TRIANGLES[triangles], 2, 0))
    return Grid(triangles, vertices, _barycentric(cells[vertices]), areas)


def warp(
    image: Pixels, points: Points, destination: Grid, region: Region, size_ratio: float
) -> Pixels:
    """The region's pixels (h, w, 3), taken from the source picture's face.

    `points` are the source's landmarks (478, 2) in its own pixels; `size_ratio` is its face's
    size over the destination's.
    """
    crop, points = _shrunk_crop(image, points, size_ratio)
    # Where the destination turns away, neighbouring cells come from far apart: smooth the steps.
    smooth = cv2.blur(destination.places(points), (3, 3))
    reached, places = _reached(crop, np.asarray(smooth, np.float32))
    dense = np.asarray(cv2.resize(places, region.size), np.float32)
    return sampled_pixels(reached, dense)


def sampled(source: Array, places: Floats) -> Array:
    """The source's values at places float32 (h, w, 2), x first; its edge goes on outside of it."""
    found = cv2.remap(source, places, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)  # type: ignore[call-overload]
    return cast(Array, found)


def sampled_pixels(image: Pixels, places: Floats) -> Pixels:
    """The same for RGB pixels (h, w, 3): with a fourth channel OpenCV is twice as fast."""
    four = cv2.cvtColor(image, cv2.COLOR_RGB2RGBA).astype(np.uint8, copy=False)
    return cv2.cvtColor(sampled(four, places), cv2.COLOR_RGBA2RGB).astype(np.uint8, copy=False)


def check_folds(areas: Floats, destination: Grid) -> None:
    """Raise ApiError FailedOperation.FaceFusionError when the source's surface folds over.

    `areas` float32 (n,) are those of its triangles.
    """
    seen = np.maximum(destination.areas, 0)
    if seen[areas <= 0].sum() > _MAX_FOLDED * seen.sum():
        raise ApiError("FailedOperation.FaceFusionError")


def _shrunk_crop(image: Pixels, points: Points, size_ratio: float) -> tuple[Pixels, Points]:
    shrink = int(size_ratio)
    if shrink < _MIN_SHRINK:
        return image, points
    height, width = image.shape[:2]
    left, top = np.maximum(np.floor(points.min(axis=0)) - shrink, 0).astype(int)
    right, bottom = np.ceil(points.max(axis=0)).astype(int) + 2 * shrink
    columns = max(1, (min(int(right), width) - left) // shrink)
    rows = max(1, (min(int(bottom), height) - top) // shrink)
    crop = image[top : top + rows * shrink, left : left + columns * shrink]
    small = cv2.resize(crop, (columns, rows), interpolation=cv2.INTER_AREA)
    moved = (points - np.array((left, top), np.float32) + 0.5) / shrink - 0.5
    return np.asarray(small, np.uint8), moved.astype(np.float32)


def _reached(image: Pixels, places: Floats) -> tuple[Pixels, Floats]:
    """The part of the picture that the places reach, and the places in it."""
    height, width = image.shape[:2]
    x, y, columns, rows = cv2.boundingRect(places.reshape(-1, 2))
    left, top = min(max(x, 0), width - 1), min(max(y, 0), height - 1)
    right, bottom = max(x + columns + 1, left + 1), max(y + rows + 1, top + 1)
    return image[top:bottom, left:right], places - np.array((left, top), np.float32)


def signed_areas(points: Points) -> Floats:
    """Square pixels of each triangle, float32 (n,); those seen from behind are negative."""
    a, b, c = points[TRIANGLES.T]
    (ux, uy), (vx, vy) = (b - a).T, (c - a).T
    # y points down: counter-clockwise, the front, is positive
    return np.asarray((uy * vx - ux * vy) / 2, np.float32)


def _paint(cells: Points, seen: NDArray[np.int64], shape: tuple[int, int]) -> NDArray[np.float32]:
    """Triangle numbers by cell, -1 outside of the face; what is nearer to the nose covers."""
    centres = cells[TRIANGLES[seen]].mean(axis=1)
    distance = np.linalg.norm(centres - cells[NOSE_TIP], axis=1)
    numbers = np.full(shape, -1, np.float32)
    for number in seen[np.argsort(-distance, kind="stable")]:
        corners = np.rint(cells[TRIANGLES[number]] * (1 << _SUBPIXEL_BITS)).astype(np.int32)
        cv2.fillConvexPoly(numbers, corners, float(number), shift=_SUBPIXEL_BITS)
    return numbers


def nearest(inside: NDArray[np.bool_]) -> tuple[NDArray[np.int64], NDArray[np.int64], Floats]:
    """For each cell, row and column of the nearest cell inside, and how far that is."""
    outside = (~inside).astype(np.uint8)
    distance, labels = cv2.distanceTransformWithLabels(
        outside, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    places = np.zeros((int(labels.max()) + 1, 2), np.int64)
    places[labels[inside]] = np.argwhere(inside)
    rows, columns = np.moveaxis(places[labels], 2, 0)
    return rows, columns, np.asarray(distance, np.float32)


def _barycentric(corners: NDArray[np.float32]) -> Floats:
    """Weights (3, rows, columns) of each cell's centre in its triangle (3, rows, columns, 2)."""
    rows, columns = corners.shape[1:3]
    at = np.dstack(np.meshgrid(np.arange(columns), np.arange(rows))).astype(np.float64)
    a, b, c = corners.astype(np.float64)
    u, v, p = b - a, c - a, at - a
    area = np.minimum(u[..., 0] * v[..., 1] - u[..., 1] * v[..., 0], -_TINY)  # seen from the front
    wb = (p[..., 0] * v[..., 1] - p[..., 1] * v[..., 0]) / area
    wc = (u[..., 0] * p[..., 1] - u[..., 1] * p[..., 0]) / area
    return _drawn_in(np.stack((1 - wb - wc, wb, wc))).astype(np.float32)


def _drawn_in(weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Move what lies far outside of its triangle towards the triangle's centre."""
    centre = 1 / 3
    below = centre - weights.min(axis=0)
    drawn = centre + (weights - centre) * np.minimum(1, (centre + _REACH) / below)
    return np.asarray(drawn, np.float64)
