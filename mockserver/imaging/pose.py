"""How a head is turned, from its landmarks."""

import numpy as np

from mockserver.imaging.face import Depths, Points

# Of MediaPipe's canonical face model (Apache-2.0): landmark, its weight, and where it is on the
# head, in centimetres: x to the subject's left, y up, z forwards.
_HEAD = (
    (4, 0.0709, 0.000, -0.463, 7.587),
    (6, 0.0321, 0.000, 2.473, 5.789),
    (10, 0.0084, 0.000, 8.262, 4.482),
    (33, 0.0587, -4.446, 2.664, 3.173),
    (54, 0.0077, -6.279, 6.615, 1.426),
    (67, 0.0091, -3.524, 8.006, 3.729),
    (117, 0.0098, -5.259, 0.946, 2.974),
    (119, 0.0146, -3.301, 0.862, 3.873),
    (121, 0.0186, -1.821, 1.468, 4.224),
    (127, 0.0052, -7.743, 2.365, -2.005),
    (129, 0.1206, -1.786, -0.978, 4.850),
    (132, 0.0056, -7.271, -2.891, -2.252),
    (133, 0.0533, -1.856, 2.585, 3.758),
    (136, 0.0669, -5.085, -7.179, 0.715),
    (143, 0.0148, -6.408, 2.236, 1.561),
    (147, 0.0143, -6.235, -1.944, 1.664),
    (198, 0.0255, -1.247, 0.230, 5.681),
    (205, 0.0473, -3.833, -1.537, 4.138),
    (263, 0.0587, 4.446, 2.664, 3.173),
    (284, 0.0077, 6.279, 6.615, 1.426),
    (297, 0.0091, 3.524, 8.006, 3.729),
    (346, 0.0098, 5.259, 0.946, 2.974),
    (348, 0.0146, 3.301, 0.862, 3.873),
    (350, 0.0186, 1.821, 1.468, 4.224),
    (356, 0.0052, 7.743, 2.365, -2.005),
    (358, 0.1206, 1.786, -0.978, 4.850),
    (361, 0.0056, 7.271, -2.891, -2.252),
    (362, 0.0533, 1.856, 2.585, 3.758),
    (365, 0.0669, 5.085, -7.179, 0.715),
    (372, 0.0148, 6.408, 2.236, 1.561),
    (376, 0.0143, 6.235, -1.944, 1.664),
    (420, 0.0255, 1.247, 0.230, 5.681),
    (425, 0.0473, 3.833, -1.537, 4.138),
)
_LANDMARKS = np.array([row[0] for row in _HEAD], np.int32)
_WEIGHTS = np.array([row[1] for row in _HEAD])[:, None] / sum(row[1] for row in _HEAD)
_POINTS = np.array([row[2:] for row in _HEAD])
_CENTRED = _POINTS - (_WEIGHTS * _POINTS).sum(axis=0)


def yaw_and_pitch(points: Points, depths: Depths) -> tuple[float, float]:
    """Degrees by which the head of landmarks (478, 2) and depths (478,) is turned.

    Yaw > 0 to the right of the picture, pitch > 0 downwards. It is the turn that brings the
    canonical face nearest to the landmarks, seen from afar: so it does not depend on how a
    picture is cut around the face.
    """
    seen = np.column_stack((points[_LANDMARKS, 0], -points[_LANDMARKS, 1], -depths[_LANDMARKS]))
    left, _, right = np.linalg.svd((_WEIGHTS * seen).T @ _CENTRED)
    left[:, 2] *= np.linalg.det(left @ right)  # a turn, not a mirror image
    turn = left @ right
    yaw = np.arctan2(-turn[2, 0], np.hypot(turn[0, 0], turn[1, 0]))
    pitch = np.arctan2(turn[2, 1], turn[2, 2])
    return float(np.degrees(yaw)), float(np.degrees(pitch))
