"""What a fused picture must be like: geometry, colour and seam, measured, not compared."""

import dataclasses
from functools import cache

import cv2
import numpy as np
import pytest

from mockserver.errors import ApiError
from mockserver.imaging.codec import Pixels
from mockserver.imaging.face import Landmarks
from mockserver.imaging.find import find_face
from mockserver.imaging.fuse import MATERIALS_OWN, Template, fuse, prepare
from mockserver.imaging.mesh import FACE_OVAL, LEFT_EYE, RIGHT_EYE
from tests import photos
from tests.photos import (
    GREY_MATERIAL,
    MATERIALS,
    THRESHOLDS,
    USERS,
    engine,
    material,
    material_face,
    scaled,
    user,
    user_face,
)

ALL_MATERIALS = (*MATERIALS, GREY_MATERIAL)
CHEEKS = (50, 280, 117, 346, 205, 425)
PAIRS = [(who, where) for where in ALL_MATERIALS for who in USERS]


@cache
def template(name: str) -> Template:
    return prepare(material(name), material_face(name))


@cache
def result(who: str, where: str) -> Pixels:
    return fuse(material(where), template(where), user(who), user_face(who), MATERIALS_OWN)


def fused_with(image: Pixels, where: str) -> Pixels:
    face = find_face(engine(), image, THRESHOLDS)
    return fuse(material(where), template(where), image, face, MATERIALS_OWN)


def changed(who: str, where: str) -> np.ndarray[tuple[int, int], np.dtype[np.bool_]]:
    before, after = material(where).astype(int), result(who, where).astype(int)
    return np.asarray(np.abs(before - after).max(axis=2) > 2)


def skin_tone(image: Pixels, face: Landmarks) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Median colour of the cheeks, in L*a*b* (a* and b* with zero at grey)."""
    side = max(2, round(face.box.width * 0.04))
    patches = []
    for x, y in face.points[list(CHEEKS)].round().astype(int):
        patches.append(image[y - side : y + side, x - side : x + side].reshape(-1, 3))
    lab = cv2.cvtColor(np.concatenate(patches)[None].astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    return np.asarray(np.median(lab[0], axis=0), np.float64)


@pytest.mark.parametrize(("who", "where"), PAIRS)
def test_the_skin_tone_is_the_materials(who: str, where: str) -> None:
    face = material_face(where)
    tone, own = skin_tone(result(who, where), face), skin_tone(material(where), face)
    assert abs(tone[0] - own[0]) < 10
    assert np.linalg.norm(tone[1:] - own[1:]) < 10


@pytest.mark.parametrize(("who", "where"), PAIRS)
def test_nothing_changes_outside_of_the_face(who: str, where: str) -> None:
    hull = cv2.convexHull(material_face(where).points[FACE_OVAL].round().astype(np.int32))
    inside = np.zeros(material(where).shape[:2], np.uint8)
    cv2.fillConvexPoly(inside, hull, 1)
    assert not (changed(who, where) & (inside == 0)).any()
    assert changed(who, where)[inside == 1].mean() > 0.3


@pytest.mark.parametrize("where", MATERIALS)
def test_users_can_be_told_apart(where: str) -> None:
    one, other = (result(who, where).astype(int) for who in ("hopper.jpg", "astronaut.jpg"))
    rows, columns = template(where).region.slices
    assert np.abs(one - other)[rows, columns].mean() > 5


def test_the_users_features_show() -> None:
    """The result's eyes are more like the user's, warped alike, than like the material's."""
    where = "qc_100646_154021_9.jpg"
    shown, own = result("hopper.jpg", where), material(where)
    points = material_face(where).points[[*LEFT_EYE, *RIGHT_EYE]]
    (left, top), (right, bottom) = points.min(axis=0).astype(int), points.max(axis=0).astype(int)
    eyes = (slice(top, bottom), slice(left, right))
    matrix, _ = cv2.estimateAffine2D(user_face("hopper.jpg").points, material_face(where).points)
    aligned = cv2.warpAffine(user("hopper.jpg"), matrix, own.shape[1::-1])
    to_user, to_own = (
        np.corrcoef(shown[eyes].mean(axis=2).ravel(), other[eyes].mean(axis=2).ravel())[0, 1]
        for other in (aligned, own)
    )
    assert to_user > to_own


@pytest.mark.parametrize("who", USERS)
def test_a_grey_material_stays_grey(who: str) -> None:
    shown = result(who, GREY_MATERIAL)[template(GREY_MATERIAL).region.slices].astype(int)
    assert np.ptp(shown, axis=2).max() < 25
    assert np.ptp(shown, axis=2).mean() < 3


@pytest.mark.parametrize("factor", [0.35, 1.5])
def test_light_of_the_users_photo_does_not_count(factor: float) -> None:
    where = MATERIALS[0]
    relit = np.clip(user("hopper.jpg") * factor, 0, 255).astype(np.uint8)
    tone = skin_tone(fused_with(relit, where), material_face(where))
    assert np.linalg.norm(tone - skin_tone(material(where), material_face(where))) < 14


def test_side_light_of_the_users_photo_is_evened_out() -> None:
    where = MATERIALS[0]
    lit = result("astronaut_sidelight.jpg", where)[template(where).region.slices]
    even = result("astronaut.jpg", where)[template(where).region.slices]
    difference = lit.mean(axis=2) - even.mean(axis=2)
    middle = difference.shape[1] // 2
    assert abs(difference[:, :middle].mean() - difference[:, middle:].mean()) < 6


def test_what_is_burnt_out_in_the_users_photo_does_not_show() -> None:
    where = MATERIALS[2]
    burnt = np.clip(user("astronaut.jpg") * 3.0, 0, 255).astype(np.uint8)
    shown, own = (cv2.Laplacian(i, cv2.CV_32F) for i in (fused_with(burnt, where), material(where)))
    for x, y in material_face(where).points[[50, 280]].round().astype(int):
        patch = (slice(y - 8, y + 8), slice(x - 8, x + 8))
        assert shown[patch].std() > 0.5 * own[patch].std()


@pytest.mark.parametrize("width", [60, 1400])
def test_the_size_of_the_users_photo_does_not_count(width: int) -> None:
    where = MATERIALS[0]
    resized = scaled(user("hopper.jpg"), width / user_face("hopper.jpg").box.width)
    region = template(where).region.slices
    difference = (
        fused_with(resized, where)[region].astype(int) - result("hopper.jpg", where)[region]
    )
    assert np.abs(difference).mean() < 8


def test_teeth_stay_when_the_users_mouth_is_closed() -> None:
    where = "qc_100646_154021_9.jpg"
    teeth = material_face(where).points[[13, 14]].mean(axis=0).round().astype(int)
    patch = (slice(teeth[1] - 1, teeth[1] + 2), slice(teeth[0] - 6, teeth[0] + 7))
    difference = result("hopper.jpg", where)[patch].astype(int) - material(where)[patch]
    assert np.abs(difference).mean() < 6


def test_the_same_arguments_give_the_same_bytes() -> None:
    where = MATERIALS[0]
    again = fuse(
        material(where).copy(),
        prepare(material(where).copy(), material_face(where)),
        user("hopper.jpg").copy(),
        user_face("hopper.jpg"),
        MATERIALS_OWN,
    )
    assert (again == result("hopper.jpg", where)).all()


def test_the_material_is_not_written_to() -> None:
    where = MATERIALS[0]
    before = material(where).copy()
    fuse(material(where), template(where), user("hopper.jpg"), user_face("hopper.jpg"))
    assert (material(where) == before).all()


def test_a_face_at_the_edge_of_the_material() -> None:
    face = material_face(MATERIALS[0])
    left = round(face.box.x + 0.1 * face.box.width)
    image = np.ascontiguousarray(material(MATERIALS[0])[:, left:])
    shown = fuse(
        image, prepare(image, face.shifted(-left, 0)), user("hopper.jpg"), user_face("hopper.jpg")
    )
    assert shown.shape == image.shape
    assert np.abs(shown.astype(int) - image).mean() > 0.5


@pytest.mark.parametrize("side", [40, 90])
def test_a_tiny_face_in_the_material(side: int) -> None:
    small = scaled(material(MATERIALS[0]), side / material_face(MATERIALS[0]).box.width)
    face = material_face(MATERIALS[0])
    factor = small.shape[1] / material(MATERIALS[0]).shape[1]
    shrunk = dataclasses.replace(face, points=(face.points * factor).astype(np.float32))
    shown = fuse(small, prepare(small, shrunk), user("hopper.jpg"), user_face("hopper.jpg"))
    assert np.abs(shown.astype(int) - small).max() > 20


def test_a_profile_folds_over() -> None:
    face = user_face("hopper.jpg")
    points = face.points.copy()
    points[:, 0] = np.abs(points[:, 0] - points[:, 0].mean())  # one half lies on the other
    folded = dataclasses.replace(face, points=points)
    where = MATERIALS[0]
    with pytest.raises(ApiError, match=r"FailedOperation\.FaceFusionError"):
        fuse(material(where), template(where), photos.user("hopper.jpg"), folded)
