"""The squares of a picture that the networks look at."""

from dataclasses import dataclass

import cv2
import numpy as np

from mockserver.imaging.codec import Pixels
from mockserver.imaging.face import Points

_CORNERS = np.array(((0, 0), (1, 0), (0, 1), (1, 1)), np.float32)


@dataclass(frozen=True)
class Square:
    """A square, maybe turned and maybe leaving the picture.

    `middle` float32 (2,) and `side` in pixels of the picture; `turn` in radians, clockwise > 0.
    """

    middle: Points
    side: float
    turn: float = 0.0

    @classmethod
    def around(cls, points: Points, turn: float, share: float) -> "Square":
        """The square in whose middle the points (n, 2) fill 1 / `share` of a side."""
        upright = points @ _axes(turn).T
        low, high = upright.min(axis=0), upright.max(axis=0)
        return cls((low + high) / 2 @ _axes(turn), share * float((high - low).max()), turn)

    def cut(self, image: Pixels, size: int, border: int) -> Pixels:
        """Its part of the picture (h, w, 3) as (size, size, 3); `border` is OpenCV's BORDER_*."""
        origin, right, below = self.placed(_CORNERS[:3])
        back = np.column_stack(((right - origin) / size, (below - origin) / size, origin))
        linear = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        pixels = cv2.warpAffine(image, back, (size, size), flags=linear, borderMode=border)
        return np.asarray(pixels, np.uint8)

    def placed(self, points: Points) -> Points:
        """Points (n, 2) of the square, whose corners are (0, 0) and (1, 1), in the picture."""
        turned = (points - np.float32(0.5)) @ _axes(self.turn)
        return np.asarray(turned * self.side + self.middle, np.float32)

    def distance(self, other: "Square") -> float:
        """How far its corners are from another's, as share of its side."""
        apart = np.linalg.norm(self.placed(_CORNERS) - other.placed(_CORNERS), axis=1)
        return float(apart.mean()) / self.side


def _axes(turn: float) -> Points:
    """The unit vectors (2, 2) along a square's upper edge and its left one."""
    cosine, sine = np.cos(turn), np.sin(turn)
    return np.array(((cosine, sine), (-sine, cosine)), np.float32)
