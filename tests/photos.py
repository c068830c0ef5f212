"""Photos for the picture tests, cut and altered from fixtures/; RGB uint8 (h, w, 3)."""

from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import Image

from mockserver.imaging.codec import Pixels, decode, read_header
from mockserver.imaging.engine import MeshEngine
from mockserver.imaging.face import FaceEngine, Landmarks
from mockserver.imaging.find import FaceThresholds, find_face, find_faces

FIXTURES = Path(__file__).parent.parent / "fixtures"
USERS = ("hopper.jpg", "astronaut.jpg", "einstein.jpg")
MATERIALS = ("qc_100646_154021_9.jpg", "qc_100646_154021_10.png", "qc_100647_154022_1.jpg")
GREY_MATERIAL = "qc_100646_154021_11.jpg"
THRESHOLDS = FaceThresholds()


@cache
def engine() -> FaceEngine:
    return MeshEngine()


@cache
def user(name: str) -> Pixels:
    return _load(FIXTURES / "users" / name)


@cache
def material(name: str) -> Pixels:
    return _load(FIXTURES / "materials" / name)


@cache
def user_face(name: str) -> Landmarks:
    return find_face(engine(), user(name), THRESHOLDS)


def measured(image: Pixels) -> Landmarks:
    """The picture's face, measured with care."""
    return engine().refine(image, find_face(engine(), image, THRESHOLDS))


@cache
def material_face(name: str) -> Landmarks:
    return find_faces(engine(), material(name), THRESHOLDS)[0]


def encoded(image: Pixels, kind: str, **options: Any) -> bytes:
    """The picture as a file of any kind that Pillow writes, in its mode unless `mode` is given."""
    mode = options.pop("mode", "RGB")
    file = BytesIO()
    Image.fromarray(np.ascontiguousarray(image)).convert(mode).save(file, kind, **options)
    return file.getvalue()


def scaled(image: Pixels, factor: float) -> Pixels:
    return _pixels(cv2.resize(image, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA))


def blurred(image: Pixels, sigma: float) -> Pixels:
    return _pixels(cv2.GaussianBlur(image, (0, 0), sigma))


def placed(image: Pixels, side: int) -> Pixels:
    """The picture in the middle of a grey square."""
    canvas = np.full((side, side, 3), 128, np.uint8)
    height, width = image.shape[:2]
    top, left = (side - height) // 2, (side - width) // 2
    canvas[top : top + height, left : left + width] = image
    return canvas


def cut(image: Pixels, face: Landmarks, share: float, side: str) -> Pixels:
    """Without the given share of the face, seen from one side."""
    box = face.box
    if side == "left":
        return image[:, max(0, round(box.x + share * box.width)) :]
    if side == "top":
        return image[max(0, round(box.y + share * box.height)) :]
    return image[: round(box.y + (1 - share) * box.height)]


def landscape() -> Pixels:
    """A sky, hills and a field with grain: nothing like a face."""
    rng = np.random.default_rng(7)
    y, x = np.mgrid[:480, :640]
    ground = y > 260 + 30 * np.sin(x / 70)
    picture = np.where(ground[..., None], (60, 120, 90), (230, 190, 150))
    return np.clip(picture + rng.normal(0, 12, picture.shape), 0, 255).astype(np.uint8)


def _load(path: Path) -> Pixels:
    data = path.read_bytes()
    return decode(data, read_header(data))


def _pixels(image: Any) -> Pixels:
    return np.asarray(image, np.uint8)
