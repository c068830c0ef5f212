"""One picture from file to file: open, find the face, fuse, encode, stamp."""

import logging
from collections.abc import Callable, Sequence
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
from mockserver.imaging.face import FaceEngine
from mockserver.imaging.find import find_face
from mockserver.imaging.fuse import fuse, fuse_rows
from mockserver.imaging.metadata import stamp
from mockserver.imaging.pool import FusePool
from mockserver.imaging.rows import encode_rows
from mockserver.materials import PreparedMaterial, face_thresholds
from mockserver.settings import Settings

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


def fuse_picture(
    engine: FaceEngine,
    user_file: bytes,
    material: PreparedMaterial,
    settings: Settings,
    meta_data: Sequence[tuple[str, str]] = (),
    *,
    halved: bool = False,
) -> bytes:
    """Fuse the user's largest face onto the material's largest; the result is the material's kind.

    `halved` gives it half the size that it should have, which is a fault on purpose.

    Raises ApiError, in this order: the file's (decode, resolution), the face's, the fusion's.
    """
    user = _open(user_file, settings)
    face = find_face(engine, user, face_thresholds(settings))
    if material.rows is not None and not halved:
        first, pixels = fuse_rows(material.image, material.faces[0], user, face)
        changed = encode_rows(pixels, settings.jpeg_quality)
        encoded = material.rows.replaced(first, changed)
    else:
        fused = fuse(material.image, material.faces[0], user, face)
        encoded = _encode(fused, material, settings, halved=halved)
    return stamp(encoded, material.format, meta_data)


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
