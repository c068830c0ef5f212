"""Portraits as bad cameras, bad light and long ways make them: files of a user's picture."""

from collections.abc import Callable, Mapping

import cv2
import numpy as np

from mockserver.imaging.codec import Pixels, encode

Alteration = Callable[[Pixels], bytes]


def _small(image: Pixels) -> bytes:
    return _jpeg(cv2.resize(image, None, fx=0.4, fy=0.4, interpolation=cv2.INTER_AREA))


def _blurred(image: Pixels) -> bytes:
    return _jpeg(cv2.GaussianBlur(image, (0, 0), image.shape[0] / 180))


def _noisy(image: Pixels) -> bytes:
    noise = np.random.default_rng(11).normal(0, 20, image.shape)
    return _jpeg(np.clip(image + noise, 0, 255))


def _turned(image: Pixels, degrees: float) -> bytes:
    height, width = image.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1)
    size = (width, height)
    return _jpeg(cv2.warpAffine(image, matrix, size, borderMode=cv2.BORDER_REPLICATE))


def _grey(image: Pixels) -> bytes:
    return _jpeg(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY))


def _transparent(image: Pixels) -> bytes:
    """Only an ellipse is opaque; what is under the rest is black, as cut-out tools leave it."""
    height, width = image.shape[:2]
    alpha = np.zeros((height, width), np.uint8)
    half = (round(width * 0.47), round(height * 0.47))
    cv2.ellipse(alpha, (width // 2, height // 2), half, 0, 0, 360, 255, -1)
    opaque = np.where(alpha[..., None] > 0, image, np.uint8(0))
    return encode(opaque, "png", quality=100, alpha=alpha)


def _jpeg(image: object, quality: int = 92) -> bytes:
    pixels = np.asarray(image).astype(np.uint8)
    if pixels.ndim == 3:
        pixels = cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR).astype(np.uint8, copy=False)
    return cv2.imencode(".jpg", pixels, (cv2.IMWRITE_JPEG_QUALITY, quality))[1].tobytes()


ALTERATIONS: Mapping[str, Alteration] = {
    "at 40 % of its size": _small,
    "blurred": _blurred,
    "JPEG quality 30": lambda image: _jpeg(image, 30),
    "noise": _noisy,
    "over-exposed": lambda image: _jpeg(cv2.convertScaleAbs(image, alpha=1.9)),
    "under-exposed": lambda image: _jpeg(cv2.convertScaleAbs(image, alpha=0.25)),
    "turned by 25 degrees": lambda image: _turned(image, 25),
    "turned by -25 degrees": lambda image: _turned(image, -25),
    "grey-scale": _grey,
    "transparent PNG": _transparent,
}
