"""The face engine against MediaPipe's own graph of the same networks, and its geometry."""

from collections.abc import Iterator
from typing import Any
from zipfile import ZipFile

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from mockserver.imaging.codec import Pixels
from mockserver.imaging.find import find_face
from mockserver.imaging.mask import eye_distance
from mockserver.imaging.mesh import IRISES, MIRRORED, NOSE_TIP
from mockserver.imaging.network import MODEL
from mockserver.imaging.pose import yaw_and_pitch
from mockserver.imaging.quiet import quiet_stderr
from mockserver.imaging.square import Square
from tests.photos import (
    GREY_MATERIAL,
    MATERIALS,
    THRESHOLDS,
    engine,
    material,
    measured,
    user,
    user_face,
)

PORTRAITS = ("hopper.jpg", "astronaut.jpg", "morph_hopper_astronaut.jpg")


@pytest.fixture(scope="module")
def mediapipe() -> Iterator[tuple[Any, Any]]:
    """MediaPipe's FaceDetector and FaceLandmarker."""
    with quiet_stderr():
        from mediapipe.tasks.python import BaseOptions, vision

        with ZipFile(MODEL) as bundle:
            network = bundle.read("face_detector.tflite")
        detector = vision.FaceDetector.create_from_options(
            vision.FaceDetectorOptions(BaseOptions(model_asset_buffer=network))
        )
        landmarker = vision.FaceLandmarker.create_from_options(
            vision.FaceLandmarkerOptions(BaseOptions(model_asset_path=str(MODEL)))
        )
    yield detector, landmarker
    detector.close()
    landmarker.close()


def native(image: Pixels) -> Any:
    import mediapipe

    return mediapipe.Image(mediapipe.ImageFormat.SRGB, np.ascontiguousarray(image))


def altered(image: Pixels) -> Iterator[Pixels]:
    """As it is, turned, cut at the left, wide, small."""
    yield image
    height, width = image.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), 25, 1)
    yield np.asarray(cv2.warpAffine(image, turn, (width, height)), np.uint8)
    yield image[:, width // 4 :]
    yield np.asarray(cv2.copyMakeBorder(image, 0, 0, 300, 0, cv2.BORDER_REPLICATE), np.uint8)
    yield np.asarray(cv2.resize(image, (width // 3, height // 3)), np.uint8)


@pytest.mark.parametrize("name", PORTRAITS)
def test_the_detector_sees_what_mediapipe_sees(name: str, mediapipe: tuple[Any, Any]) -> None:
    for image in altered(user(name)):
        theirs = mediapipe[0].detect(native(image)).detections[0]
        ours = engine().detect(image)[0]
        assert ours.score == pytest.approx(theirs.categories[0].score, abs=0.01)
        points = [(point.x, point.y) for point in theirs.keypoints[:4]]
        apart = ours.keypoints - np.array(points) * image.shape[1::-1]
        assert np.abs(apart).max() < 0.02 * ours.box.width


@pytest.mark.parametrize("name", PORTRAITS)
def test_the_landmarks_lie_where_mediapipe_puts_them(name: str, mediapipe: tuple[Any, Any]) -> None:
    for image in altered(user(name)):
        theirs = mediapipe[1].detect(native(image)).face_landmarks[0]
        ours = find_face(engine(), image, THRESHOLDS)
        points = np.array([(point.x, point.y) for point in theirs]) * image.shape[1::-1]
        apart = np.linalg.norm(ours.points - points, axis=1).mean()
        assert apart < 0.015 * eye_distance(ours.points)


@pytest.mark.parametrize("name", [*MATERIALS, GREY_MATERIAL])
def test_a_refined_face_is_its_mirror_images_mirror_image(name: str) -> None:
    image = material(name)
    there = np.ascontiguousarray(image[:, ::-1])
    face, reflected = measured(image), measured(there)
    points = reflected.points[MIRRORED]
    points[:, 0] = image.shape[1] - 1 - points[:, 0]
    apart = np.linalg.norm(face.points - points, axis=1).mean()
    assert apart < 0.015 * eye_distance(face.points)


def test_a_tilted_head_is_looked_at_again() -> None:
    # At the first look, his eyes lie 13 pixels beside their pupils.
    irises = user_face("einstein.jpg").points[list(IRISES)]
    assert np.linalg.norm(irises - ((320, 251), (405, 284)), axis=1).max() < 7


squares = st.builds(
    lambda x, y, side, turn: Square(np.array((x, y), np.float32), side, turn),
    st.floats(-200, 800),
    st.floats(-200, 800),
    st.floats(20, 900),
    st.floats(-3, 3),
)


@given(squares, st.floats(1.1, 3))
def test_a_square_around_its_corners_is_a_larger_one(square: Square, share: float) -> None:
    corners = square.placed(np.array(((0, 0), (1, 0), (0, 1), (1, 1)), np.float32))
    around = Square.around(corners, square.turn, share)
    assert around.side == pytest.approx(share * square.side, rel=1e-3)
    assert around.middle == pytest.approx(square.middle, abs=0.1)
    assert around.distance(square) == pytest.approx((1 - 1 / share) / 2**0.5, rel=1e-2)


@given(squares)
def test_what_is_cut_out_is_what_lies_there(square: Square) -> None:
    rows, columns = np.mgrid[:600, :600] / 3
    ramps = np.dstack((columns, rows, rows)).astype(np.uint8)
    cut = square.cut(ramps, 8, cv2.BORDER_REPLICATE)[..., :2].reshape(-1, 2)
    y, x = np.mgrid[:8, :8] / 8
    places = square.placed(np.column_stack((x.ravel(), y.ravel())).astype(np.float32))
    assert np.abs(cut - np.clip(places, 0, 599) / 3).max() < 2


def rotation(yaw: float, pitch: float) -> NDArray[np.float64]:
    """Of points (n, 3) in a picture with depths, first by pitch."""
    a, b = np.radians((yaw, pitch))
    about_y = ((np.cos(a), 0, -np.sin(a)), (0, 1, 0), (np.sin(a), 0, np.cos(a)))
    about_x = ((1, 0, 0), (0, np.cos(b), -np.sin(b)), (0, np.sin(b), np.cos(b)))
    return np.asarray(np.array(about_y) @ np.array(about_x), np.float64)


@given(st.floats(-45, 45), st.floats(-45, 45))
def test_a_turned_head_has_the_angles_it_was_turned_by(yaw: float, pitch: float) -> None:
    face = user_face("hopper.jpg")
    upright = Square(face.points[NOSE_TIP], 1, np.radians(-face.roll)).placed(face.points)
    facing = np.column_stack((upright, face.depths)) @ rotation(face.yaw, face.pitch)
    turned = facing @ rotation(yaw, pitch).T
    measured = yaw_and_pitch(turned[:, :2].astype(np.float32), turned[:, 2].astype(np.float32))
    assert measured == pytest.approx((yaw, pitch), abs=1)
