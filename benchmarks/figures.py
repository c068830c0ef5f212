"""What can be measured of a fused picture. All pictures RGB (h, w, 3), all masks 0..1 (h, w)."""

import cv2
import numpy as np
from numpy.typing import NDArray

from mockserver.imaging.codec import Pixels
from mockserver.imaging.face import Points
from mockserver.imaging.mask import eye_distance
from mockserver.imaging.warp import Floats

_SURFACE = 468  # landmarks; those behind them are the irises
_SEAM, _SLOW, _FINE = 0.03, 0.08, 0.04  # sigmas, as shares of the outer eye corners' distance


def landmark_error(found: Points, wanted: Points) -> float:
    """Mean distance of the landmarks, as share of the distance between the outer eye corners."""
    apart = np.linalg.norm(found[:_SURFACE] - wanted[:_SURFACE], axis=1).mean()
    return float(apart / eye_distance(wanted))


def seam_contrast(result: Pixels, material: Pixels, mask: Floats, unit: float) -> float:
    """Mean slope of light across the mask's edge, over that of the material at the same places.

    `unit` is the distance between the outer eye corners in pixels.
    """
    sigma = _SEAM * unit
    edge = np.stack(_slopes(mask, sigma))
    strength = np.linalg.norm(edge, axis=0)
    across = edge / (strength + 1e-6)
    slopes = []
    for image in (result, material):
        slope = (np.stack(_slopes(_luma(image), sigma)) * across).sum(axis=0)
        slopes.append(float((np.abs(slope) * strength).sum()))
    return slopes[0] / slopes[1]


def ring(mask: Floats) -> NDArray[np.bool_]:
    """Where the mask fades."""
    return np.asarray((mask > 0.02) & (mask < 0.6))


def core(mask: Floats) -> NDArray[np.bool_]:
    """Where hardly anything but the user is to be seen."""
    return np.asarray(mask > 0.9)


def colour_difference(
    result: Pixels, material: Pixels, where: NDArray[np.bool_], unit: float
) -> float:
    """Mean difference of slow colour at these places: CIE 1976 Delta E."""
    slow = [_slow_colour(image, _SLOW * unit) for image in (result, material)]
    return float(np.linalg.norm(slow[0] - slow[1], axis=2)[where].mean())


def fine_energy(result: Pixels, warped: Pixels, mask: Floats, unit: float) -> float:
    """How much of the user's fine texture is left: deviation from slow light, over that light."""
    inside = core(mask)
    deviations = []
    for image in (result, warped):
        luma = _luma(image)
        slow = cv2.GaussianBlur(luma, (0, 0), _FINE * unit)
        deviations.append(float(np.sqrt(np.mean(((luma - slow) / (slow + 8))[inside] ** 2))))
    return deviations[0] / deviations[1]


def _slopes(field: Floats, sigma: float) -> list[Floats]:
    smooth = cv2.GaussianBlur(field, (0, 0), sigma)
    return [np.asarray(cv2.Sobel(smooth, cv2.CV_32F, x, 1 - x), np.float32) for x in (1, 0)]


def _luma(image: Pixels) -> Floats:
    return cv2.cvtColor(image, cv2.COLOR_RGB2GRAY).astype(np.float32)


def _slow_colour(image: Pixels, sigma: float) -> Floats:
    smooth = cv2.GaussianBlur(image.astype(np.float32) / 255, (0, 0), sigma)
    return np.asarray(cv2.cvtColor(smooth, cv2.COLOR_RGB2LAB), np.float32)
