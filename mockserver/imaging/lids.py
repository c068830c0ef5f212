"""Closed eyes of a user, where the material's are open.

The warp fills the material's opening with what lies between the user's lids: of closed ones the
line of the lashes, smeared. So it is told that the upper lid ends higher up than it does: then
the opening is filled with the lid, and the lashes lie along its lower edge.
"""

import numpy as np

from mockserver.imaging.face import Points
from mockserver.imaging.mask import step
from mockserver.imaging.mesh import LEFT_BROW, LEFT_EYE, RIGHT_BROW, RIGHT_EYE, Indices
from mockserver.imaging.warp import Floats

# Opening of an eye over its width: closed, open. Measured: photos of open eyes 0.31 to 0.50,
# closed ones 0.14 to 0.22.
_CLOSED, _OPEN = 0.17, 0.25
_FURTHEST = 0.6  # of the way to the brow
_EYES = ((RIGHT_EYE, RIGHT_BROW), (LEFT_EYE, LEFT_BROW))


def lifted(user: Points, material: Points) -> Points:
    """The user's landmarks (478, 2), with the upper lids of closed eyes where they would be open.

    As far as those of the material, whose landmarks (478, 2) are given; each in its own pixels.
    """
    for eye, brow in _EYES:
        opening = _opening(user, eye)
        shut = float(step(np.array((_OPEN - opening) / (_OPEN - _CLOSED), np.float32)))
        missing = _opening(material, eye) - opening
        if shut and missing > 0:
            user = _raised(user, eye, brow, shut * missing)
    return user


def _opening(points: Points, eye: Indices) -> float:
    """Of the lids, over the eye's width."""
    lower, upper, width = points[eye[4]], points[eye[12]], np.linalg.norm(_along(points, eye))
    return float(np.linalg.norm(upper - lower) / width)


def _along(points: Points, eye: Indices) -> Floats:
    return np.asarray(points[eye[8]] - points[eye[0]], np.float32)


def _raised(points: Points, eye: Indices, brow: Indices, share: float) -> Points:
    """What lies between upper lid and brow, raised: at the lid by `share` of the eye's width."""
    along = _along(points, eye)
    up = np.array((along[1], -along[0]), np.float32)
    offset = points - points[eye[0]]
    up *= np.sign(offset[brow].mean(axis=0) @ up)
    square = along @ along
    across, height = offset @ along / square, offset @ up / square  # in widths of the eye
    top = height[brow].min()
    near = np.clip(1 - height / top, 0, 1) * (height > 0)
    near[eye[:9]], near[eye[9:]] = 0, 1
    arch = np.clip(4 * across * (1 - across), 0, 1)
    raised = min(share, _FURTHEST * top) * near * arch
    return np.asarray(points + raised[:, None] * up, np.float32)
