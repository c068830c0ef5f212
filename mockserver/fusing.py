"""From files to a file: open, find the faces, fuse, encode, stamp."""

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np

from mockserver.errors import ApiError
from mockserver.imaging.codec import (
    PictureLimits,
    Pixels,
    check_header,
    decode,
    encode,
    read_header,
)
from mockserver.imaging.face import Box, FaceEngine, Landmarks
from mockserver.imaging.find import face_in_rect, find_face
from mockserver.imaging.fuse import DEFAULT_DEGREES, Degrees, fuse_patch
from mockserver.imaging.metadata import stamp
from mockserver.imaging.pool import FusePool
from mockserver.imaging.segments import Patch
from mockserver.imaging.timed import TimedEngine
from mockserver.known_faces import KnownFaces
from mockserver.materials import PreparedMaterial, face_thresholds
from mockserver.settings import Settings
from mockserver.stopwatch import Stopwatch

T = TypeVar("T")
log = logging.getLogger("facefusion_mock")


async def on_a_worker(pool: FusePool, work: Callable[[FaceEngine], T]) -> T:
    """Run `work` on a picture thread.

    Raises its ApiError, FailedOperation.FuseInnerError for whatever else it raises, and
    FailedOperation.RpcFail when there is no thread to run it.
    """
    try:
        return await pool.run(work)
    except ApiError:
        raise
    except Exception as error:
        log.exception("unforeseen error while fusing")
        raise ApiError("FailedOperation.FuseInnerError") from error


@dataclass(frozen=True)
class UserFile:
    """A user's picture as a file, and the SHA-256 of it."""

    data: bytes
    sha256: str


@dataclass(frozen=True)
class Merge:
    """Which face of a user's picture goes onto which of the material's.

    `rect` points at the user's face, in pixels of the picture; absent: the largest. `face` is the
    number of the material's face, counted from the largest.
    """

    rect: Box | None = None
    face: int = 0


@dataclass(frozen=True, kw_only=True)
class Fusion:
    """What is to be fused: a merge for each user picture, and how.

    `no_face_code` is the error for a picture without a face.
    """

    material: PreparedMaterial
    merges: Sequence[Merge] = (Merge(),)
    degrees: Degrees = DEFAULT_DEGREES
    meta_data: Sequence[tuple[str, str]] = ()
    no_face_code: str = "FailedOperation.FuseDetectNoFace"


@dataclass(frozen=True)
class Tools:
    """What pictures are made with, on one thread; `watch` takes the time of each stage."""

    engine: FaceEngine
    settings: Settings
    known: KnownFaces
    watch: Stopwatch = field(default_factory=Stopwatch)


def fuse_picture(
    tools: Tools, user_files: Sequence[UserFile], fusion: Fusion, *, halved: bool = False
) -> bytes:
    """Fuse the users' faces onto the material's; the result is the material's kind of file.

    `halved` gives it half the size that it should have, which is a fault on purpose.

    Raises ApiError of the first picture that has one: the file's (decode, resolution), then the
    face's; and the fusion's.
    """
    settings, watch = tools.settings, tools.watch
    pairs = zip(fusion.merges, user_files, strict=True)
    users = [_find_user(tools, file, merge, fusion.no_face_code) for merge, file in pairs]
    material = fusion.material
    if material.segments is not None and not halved:
        segments = material.segments
        for patch in _patches(fusion, users, watch):
            segments = segments.with_patch(patch, settings.jpeg_quality)
            watch.lap("encode")
        encoded = segments.jpeg()
    else:
        image = material.image
        for patch in _patches(fusion, users, watch):
            image = patch.pasted(image)
        encoded = _encode(image, material, settings, halved=halved)
    stamped = stamp(encoded, material.format, fusion.meta_data)
    watch.lap("encode")
    return stamped


def _find_user(
    tools: Tools, file: UserFile, merge: Merge, no_face_code: str
) -> tuple[Pixels, Landmarks]:
    image, thresholds = _open(file.data, tools.settings), face_thresholds(tools.settings)
    tools.watch.lap("decode")
    engine = TimedEngine(tools.engine, tools.watch)

    def search() -> Landmarks:
        if merge.rect is not None:
            return face_in_rect(engine, image, merge.rect, thresholds)
        return find_face(engine, image, thresholds, no_face_code=no_face_code)

    return image, tools.known.find(file.sha256, merge.rect, search)


def _patches(
    fusion: Fusion, users: Sequence[tuple[Pixels, Landmarks]], watch: Stopwatch
) -> Iterator[Patch]:
    """Yield the parts that change, face by face; later ones hold what earlier ones changed.

    Smaller faces come first: where two meet, the larger one is nearer and covers the other.
    """
    image, patch = fusion.material.image, None
    pairs = zip(fusion.merges, users, strict=True)
    for merge, (user, landmarks) in sorted(pairs, key=lambda pair: -pair[0].face):
        if patch is not None:
            image = patch.pasted(image)
        template = fusion.material.faces[merge.face]
        patch = fuse_patch(image, template, user, landmarks, fusion.degrees, watch=watch)
        yield patch


def _encode(
    fused: Pixels, material: PreparedMaterial, settings: Settings, *, halved: bool
) -> bytes:
    alpha = material.alpha
    if halved:
        fused = np.ascontiguousarray(fused[::2, ::2])
        alpha = None if alpha is None else np.ascontiguousarray(alpha[::2, ::2])
    return encode(fused, material.format, quality=settings.jpeg_quality, alpha=alpha)


def _open(user_file: bytes, settings: Settings) -> Pixels:
    header = read_header(user_file)
    limits = PictureLimits(
        settings.max_image_side, settings.min_image_side, settings.max_image_aspect
    )
    check_header(header, limits)
    return decode(user_file, header)
