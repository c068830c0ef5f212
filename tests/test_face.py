"""Which face is found, and which error an altered photo leads to."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from mockserver.errors import ApiError
from mockserver.imaging.codec import Pixels
from mockserver.imaging.engine import MeshEngine
from mockserver.imaging.face import Box
from mockserver.imaging.find import FaceThresholds, face_in_rect, find_face, find_faces
from mockserver.imaging.mesh import FACE_OVAL, NOSE_TIP, TRIANGLES
from mockserver.materials import face_thresholds
from mockserver.settings import Settings
from tests import photos
from tests.photos import THRESHOLDS, blurred, cut, engine, measured, placed, scaled, user, user_face

PORTRAITS = ("hopper.jpg", "astronaut.jpg")


def code_of(image: Pixels, thresholds: FaceThresholds = THRESHOLDS) -> str:
    with pytest.raises(ApiError) as caught:
        find_face(engine(), image, thresholds)
    return caught.value.code.removeprefix("FailedOperation.")


def turned(image: Pixels, degrees: float) -> Pixels:
    height, width = image.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1)
    return np.asarray(
        cv2.warpAffine(image, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE), np.uint8
    )


@pytest.mark.parametrize("name", photos.USERS)
def test_a_portrait_has_a_face_inside_the_picture(name: str) -> None:
    face, (height, width) = user_face(name), user(name).shape[:2]
    assert face.points.shape == (478, 2)
    assert face.points.dtype == np.float32
    assert (face.points[FACE_OVAL] > 0).all()
    assert (face.points[FACE_OVAL] < (width, height)).all()


@pytest.mark.parametrize("name", PORTRAITS)
def test_a_mirrored_face_has_mirrored_angles(name: str) -> None:
    face = user_face(name)
    mirrored = find_face(engine(), user(name)[:, ::-1], THRESHOLDS)
    assert mirrored.roll == pytest.approx(-face.roll, abs=3)
    assert mirrored.yaw == pytest.approx(-face.yaw, abs=5)
    assert mirrored.pitch == pytest.approx(face.pitch, abs=5)


@pytest.mark.parametrize("degrees", [-30, 20])
def test_roll_is_measured(degrees: float) -> None:
    face = find_face(engine(), turned(user("hopper.jpg"), degrees), THRESHOLDS)
    assert face.roll == pytest.approx(user_face("hopper.jpg").roll - degrees, abs=5)


def test_finding_is_repeatable() -> None:
    again = find_face(engine(), user("hopper.jpg").copy(), THRESHOLDS)
    assert (again.points == user_face("hopper.jpg").points).all()


@pytest.mark.parametrize("size", [900, 2600])
def test_a_small_face_in_a_large_picture_is_found(size: int) -> None:
    face = find_face(engine(), placed(scaled(user("hopper.jpg"), 0.5), size), THRESHOLDS)
    expected = scaled(user("hopper.jpg"), 0.5).shape
    shift = ((size - expected[1]) // 2, (size - expected[0]) // 2)
    nose = user_face("hopper.jpg").points[NOSE_TIP] / 2 + shift
    assert np.linalg.norm(face.points[NOSE_TIP] - nose) < 0.1 * face.box.width


def far_away(name: str, corner: tuple[int, int], *, width: int, turns: int = 0) -> Pixels:
    """A landscape of 1,600 px with a portrait in it whose face is so wide."""
    image = cv2.resize(photos.landscape(), (1600, 1600))
    portrait = scaled(user(name), width / user_face(name).box.width)
    portrait = np.rot90(portrait, turns)
    y, x = corner
    image[y : y + portrait.shape[0], x : x + portrait.shape[1]] = portrait
    return np.asarray(image, np.uint8)


@pytest.mark.parametrize("name", photos.USERS)
@pytest.mark.parametrize("width", [60, 80])
@pytest.mark.parametrize("corner", [(0, 0), (611, 889), (700, 800)])
def test_a_face_far_away_is_found(name: str, width: int, corner: tuple[int, int]) -> None:
    face = find_face(engine(), far_away(name, corner, width=width), THRESHOLDS)
    expected = measured(user(name))
    nose = expected.points[NOSE_TIP] * width / user_face(name).box.width + corner[::-1]
    assert np.linalg.norm(face.points[NOSE_TIP] - nose) < 0.06 * width


@pytest.mark.parametrize(
    ("name", "turns", "width", "corner"),
    [
        ("hopper.jpg", 1, 60, (611, 889)),
        ("hopper.jpg", 2, 60, (611, 889)),
        ("astronaut.jpg", 3, 60, (611, 889)),
        # In these the models see an upright face.
        ("einstein.jpg", 1, 45, (611, 889)),
        ("einstein.jpg", 3, 110, (716, 353)),
        ("astronaut.jpg", 2, 60, (642, 407)),
    ],
)
def test_a_face_far_away_in_a_turned_photo_is_refused(
    name: str, turns: int, width: int, corner: tuple[int, int]
) -> None:
    code = code_of(far_away(name, corner, width=width, turns=turns))
    assert code in {"FuseDetectNoFace", "NoFaceDetected", "FaceShapeFailed"}


@pytest.mark.parametrize(
    ("setting", "code"),
    [
        ({"no_face_score": 0.999, "weak_face_score": 0.999}, "FuseDetectNoFace"),
        ({"weak_face_score": 0.999}, "NoFaceDetected"),
        ({"min_face_side": 500}, "FaceSizeTooSmall"),
        ({"max_roll_degrees": 0}, "NoFaceDetected"),
        ({"max_yaw_degrees": 0}, "FaceFusionError"),
        ({"max_pitch_degrees": 0}, "FaceFusionError"),
        ({"face_border_share": -1}, "FaceBorderCheckFailed"),
        ({"face_exceed_share": 0}, "FaceExceedBorder"),
    ],
)
def test_every_threshold_is_a_setting(setting: dict[str, float], code: str) -> None:
    settings = Settings(**setting)  # type: ignore[arg-type]
    with pytest.raises(ApiError, match=code):
        find_face(engine(), user("hopper.jpg"), face_thresholds(settings))


def test_the_largest_face_counts() -> None:
    small = scaled(user("astronaut.jpg"), 0.4)
    image = placed(user("hopper.jpg"), 900)
    image[: small.shape[0], : small.shape[1]] = small
    faces = find_faces(engine(), image, THRESHOLDS)
    assert len(faces) == 2
    assert faces[0].box.area > faces[1].box.area
    found = find_face(engine(), image, THRESHOLDS)
    assert found.box.width == pytest.approx(user_face("hopper.jpg").box.width, rel=0.1)


def test_a_group_has_three_faces() -> None:
    group = photos.material("qc_100646_154021_12.jpg")
    centres = sorted(face.box.x for face in find_faces(engine(), group, THRESHOLDS))
    assert len(centres) == 3
    assert min(np.diff(centres)) > 200


def test_a_landscape_has_no_face() -> None:
    assert code_of(photos.landscape()) == "FuseDetectNoFace"
    assert find_faces(engine(), photos.landscape(), THRESHOLDS) == []


def test_what_looks_like_a_face_from_far_alone_is_none() -> None:
    # Of this photo, turned, a part of a dark sofa does.
    assert code_of(turned(user("einstein.jpg"), -135)) == "FuseDetectNoFace"


def test_three_pixels_have_no_face() -> None:
    assert code_of(np.zeros((3, 3, 3), np.uint8)) == "FuseDetectNoFace"


def test_noise_has_no_face() -> None:
    noise = np.random.default_rng(1).integers(0, 255, (400, 400, 3), np.uint8)
    assert code_of(noise) == "FuseDetectNoFace"


def test_the_caller_names_the_code_for_no_face() -> None:
    code = "InvalidParameterValue.NoFaceInPhoto"
    with pytest.raises(ApiError, match=code):
        find_face(engine(), photos.landscape(), THRESHOLDS, no_face_code=code)


@pytest.mark.parametrize("name", PORTRAITS)
def test_heavy_blur_leaves_something_weak(name: str) -> None:
    sigma = 0.09 * user_face(name).box.width
    assert code_of(blurred(user(name), sigma)) == "NoFaceDetected"


@pytest.mark.parametrize("name", PORTRAITS)
@pytest.mark.parametrize("rotation", [cv2.ROTATE_90_CLOCKWISE, cv2.ROTATE_90_COUNTERCLOCKWISE])
def test_a_photo_on_its_side(name: str, rotation: int) -> None:
    image = np.asarray(cv2.rotate(user(name), rotation), np.uint8)
    assert code_of(image) == "NoFaceDetected"


@pytest.mark.parametrize("degrees", [-60, 60])
def test_a_head_turned_in_the_plane(degrees: float) -> None:
    assert code_of(turned(user("astronaut.jpg"), degrees)) == "NoFaceDetected"


def test_a_photo_upside_down() -> None:
    assert code_of(user("astronaut.jpg")[::-1, ::-1]) == "FaceShapeFailed"


@pytest.mark.parametrize("name", PORTRAITS)
def test_a_face_of_too_few_pixels(name: str) -> None:
    image = scaled(user(name), 26 / user_face(name).box.width)
    assert code_of(image) == "FaceSizeTooSmall"


@pytest.mark.parametrize("name", PORTRAITS)
@pytest.mark.parametrize("side", ["left", "top", "bottom"])
def test_an_outline_cut_off(name: str, side: str) -> None:
    assert code_of(cut(user(name), user_face(name), 0.1, side)) == "FaceBorderCheckFailed"


@pytest.mark.parametrize(
    ("name", "side", "share"),
    [
        ("hopper.jpg", "left", 0.32),
        ("hopper.jpg", "bottom", 0.4),
        ("astronaut.jpg", "left", 0.3),
        ("astronaut.jpg", "top", 0.25),
        ("astronaut.jpg", "bottom", 0.4),
    ],
)
def test_a_face_cut_off(name: str, side: str, share: float) -> None:
    assert code_of(cut(user(name), user_face(name), share, side)) == "FaceExceedBorder"


@pytest.mark.parametrize(
    "thresholds", [FaceThresholds(max_yaw=0.01, max_pitch=90), FaceThresholds(max_pitch=0.01)]
)
def test_a_head_turned_away(thresholds: FaceThresholds) -> None:
    assert code_of(user("einstein.jpg"), thresholds) == "FaceFusionError"


def test_the_face_that_the_caller_points_at() -> None:
    image, expected = user("hopper.jpg"), user_face("hopper.jpg")
    face = face_in_rect(engine(), image, expected.box, THRESHOLDS)
    assert np.abs(face.points - expected.points).mean() < 0.02 * expected.box.width


@pytest.mark.parametrize(
    "rect",
    [
        Box(-1, 60, 400, 300),  # the face is in it, but it leaves the picture
        Box(150, 60, 363, 300),
        Box(150, 60, 200, 541),
        Box(330, 60, 180, 300),  # beside the face
        Box(10, 480, 90, 90),
    ],
)
def test_a_rectangle_without_a_face(rect: Box) -> None:
    with pytest.raises(ApiError, match=r"FailedOperation\.FaceRectInvalid"):
        face_in_rect(engine(), user("hopper.jpg"), rect, THRESHOLDS)


def test_another_model_file_is_refused(tmp_path: Path) -> None:
    other = tmp_path / "face_landmarker.task"
    other.write_bytes(b"not a model")
    with pytest.raises(RuntimeError, match="not the face model"):
        MeshEngine(other)


def test_triangles_cover_every_landmark_of_the_surface() -> None:
    assert set(TRIANGLES.ravel()) == set(range(468))
    assert len({tuple(sorted(triangle)) for triangle in TRIANGLES.tolist()}) == len(TRIANGLES)


@pytest.mark.parametrize("degrees", range(120, 250, 10))
@pytest.mark.parametrize("name", PORTRAITS)
def test_a_face_that_is_upside_down_is_never_fused(name: str, degrees: float) -> None:
    assert code_of(turned(user(name), degrees)) in {"FaceShapeFailed", "NoFaceDetected"}
