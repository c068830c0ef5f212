"""Pictures as bytes and as arrays: headers, decoding, encoding.

Only JPG and PNG are pictures here (documented). Orientation tags are never applied, as the
service does not apply them either.
"""

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import Literal

import cv2
import numpy as np
import simplejpeg
from numpy.typing import NDArray
from PIL import Image

from mockserver.errors import ApiError

Format = Literal["jpg", "png"]
Pixels = NDArray[np.uint8]

_JPEG_SIGNATURE = b"\xff\xd8\xff"
_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"

# Start-of-frame markers: C0 to CF without DHT, JPG and DAC.
_FRAME_MARKERS = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}

# What libjpeg says of files that are whole all the same: stray bytes, which many cameras
# write, odd version numbers, and chroma layouts that the fast decoder does not know.
_NO_DAMAGE = (
    "extraneous bytes before marker",
    "JFIF revision",
    "Adobe color transform",
    "subsampling level",
)

_PNG_COMPRESSION = 3


@dataclass(frozen=True)
class Header:
    """What a picture says of itself: its format and its sides in pixels, as stored."""

    format: Format
    width: int
    height: int


@dataclass(frozen=True)
class PictureLimits:
    """Sides in pixels. 3000 and 64 are documented; 16:1 is inferred."""

    max_side: int = 3000
    min_side: int = 64
    max_aspect: float = 16.0


def read_header(data: bytes) -> Header:
    """Read format and size without decoding any pixel.

    Raises ApiError FailedOperation.ImageDecodeFailed for all that is no JPG or PNG.
    """
    if data.startswith(_JPEG_SIGNATURE):
        return _jpeg_header(data)
    if data.startswith(_PNG_SIGNATURE):
        return _png_header(data)
    raise ApiError("FailedOperation.ImageDecodeFailed")


def check_header(header: Header, limits: PictureLimits) -> None:
    """Compare a picture's sides with the limits.

    Raises ApiError FailedOperation.ImageResolutionExceed (a side too long, documented),
    ImageResolutionTooSmall (the short side too short, documented) or ImageSizeInvalid (too
    oblong, inferred).
    """
    short, long = sorted((header.width, header.height))
    if long > limits.max_side:
        raise ApiError("FailedOperation.ImageResolutionExceed")
    if short < limits.min_side:
        raise ApiError("FailedOperation.ImageResolutionTooSmall")
    if long > limits.max_aspect * short:
        raise ApiError("FailedOperation.ImageSizeInvalid")


def decode(data: bytes, header: Header) -> Pixels:
    """Decode to RGB (h, w, 3); transparency is shown on white (inferred).

    Raises ApiError FailedOperation.FuseImageError for a truncated or damaged picture.
    """
    if header.format == "jpg":
        return _decode_jpeg(data)
    colour, alpha = _decode_png(data)
    return colour if alpha is None else _over_white(colour, alpha)


def decode_material(data: bytes, header: Header) -> tuple[Pixels, Pixels | None]:
    """Decode to RGB (h, w, 3) and alpha (h, w), which is None for an opaque picture.

    Raises ApiError FailedOperation.FuseImageError for a truncated or damaged picture.
    """
    if header.format == "jpg":
        return _decode_jpeg(data), None
    return _decode_png(data)


def encode(image: Pixels, format: Format, *, quality: int, alpha: Pixels | None = None) -> bytes:  # noqa: A002
    """Encode RGB (h, w, 3): JPEG with 4:2:0 chroma, or PNG, which alone carries `alpha` (h, w).

    The same pixels give the same bytes. `quality` (1..100) is for JPEG.
    """
    if format == "jpg":
        encoded: bytes = simplejpeg.encode_jpeg(
            np.ascontiguousarray(image), quality, "RGB", colorsubsampling="420"
        )
        return encoded
    planes = cv2.cvtColor(image, cv2.COLOR_RGB2BGR)  # the order of cv2.imencode
    if alpha is not None:
        planes = np.dstack((planes, alpha))
    _, png = cv2.imencode(".png", planes, (cv2.IMWRITE_PNG_COMPRESSION, _PNG_COMPRESSION))
    return png.tobytes()


def _jpeg_header(data: bytes) -> Header:
    width, height, _ = _jpeg_frame(data)
    return Header("jpg", width, height)


def _jpeg_frame(data: bytes) -> tuple[int, int, int]:
    """Width, height and number of components, from the frame header (SOF)."""
    at = 2
    while 0 < (at := data.find(b"\xff", at)) < len(data) - 10:
        marker = data[at + 1]
        if marker in _FRAME_MARKERS:
            height, width, components = struct.unpack(">HHB", data[at + 5 : at + 10])
            if not width or not height:
                break
            return width, height, components
        if marker in (0x00, 0x01, 0xFF) or 0xD0 <= marker <= 0xD8:  # these have no length
            at += 1
        elif marker in (0xD9, 0xDA):  # the picture begins or ends, and no frame was seen
            break
        else:
            at += 2 + int(struct.unpack(">H", data[at + 2 : at + 4])[0])
    raise ApiError("FailedOperation.ImageDecodeFailed")


def _png_header(data: bytes) -> Header:
    # Read by hand: Pillow's own look at a header refuses huge sizes, which have their own code.
    if len(data) < 33 or data[12:16] != b"IHDR":
        raise ApiError("FailedOperation.ImageDecodeFailed")
    width, height = struct.unpack(">II", data[16:24])
    if not 0 < width < 1 << 31 or not 0 < height < 1 << 31:
        raise ApiError("FailedOperation.ImageDecodeFailed")
    return Header("png", width, height)


def _decode_jpeg(data: bytes) -> Pixels:
    if _jpeg_frame(data)[2] not in (1, 3):
        return _decode_with_pillow(data)
    try:
        image: Pixels = simplejpeg.decode_jpeg(data, "RGB", strict=True)
    except ValueError as warning:
        if any(text in str(warning) for text in _NO_DAMAGE):
            return _decode_with_pillow(data)
        raise ApiError("FailedOperation.FuseImageError") from warning
    return image


def _decode_with_pillow(data: bytes) -> Pixels:
    # Pillow is slower, but knows all colour spaces and still refuses a truncated file.
    with _damage_is_an_api_error(), Image.open(BytesIO(data), formats=("JPEG",)) as picture:
        return _rgb(picture)


def _decode_png(data: bytes) -> tuple[Pixels, Pixels | None]:
    with _damage_is_an_api_error(), Image.open(BytesIO(data), formats=("PNG",)) as picture:
        if picture.mode.startswith("I"):  # 16-bit grey: Pillow's own conversion would clip it
            grey = (np.asarray(picture, np.uint32) >> 8).astype(np.uint8)
            return cv2.cvtColor(grey, cv2.COLOR_GRAY2RGB).astype(np.uint8, copy=False), None
        if not picture.has_transparency_data:
            return _rgb(picture), None
        pixels = np.asarray(picture.convert("RGBA"))
    alpha = np.ascontiguousarray(pixels[..., 3])
    opaque = bool((alpha == 255).all())
    return np.ascontiguousarray(pixels[..., :3]), None if opaque else alpha


def _rgb(picture: Image.Image) -> Pixels:
    return np.array(picture.convert("RGB"))


def _over_white(colour: Pixels, alpha: Pixels) -> Pixels:
    share = alpha[..., None].astype(np.uint16)
    return ((colour * share + 255 * (255 - share) + 127) // 255).astype(np.uint8)


@contextmanager
def _damage_is_an_api_error() -> Iterator[None]:
    try:
        yield
    # Pillow tells of damage by whichever of these its decoder met.
    except (OSError, SyntaxError, ValueError, EOFError, struct.error) as error:
        raise ApiError("FailedOperation.FuseImageError") from error
