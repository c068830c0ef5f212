"""Faces in pictures: where they are and how they are shaped.

This is the only file that knows MediaPipe. Importing MediaPipe takes 0.2 s and more, so it
happens when the first engine is made.
"""

import ctypes
import hashlib
import weakref
import zipfile
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from mockserver.imaging.codec import Pixels
from mockserver.imaging.mesh import FACE_OVAL, OUTER_EYE_CORNERS
from mockserver.imaging.quiet import quiet_stderr

Points = NDArray[np.float32]
Depths = NDArray[np.float32]

MODEL = Path(__file__).parent / "models" / "face_landmarker.task"
_MODEL_SHA256 = "64184e229b263107bc2b804c6625db1341ff2bb731874b0bcc2fe6544e0bc9ff"

_MARGIN = 0.6  # of the box's longer side, on each side of the box
_ENOUGH = 1280  # px; the models work at 128x128 and 256x256: a longer side only costs time
_MIN_CONFIDENCE = 0.1  # low, for the thresholds are find.py's business


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


@dataclass(frozen=True)
class Candidate:
    """Something like a face; score 0..1.

    `keypoints` float32 (4, 2): the subject's right eye, left eye, nose tip, mouth.
    """

    box: Box
    score: float
    keypoints: Points | None = field(default=None, compare=False)

    @property
    def roll(self) -> float:
        """Degrees by which the eyes are turned in the plane, clockwise > 0; 0 when not known."""
        return 0.0 if self.keypoints is None else _slope(self.keypoints[0], self.keypoints[1])

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

    def landmarks(self, image: Pixels, box: Box) -> Landmarks | None:
        """The shape of the face in the box, or None when there is none after all."""
        ...

    def only_face(self, image: Pixels) -> Landmarks | None:
        """The shape of the one clear face in the whole picture; None for no or several faces.

        Much cheaper than `detect` and `landmarks`, but less sure: an upside-down face may come
        out as an upright one.
        """
        ...

    def close(self) -> None:
        """Free what the engine holds; it is of no use afterwards."""
        ...


class MediaPipeEngine(FaceEngine):
    """Google's BlazeFace (short range) and FaceLandmarker on the CPU.

    `clear_score` (0..1) is what `only_face` and `landmarks` take for a face. Raises RuntimeError
    when the model file is not the known one.
    """

    def __init__(self, model: Path = MODEL, *, clear_score: float = 0.55) -> None:
        detector_model = _detector_model(model)
        with quiet_stderr():
            from mediapipe.tasks.python.core.base_options import BaseOptions
            from mediapipe.tasks.python.vision import face_detector, face_landmarker
            from mediapipe.tasks.python.vision.core import image

            self._face_landmarker = face_landmarker
            self._image = image
            self._detector = face_detector.FaceDetector.create_from_options(
                face_detector.FaceDetectorOptions(
                    base_options=BaseOptions(model_asset_buffer=detector_model),
                    min_detection_confidence=_MIN_CONFIDENCE,
                )
            )
            self._landmarker = face_landmarker.FaceLandmarker.create_from_options(
                face_landmarker.FaceLandmarkerOptions(
                    base_options=BaseOptions(model_asset_path=str(model)),
                    num_faces=2,
                    min_face_detection_confidence=clear_score,
                    output_facial_transformation_matrixes=True,
                )
            )
        self._close = weakref.finalize(self, _close_all, self._detector, self._landmarker)

    def detect(self, image: Pixels) -> list[Candidate]:
        """Candidates in the whole picture (h, w, 3), best score first."""
        reduced, step = _thinned(image)
        found = self._detector.detect(self._native(reduced)).detections
        candidates = [_candidate(detection, step, image) for detection in found]
        return sorted(candidates, key=lambda candidate: -candidate.score)

    def landmarks(self, image: Pixels, box: Box) -> Landmarks | None:
        """The shape of the face in the box, or None when there is none after all."""
        left, top, right, bottom = with_margin(box, image.shape[1], image.shape[0])
        found = self._run_landmarker(image[top:bottom, left:right])
        centre = np.array((box.x + box.width / 2, box.y + box.height / 2), np.float32)
        shapes = [shape.shifted(left, top) for shape in found]
        return min(
            shapes,
            key=lambda shape: float(np.linalg.norm(shape.points.mean(axis=0) - centre)),
            default=None,
        )

    def only_face(self, image: Pixels) -> Landmarks | None:
        """The shape of the one clear face in the whole picture; None for no or several faces."""
        found = self._run_landmarker(image)
        return found[0] if len(found) == 1 else None

    def close(self) -> None:
        """Close both models; they are closed at the interpreter's exit at the latest."""
        self._close()

    def _native(self, image: Pixels) -> Any:
        return self._image.Image(self._image.ImageFormat.SRGB, np.ascontiguousarray(image))

    def _run_landmarker(self, image: Pixels) -> list[Landmarks]:
        # FaceLandmarker.detect builds 478 Python objects, which takes a tenth of the whole
        # call; the same call of the library, read as an array, does not.
        native = self._native(_thinned(image)[0])
        library = self._landmarker._lib
        found = self._face_landmarker.FaceLandmarkerResultC()
        library.MpFaceLandmarkerDetectImage(
            self._landmarker._handle, native._image_ptr, None, ctypes.byref(found)
        )
        try:
            return [
                _shape(
                    _points(found.face_landmarks[face]),
                    found.facial_transformation_matrixes[face].to_numpy(),
                    image,
                )
                for face in range(found.face_landmarks_count)
            ]
        finally:
            library.MpFaceLandmarkerCloseResult(ctypes.byref(found))


def _slope(right: Points, left: Points) -> float:
    """Degrees in the picture's plane from the subject's right to the left, clockwise > 0."""
    return float(np.degrees(np.arctan2(left[1] - right[1], left[0] - right[0])))


@cache
def _detector_model(model: Path) -> bytes:
    if hashlib.sha256(model.read_bytes()).hexdigest() != _MODEL_SHA256:
        raise RuntimeError(f"{model} is not the face model that this version was made for")
    with zipfile.ZipFile(model) as bundle:
        return bundle.read("face_detector.tflite")


def _thinned(image: Pixels) -> tuple[Pixels, int]:
    height, width = image.shape[:2]
    step = -(-max(height, width) // _ENOUGH)
    if step == 1:
        return image, 1
    size = (-(-width // step), -(-height // step))
    return cv2.resize(image, size, interpolation=cv2.INTER_NEAREST).astype(
        np.uint8, copy=False
    ), step


def _close_all(*models: Any) -> None:
    for model in models:
        try:
            model.close()
        except RuntimeError:  # at the interpreter's exit: the model's own thread has ended
            model._handle = None  # so that its __del__ does not try again


def _candidate(detection: Any, step: int, image: Pixels) -> Candidate:
    box = detection.bounding_box
    sides = (box.origin_x, box.origin_y, box.width, box.height)
    size = np.array((image.shape[1], image.shape[0]), np.float32)
    keypoints = np.array([(point.x, point.y) for point in detection.keypoints[:4]], np.float32)
    score = detection.categories[0].score
    return Candidate(Box(*(float(side * step) for side in sides)), score, keypoints * size)


def with_margin(box: Box, width: int, height: int) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of what the models look at around a face in a picture."""
    margin = _MARGIN * max(box.width, box.height)
    return (
        max(0, round(box.x - margin)),
        max(0, round(box.y - margin)),
        min(width, round(box.x + box.width + margin)),
        min(height, round(box.y + box.height + margin)),
    )


def _shape(relative: Points, matrix: NDArray[np.float32], image: Pixels) -> Landmarks:
    points = relative[:, :2] * np.array((image.shape[1], image.shape[0]), np.float32)
    depths = relative[:, 2] * np.float32(image.shape[1])
    yaw, pitch = _yaw_pitch(matrix)
    return Landmarks(points, depths, yaw, pitch, _slope(*points[list(OUTER_EYE_CORNERS)]))


def _points(native: Any) -> Points:
    size = ctypes.sizeof(native.landmarks._type_) // ctypes.sizeof(ctypes.c_float)
    floats = ctypes.cast(native.landmarks, ctypes.POINTER(ctypes.c_float))
    table = np.ctypeslib.as_array(floats, (native.landmarks_count, size))
    return np.array(table[:, :3], np.float32)  # x, y and z come first in the struct


def _yaw_pitch(matrix: NDArray[np.float32]) -> tuple[float, float]:
    rotation = matrix[:3, :3] / np.linalg.norm(matrix[:3, 0])
    yaw = np.arctan2(-rotation[2, 0], np.hypot(rotation[0, 0], rotation[1, 0]))
    pitch = np.arctan2(rotation[2, 1], rotation[2, 2])
    return float(np.degrees(yaw)), float(np.degrees(pitch))
