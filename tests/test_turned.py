"""Faces turned otherwise than the material's."""

import numpy as np
import pytest

from mockserver.imaging import turned
from mockserver.imaging.face import Points
from mockserver.imaging.fuse import Template, prepare
from mockserver.imaging.warp import signed_areas
from tests.photos import GREY_MATERIAL, MATERIALS, material, material_face, user_face

TURNED = "einstein.jpg"  # by 30 degrees and more, the left half away from the camera


def template(where: str) -> Template:
    return prepare(material(where), material_face(where))


def hidden(points: Points, where: str) -> float:
    return turned.hidden(signed_areas(points), template(where).grid)


def mirror_image(points: Points) -> Points:
    return turned.mirrored(points * np.array((-1, 1), np.float32))


@pytest.mark.parametrize("who", ["hopper.jpg", "astronaut.jpg"])
@pytest.mark.parametrize("where", [MATERIALS[0], GREY_MATERIAL])
def test_of_a_frontal_face_nothing_is_hidden(who: str, where: str) -> None:
    assert hidden(user_face(who).points, where) == 0


def test_of_a_turned_face_the_half_behind_the_nose_is_hidden() -> None:
    points = user_face(TURNED).points
    assert hidden(points, MATERIALS[0]) > 0.7
    assert hidden(mirror_image(points), MATERIALS[0]) < -0.7


def turned_by(degrees: float) -> Points:
    """A frontal face's landmarks, turned about the vertical axis."""
    face, angle = user_face("astronaut.jpg"), np.radians(degrees)
    x = face.points[:, 0] * np.cos(angle) + face.depths * np.sin(angle)
    return np.column_stack((x, face.points[:, 1])).astype(np.float32)


@pytest.mark.parametrize(("degrees", "share"), [(0, 0), (25, 0), (60, 1), (-60, 1)])
def test_the_far_eye_is_mirrored_only_when_it_is_not_seen(degrees: float, share: float) -> None:
    areas = signed_areas(turned_by(degrees))
    assert turned.hidden_eye(areas, template(MATERIALS[0]).grid) == share


def test_nothing_is_hidden_where_the_material_is_turned_alike() -> None:
    assert hidden(user_face(TURNED).points, GREY_MATERIAL) == 0


def test_the_far_cheek_of_a_turned_face_is_not_seen() -> None:
    seen = turned.seen(signed_areas(user_face(TURNED).points), template(MATERIALS[0]).grid)
    quarter = seen.shape[1] // 4
    assert seen[:, :quarter].mean() > seen[:, -quarter:].mean() + 0.3


def test_mirroring_twice_changes_nothing() -> None:
    points = user_face(TURNED).points
    assert (turned.mirrored(turned.mirrored(points)) == points).all()
