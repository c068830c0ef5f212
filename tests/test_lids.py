"""Where the lids of closed eyes are taken from."""

import numpy as np

from benchmarks import portraits
from benchmarks.variants import closed_eyes
from mockserver.imaging.face import Points
from mockserver.imaging.lids import lifted
from mockserver.imaging.mesh import LEFT_EYE, RIGHT_BROW, RIGHT_EYE, TRIANGLES, Indices
from mockserver.imaging.warp import signed_areas

UPPER = np.concatenate((RIGHT_EYE[9:], LEFT_EYE[9:]))


def opening(points: Points, eye: Indices) -> float:
    lower, upper, width = points[eye[4]], points[eye[12]], points[eye[8]] - points[eye[0]]
    return float(np.linalg.norm(upper - lower) / np.linalg.norm(width))


def closed() -> Points:
    return closed_eyes(portraits.user("astronaut")).face.points


def test_lids_are_lifted_as_far_as_the_materials() -> None:
    material = portraits.material(portraits.MATERIALS[1]).face.points
    for eye in (RIGHT_EYE, LEFT_EYE):
        assert opening(closed(), eye) < 0.6 * opening(material, eye)
        assert opening(lifted(closed(), material), eye) > 0.9 * opening(material, eye)


def test_nothing_folds_over_however_wide_the_materials_eyes_are() -> None:
    before = signed_areas(closed())
    after = signed_areas(lifted(closed(), portraits.material(portraits.MATERIALS[3]).face.points))
    lids = np.isin(TRIANGLES, UPPER).any(axis=1)
    assert (after[lids & (before > 0)] > 0).mean() > 0.95


def test_lower_lids_and_brows_stay() -> None:
    material = portraits.material(portraits.MATERIALS[1]).face.points
    still = np.concatenate((RIGHT_EYE[:9], LEFT_EYE[:9], RIGHT_BROW))
    shift = lifted(closed(), material) - closed()
    width = np.linalg.norm(material[RIGHT_EYE[8]] - material[RIGHT_EYE[0]])
    assert np.abs(shift[still]).max() < 0.05 * width


def test_open_eyes_stay_as_they_are() -> None:
    material = portraits.material(portraits.MATERIALS[3]).face.points
    for who in portraits.USERS:
        points = portraits.user(who).face.points
        assert (lifted(points, material) == points).all()
