"""Faces in pictures: where they are and how they are shaped."""

from dataclasses import dataclass, field, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from mockserver.imaging.codec import Pixels
from mockserver.imaging.mesh import FACE_OVAL

Points = NDArray[np.float32]
Depths = NDArray[np.float32]
Tile = tuple[slice, slice]  # rows and columns

_MARGIN = 0.6  # of the box's longer side, on each side of the box


@dataclass(frozen=True)
class Box:
    """A rectangle, in pixels of the picture given, origin top-left."""

    x: float
    y: float
    width: float
    height: float

    @property
    def area(self) -> float:
        """Square pixels."""
        return self.width * self.height

    @property
    def middle(self) -> tuple[float, float]:
        """Where its diagonals meet."""
        return self.x + self.width / 2, self.y + self.height / 2


@dataclass(frozen=True)
class Candidate:
    """Something like a face; score 0..1. Its box leaves the picture where the face does.

    `keypoints` float32 (4, 2): the subject's right eye, left eye, nose tip, mouth.
    """

    box: Box
    score: float
    keypoints: Points | None = field(default=None, compare=False)

    @property
    def roll(self) -> float:
        """Degrees by which the eyes are turned in the plane, clockwise > 0; 0 when not known."""
        return 0.0 if self.keypoints is None else slope(self.keypoints[0], self.keypoints[1])

    def shifted(self, x: float, y: float) -> "Candidate":
        """The same candidate, seen from a picture whose origin is at (-x, -y)."""
        box = Box(self.box.x + x, self.box.y + y, self.box.width, self.box.height)
        points = self.keypoints
        moved = None if points is None else points + np.array((x, y), np.float32)
        return Candidate(box, self.score, moved)


@dataclass(frozen=True)
class Landmarks:
    """A face's shape: points float32 (478, 2) in pixels of the picture given; angles in degrees.

    Points may lie outside of the picture. Points 468 to 477 are the irises. `depths` float32
    (478,) are on about the scale of pixels, towards the camera < 0.
    """

    points: Points
    depths: Depths
    yaw: float
    pitch: float
    roll: float

    @property
    def box(self) -> Box:
        """The rectangle around the face's contour; it may leave the picture."""
        contour = self.points[FACE_OVAL]
        (left, top), (right, bottom) = contour.min(axis=0), contour.max(axis=0)
        return Box(float(left), float(top), float(right - left), float(bottom - top))

    def shifted(self, x: float, y: float) -> "Landmarks":
        """The same face, seen from a picture whose origin is at (-x, -y)."""
        moved = self.points + np.array((x, y), np.float32)
        return replace(self, points=moved)


class FaceEngine(Protocol):
    """What finds faces. An engine serves one thread at a time."""

    def detect(self, image: Pixels) -> list[Candidate]:
        """Candidates in the whole picture (h, w, 3), best score first."""
        ...

    def landmarks(self, image: Pixels, candidate: Candidate) -> Landmarks | None:
        """The candidate's shape, or None when it is no face after all."""
        ...

    def refine(self, image: Pixels, face: Landmarks) -> Landmarks:
        """The same face, measured with more care: it takes six times as long."""
        ...


def around(image: Pixels, box: Box) -> Tile:
    """The part of a picture that the networks look at for the face in a box."""
    height, width = image.shape[:2]
    margin = _MARGIN * max(box.width, box.height)
    rows = slice(max(0, round(box.y - margin)), min(height, round(box.y + box.height + margin)))
    columns = slice(max(0, round(box.x - margin)), min(width, round(box.x + box.width + margin)))
    return rows, columns


def slope(right: Points, left: Points) -> float:
    """Degrees in the picture's plane from the subject's right to the left, clockwise > 0."""
    return float(np.degrees(np.arctan2(left[1] - right[1], left[0] - right[0])))
