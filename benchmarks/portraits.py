"""The fixtures' portraits, decoded, and their faces."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from benchmarks.figures import landmark_error
from benchmarks.pictures import FIXTURES
from mockserver.imaging.codec import Pixels, decode, read_header
from mockserver.imaging.engine import MeshEngine
from mockserver.imaging.face import Box, FaceEngine, Landmarks
from mockserver.imaging.find import FaceThresholds, find_face
from mockserver.imaging.turned import mirrored

USERS = ("hopper", "astronaut", "einstein", "morph_hopper_astronaut", "astronaut_sidelight")
MATERIALS = (
    "qc_100646_154021_9",
    "qc_100646_154021_10",
    "qc_100647_154022_1",
    "qc_100646_154021_11",
)


@dataclass(frozen=True)
class Portrait:
    """A picture RGB (h, w, 3) and its face."""

    name: str
    pixels: Pixels
    face: Landmarks

    @property
    def seen(self) -> tuple[Pixels, Box]:
        """The picture and the rectangle of its face."""
        return self.pixels, self.face.box


@cache
def engine() -> FaceEngine:
    """What finds the faces of this process."""
    return MeshEngine()


@cache
def user(name: str) -> Portrait:
    """A picture of fixtures/users."""
    pixels = _pixels("users", name)
    return Portrait(name, pixels, face_in(pixels))


@cache
def material(name: str) -> Portrait:
    """A picture of fixtures/materials."""
    pixels = _pixels("materials", name)
    return Portrait(name, pixels, measured(pixels))


def opened(data: bytes) -> Pixels:
    """The pixels of a file."""
    return decode(data, read_header(data))


def face_in(pixels: Pixels) -> Landmarks:
    """The picture's face. Raises ApiError as for a user's picture."""
    return find_face(engine(), pixels, FaceThresholds())


def measured(pixels: Pixels) -> Landmarks:
    """The picture's face, measured as a material's is."""
    return engine().refine(pixels, face_in(pixels))


def scatter(portrait: Portrait) -> float:
    """What the landmark network itself is unsure of: how far it differs on the mirror image."""
    pixels = portrait.pixels
    found = face_in(np.ascontiguousarray(pixels[:, ::-1])).points
    found[:, 0] = pixels.shape[1] - 1 - found[:, 0]
    return landmark_error(mirrored(found), face_in(pixels).points)


def _pixels(folder: str, name: str) -> Pixels:
    return opened(_file(FIXTURES / folder, name).read_bytes())


def _file(folder: Path, name: str) -> Path:
    return next(file for kind in ("jpg", "png") if (file := folder / f"{name}.{kind}").exists())
