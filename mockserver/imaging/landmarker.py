"""The face mesh network: how the face in a square is shaped.

The first square and what is made of the network's outputs are as in MediaPipe's FaceLandmarker
(observed: on the same pictures its landmarks lie within a fraction of a pixel of these). Where
the network is not sure of them, it looks again from where they are.
"""

from dataclasses import replace

import cv2
import numpy as np

from mockserver.imaging.codec import Pixels
from mockserver.imaging.face import Candidate, Landmarks, Points, slope
from mockserver.imaging.mesh import MIRRORED, OUTER_EYE_CORNERS
from mockserver.imaging.network import Network
from mockserver.imaging.pose import yaw_and_pitch
from mockserver.imaging.square import Square

_SIDE = 1.5  # of the longer side of what is in the middle of the square
_FACE = 0.0  # logit above which the network takes what it sees for a face

# On 60 altered portraits the landmarks moved by under 1.3 % of the eyes' distance at a second
# look, but by up to 11 % where the network was less sure than this.
_SURE = 16.0
_SETTLED = 0.05  # of the square's side: so far it is wrong after any first look
_MAX_LOOKS = 4

_ASIDE = ((0.0, 1.0), (-0.06, 1.02), (0.06, 0.98))  # radians to turn a square by, and its scale


class FaceLandmarker:
    """Finds the 478 landmarks of a face; it looks at 256x256 pixels around it."""

    def __init__(self, network: Network) -> None:
        self._network = network

    def find(self, image: Pixels, candidate: Candidate) -> Landmarks | None:
        """A candidate's shape in an RGB picture (h, w, 3); None when it is no face after all."""
        square, found = _around_box(candidate), None
        for _ in range(_MAX_LOOKS):
            mesh, sure = self._look(image, square)
            if sure <= _FACE:
                break
            found = mesh
            if sure >= _SURE:
                break
            before, square = square, _around_points(mesh[:, :2])
            if square.distance(before) < _SETTLED:
                break
        return None if found is None else _landmarks(found)

    def refine(self, image: Pixels, face: Landmarks) -> Landmarks:
        """The mean of six looks at a face: each from a little elsewhere, and in a mirror."""
        square = _around_points(face.points)
        aside = [
            replace(square, turn=square.turn + turn, side=square.side * scale)
            for turn, scale in _ASIDE
        ]
        looks = [self._look(image, way, in_mirror) for way in aside for in_mirror in (False, True)]
        return _landmarks(np.mean([mesh for mesh, _ in looks], axis=0, dtype=np.float32))

    def _look(self, image: Pixels, square: Square, in_mirror: bool = False) -> tuple[Points, float]:
        """Landmarks (478, 3) in pixels of the picture, and the logit of their being a face."""
        side = self._network.side
        pixels = square.cut(image, side, cv2.BORDER_REPLICATE)
        pixels = pixels[:, ::-1] if in_mirror else pixels
        given = np.multiply(pixels, np.float32(1 / 255), dtype=np.float32)
        output, face, _ = self._network.run(given)
        mesh = output.reshape(-1, 3)
        if in_mirror:
            mesh = mesh[MIRRORED]
            mesh[:, 0] = side - 1 - mesh[:, 0]
        mesh /= side
        return np.column_stack((square.placed(mesh[:, :2]), mesh[:, 2] * square.side)), face.item()


def _around_box(candidate: Candidate) -> Square:
    """The square that shows the candidate upright, as MediaPipe chooses it."""
    box = candidate.box
    middle = np.array(box.middle, np.float32)
    return Square(middle, _SIDE * max(box.width, box.height), np.radians(candidate.roll))


def _around_points(points: Points) -> Square:
    """The square that shows the face of these landmarks upright, as MediaPipe follows a face."""
    turn = float(np.radians(slope(*points[list(OUTER_EYE_CORNERS)])))
    return Square.around(points, turn, _SIDE)


def _landmarks(mesh: Points) -> Landmarks:
    points, depths = np.ascontiguousarray(mesh[:, :2]), mesh[:, 2].copy()
    yaw, pitch = yaw_and_pitch(points, depths)
    return Landmarks(points, depths, yaw, pitch, slope(*points[list(OUTER_EYE_CORNERS)]))
