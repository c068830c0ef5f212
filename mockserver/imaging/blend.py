"""Colour, light and seam: how the warped face becomes part of the material.

All of it happens on the warp's coarse cells, as fields that vary slowly; only the last step
touches every pixel. Arrays of cells are float32 in 0..255 or 0..1, BGR where they have colour.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from mockserver.imaging.codec import Pixels
from mockserver.imaging.face import Points
from mockserver.imaging.mesh import (
    FACE_OVAL,
    INNER_LIPS,
    LEFT_BROW,
    LEFT_EYE,
    LIP_CENTRES,
    MOUTH_CORNERS,
    NOSTRILS,
    OUTER_EYE_CORNERS,
    OUTER_LIPS,
    RIGHT_BROW,
    RIGHT_EYE,
    Indices,
)
from mockserver.imaging.warp import Floats

_LUMA = np.array((0.114, 0.587, 0.299), np.float32)
_FEATURES = (LEFT_BROW, LEFT_EYE, NOSTRILS, OUTER_LIPS, RIGHT_BROW, RIGHT_EYE)

# All widths are shares of the distance between the outer eye corners.
_LIGHT = 0.22  # light and skin tone vary more slowly than this, features faster
_INSET = 0.08  # of the seam inside the face's contour
_FEATHER = 0.16
_FOREHEAD = (0.25, 0.85)  # where the seam runs between brows (0) and the top of the face (1)
_FEATURE_MARGIN = 0.05
_SOFTNESS = 0.03  # of the edges of hair, eyes, mouth

_SHRINK = 4  # cells of the warp to one cell of the light
_GAINS = (0.25, 3.0)
_DETAIL = (0.5, 1.1)
_EYES, _EYES_GREY = 0.5, 0.7  # how much less the eyes are tinted than the skin is
_GREY = 6.0  # spread of the three channels under which a face counts as grey, 0..255
_MOUTH_DIFFERENCE = 0.12  # of the openings, from which the material's mouth is kept entirely


@dataclass(frozen=True)
class Look:
    """What is known of the material's face before any user comes.

    Fields over the warp's cells; `skin` and `light` over cells four times as large.
    """

    mask: Floats  # how much of the user is shown
    fringe: Floats  # where hair may hang into the face
    eyes: Floats
    features: Floats  # brows, eyes, nostrils, lips
    plain: Floats  # the rest of the face: where skin is expected
    roughness: float  # of the skin's relief
    mouth: Floats  # the inside
    opening: float  # of the mouth, as share of its width
    skin: Floats  # `plain` in large cells
    jaw: Floats  # below the mouth, in large cells
    light: Floats  # (rows, columns, 3) low frequencies of the material's skin
    unit: float  # distance between the outer eye corners, in cells
    grey: bool


@dataclass(frozen=True)
class Lighting:
    """result = gain * user + tint * luma of user + offset + rest * material, over cells."""

    gain: Floats  # (rows, columns)
    tint: Floats  # (rows, columns, 3)
    offset: Floats  # (rows, columns, 3)
    rest: Floats  # (rows, columns)


def study(cells: Floats, points: Points) -> Look:
    """Measure a material's face: its picture in cells (rows, columns, 3), landmarks in cells."""
    unit = eye_distance(points)
    shape = (cells.shape[0], cells.shape[1])
    hull = _hull(points, FACE_OVAL, shape)
    fringe = _blur(hull * _around_features(points, unit, shape), _SOFTNESS * unit)
    features = _features(points, unit, shape)
    skin = _shrunk(hull * (1 - features))
    jaw = _shrunk(1 - _above_mouth(points, unit, shape))
    light = _light(cells, skin, jaw, unit)
    ratio = _relative(cells, light)
    plain = np.asarray(hull * (1 - features), np.float32)
    eyes = np.maximum(_hull(points, LEFT_EYE, shape), _hull(points, RIGHT_EYE, shape))
    return Look(
        mask=_feathered(hull, unit) * _below_fringe(points, shape) * (1 - _hair(ratio, fringe, unit)),
        fringe=fringe,
        eyes=_blur(eyes, _SOFTNESS * unit),
        features=_blur(features, _SOFTNESS * unit),
        mouth=_polygon(points[INNER_LIPS], shape),
        opening=mouth_opening(points),
        skin=skin,
        plain=plain,
        jaw=jaw,
        roughness=_roughness(ratio, plain),
        light=light,
        unit=unit,
        grey=_colourfulness(light, skin) < _GREY,
    )


def adapt(warped: Floats, look: Look, opening: float) -> Lighting:
    """How to light the warped user (rows, columns, 3), whose mouth's opening is given."""
    shape = look.mask.shape
    light = _light(warped, look.skin, look.jaw, look.unit)
    gain = np.clip(_luma(look.light) / (_luma(light) + 1), *_GAINS)
    ratio = _relative(warped, light)
    mouth = look.mouth * min(1.0, max(0.0, (look.opening - opening) / _MOUTH_DIFFERENCE))
    share = look.mask * (1 - _hair(ratio, look.fringe, look.unit)) * (1 - mouth)
    detail = _detail(ratio, look)
    part = detail * _enlarged(gain, shape) * share
    eyes = _EYES_GREY if _colourfulness(light, look.skin) < _GREY else _EYES
    tint = _enlarged(_chroma(look.light) - _chroma(light), shape)
    return Lighting(
        gain=part,
        tint=tint * (part * (1 - eyes * look.eyes))[..., None],
        offset=_enlarged(look.light, shape) * ((1 - detail) * share)[..., None],
        rest=1 - share,
    )


def compose(material: Pixels, warped: Pixels, lighting: Lighting) -> Pixels:
    """Light the user and blend; pixels (h, w, 3) of one region, fields are enlarged to them."""
    size = (material.shape[1], material.shape[0])
    luma = cv2.cvtColor(warped, cv2.COLOR_BGR2GRAY)
    terms = (
        (warped, _three(cv2.resize(lighting.gain, size))),
        (_three(luma), cv2.resize(lighting.tint, size)),
        (material, _three(cv2.resize(lighting.rest, size))),
    )
    total = cv2.resize(lighting.offset, size)
    for pixels, factor in terms:
        cv2.add(total, cv2.multiply(pixels, factor, factor, dtype=cv2.CV_32F), total)
    return np.asarray(cv2.add(total, 0.0, dtype=cv2.CV_8U), np.uint8)


def _three(plane):
    return cv2.merge((plane, plane, plane))


def _chroma(light: Floats) -> Floats:
    return light / (_luma(light) + 1)[..., None]


def _detail(ratio: Floats, look: Look) -> Floats:
    """How much of the user's relief is kept: on skin no more than the material's own."""
    own = _roughness(ratio, look.plain)
    kept = min(_DETAIL[1], max(_DETAIL[0], look.roughness / own))
    return kept + (1 - kept) * look.features


def _relative(cells: Floats, light: Floats) -> Floats:
    """Luma over that of the skin around: 1 on even skin."""
    return np.asarray(_luma(cells) / (_enlarged(_luma(light), cells.shape) + 1), np.float32)


def _roughness(ratio: Floats, plain: Floats) -> float:
    """Mean deviation from even skin; far-off cells (hair, rims) count like 0.3."""
    off = np.minimum(np.abs(ratio - 1), 0.3)
    return float((off * plain).sum() / plain.sum()) + 1e-3


def compose(
    material: Pixels, warped: Pixels, gains: Floats, offsets: Floats, share: Floats
) -> Pixels:
    """Light the user and blend; pixels (h, w, 3) of one region, fields are enlarged to them."""
    size = (material.shape[1], material.shape[0])
    part = share[..., None]
    user = cv2.multiply(warped, cv2.resize(gains * part, size), dtype=cv2.CV_32F)
    rest = cv2.resize(1 - share, size)
    kept = cv2.multiply(material, cv2.merge((rest, rest, rest)), dtype=cv2.CV_32F)
    lifted = cv2.add(user, cv2.resize(offsets * part, size))
    return np.asarray(cv2.add(lifted, kept, dtype=cv2.CV_8U), np.uint8)


def eye_distance(points: Points) -> float:
    """Distance between the outer eye corners, in the points' unit."""
    return float(np.linalg.norm(points[OUTER_EYE_CORNERS[0]] - points[OUTER_EYE_CORNERS[1]]))


def mouth_opening(points: Points) -> float:
    """Height of the gap between the lips over the mouth's width."""
    gap = np.linalg.norm(points[LIP_CENTRES[0]] - points[LIP_CENTRES[1]])
    return float(gap / np.linalg.norm(points[MOUTH_CORNERS[0]] - points[MOUTH_CORNERS[1]]))


def _polygon(points: Points, shape: tuple[int, int]) -> Floats:
    canvas = np.zeros(shape, np.uint8)
    cv2.fillPoly(canvas, [np.rint(points * 16).astype(np.int32)], 255, cv2.LINE_AA, shift=4)
    return canvas.astype(np.float32) / 255


def _hull(points: Points, indices: Indices, shape: tuple[int, int]) -> Floats:
    return _polygon(cv2.convexHull(points[indices])[:, 0], shape)


def _grown(field: Floats, by: float) -> Floats:
    width = 2 * round(by) + 1
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (width, width))
    return np.asarray(cv2.dilate(field, disc), np.float32)


def _features(points: Points, unit: float, shape: tuple[int, int]) -> Floats:
    """Brows, eyes, nostrils and lips, with a margin."""
    drawn = [_hull(points, feature, shape) for feature in _FEATURES]
    return _grown(np.maximum.reduce(drawn), _FEATURE_MARGIN * unit)


def _around_features(points: Points, unit: float, shape: tuple[int, int]) -> Floats:
    """Forehead, temples and cheeks down to the mouth: outside of brows, eyes, nose, mouth."""
    core = np.concatenate((RIGHT_BROW, LEFT_BROW, RIGHT_EYE, LEFT_EYE, OUTER_LIPS))
    middle = _grown(_hull(points, core, shape), 0.06 * unit)
    return np.asarray((1 - middle) * _above_mouth(points, unit, shape), np.float32)


def _above_mouth(points: Points, unit: float, shape: tuple[int, int]) -> Floats:
    height = _height_above(points, *MOUTH_CORNERS, shape)
    return np.asarray(np.clip(height / (0.3 * unit), 0, 1), np.float32)


def _below_fringe(points: Points, shape: tuple[int, int]) -> Floats:
    """1 up to the brows, falling to 0 within the forehead: hair hangs there, and hats sit."""
    height = _height_above(points, 105, 334, shape)
    top = _height_at(points, 105, 334, points[10])
    t = np.clip((height / top - _FOREHEAD[0]) / (_FOREHEAD[1] - _FOREHEAD[0]), 0, 1)
    return np.asarray(1 - t * t * (3 - 2 * t), np.float32)


def _height_at(points: Points, right: int, left: int, at):
    across = (points[left] - points[right]) / np.linalg.norm(points[left] - points[right])
    return (at[..., 0] - points[right][0]) * across[1] - (at[..., 1] - points[right][1]) * across[0]


def _height_above(points: Points, right: int, left: int, shape: tuple[int, int]) -> Floats:
    """Distance of each cell from the line through two landmarks, upwards > 0."""
    y, x = np.mgrid[: shape[0], : shape[1]].astype(np.float32)
    return _height_at(points, right, left, np.dstack((x, y)))


def _feathered(hull: Floats, unit: float) -> Floats:
    """1 inside, 0 outside, with a smooth step that ends before the contour is reached."""
    padded = cv2.copyMakeBorder((hull > 0.5).astype(np.uint8), 1, 1, 1, 1, cv2.BORDER_REPLICATE)
    depth = cv2.distanceTransform(padded, cv2.DIST_L2, 5)[1:-1, 1:-1]
    ramp = np.clip((depth - _INSET * unit) / (_FEATHER * unit), 0, 1)
    return np.asarray(ramp * ramp * (3 - 2 * ramp), np.float32)


def _hair(ratio: Floats, fringe: Floats, unit: float) -> Floats:
    """0..1 where the fringe's area is much darker than the skin."""
    dark = np.clip((0.8 - ratio) / 0.25, 0, 1)
    return np.clip(1.5 * _blur(fringe * dark, _SOFTNESS * unit), 0, 1)


def _light(cells: Floats, skin: Floats, jaw: Floats, unit: float) -> Floats:
    """Low frequencies of the skin alone, in large cells: a normalised convolution."""
    small = _shrunk(cells)
    weights = skin * _skin_likeness(small, skin)
    del jaw
    mean = np.average(small.reshape(-1, 3), axis=0, weights=weights.ravel() + 1e-6)
    faint = np.float32(1e-3)  # far from all skin the mean takes over
    sigma = _LIGHT * unit / _SHRINK
    weighted = _blur(small * weights[..., None], sigma) + faint * mean.astype(np.float32)
    return np.asarray(weighted / (_blur(weights, sigma) + faint)[..., None], np.float32)


def _skin_likeness(small: Floats, skin: Floats) -> Floats:
    """0..1 by how near a cell's colour and light are to the face's median skin."""
    median = np.median(small[skin > 0.5], axis=0)
    luma, middle = _luma(small), float(median @ _LUMA)
    colour = small / (luma[..., None] + 8) - median / (middle + 8)
    off = (colour * colour).sum(axis=2) / 0.15**2
    lit = np.clip((luma / (middle + 1) - 0.2) / 0.2, 0.02, 1)
    return np.asarray(np.exp(-off) * lit, np.float32)


def _colourfulness(light: Floats, skin: Floats) -> float:
    spread = light.max(axis=2) - light.min(axis=2)
    return float((spread * skin).sum() / (skin.sum() + 1e-3))


def _luma(cells: Floats) -> Floats:
    return np.asarray(cv2.cvtColor(cells, cv2.COLOR_BGR2GRAY), np.float32)


def _blur(field: Floats, sigma: float) -> Floats:
    return np.asarray(cv2.GaussianBlur(field, (0, 0), max(0.5, sigma)), np.float32)


def _shrunk(field: Floats) -> Floats:
    size = (-(-field.shape[1] // _SHRINK), -(-field.shape[0] // _SHRINK))
    return np.asarray(cv2.resize(field, size, interpolation=cv2.INTER_AREA), np.float32)


def _enlarged(field: Floats, shape: tuple[int, ...]) -> Floats:
    return np.asarray(cv2.resize(field, (shape[1], shape[0])), np.float32)
