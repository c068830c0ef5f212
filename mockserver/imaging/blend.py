"""Colour, light and seam: how the warped face becomes part of the material.

Light and skin tone vary slowly over a face, features fast. The slow part of the result is the
material's, the fast part the user's. All but the last step works on the warp's coarse cells:
float32, pixel values 0..255 in RGB, or 0..1 for masks.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from mockserver.imaging import hair, mask
from mockserver.imaging.codec import Pixels
from mockserver.imaging.face import Points
from mockserver.imaging.warp import Floats

_SHRINK = 4  # cells of the warp to one cell of the light
_LIGHT = 0.1  # sigma of what counts as slow, as share of the outer eye corners' distance
_STRIP = 16  # rows of cells blended at once: what is in the making stays in the cache
_GAINS = (0.15, 8.0)  # of brightness
_RELIEF = (0.5, 1.0)  # of the user's creases and spots
_FEATURES_SPARED = 0.6  # how much less that is done to brows, eyes, lips
_DEEPER = 1.6  # that brows, eyes and lips may become, at most
_EYES, _EYES_GREY = 0.25, 0.4  # how much less than skin the eyes are tinted
_UNLIKE = 0.5  # the same of eyes and teeth, where one skin is half as dark as the other
_ROSY = 0.6  # how much of the colour of the material's lips a grey user's get
_GREY = 6.0  # spread of the three channels under which a face counts as grey, 0..255
_BURNT = (246.0, 254.0)  # over-exposed: not yet, entirely
_MOUTH_DIFFERENCE = 0.12  # of the openings, from which the material's mouth is kept entirely
_WHITE = 1.5  # brightness of the white of eyes and teeth, at most, against light skin
_WHITENED = (0.45, 1.4)  # how much of what skin gets they get


@dataclass(frozen=True)
class Look:
    """What is known of the material's face before any user comes.

    Fields over the warp's cells; the last three over cells four times as large.
    """

    shown: Floats  # how much of the user is to be seen
    fringe: Floats  # where hair may hang into the face
    above: NDArray[np.bool_]  # the brows
    eyes: Floats
    features: Floats  # brows, eyes, nostrils, lips
    rim: Floats  # what lies around all of them
    lips: Floats
    inner_mouth: Floats
    white: Floats  # where the white of eyes and teeth may be
    whiteness: float  # of it, against the skin
    opening: float  # of the mouth, as share of its width
    depth: float  # of the features against the skin
    roughness: float  # of the skin's relief
    unit: float  # distance between the outer eye corners, in cells
    grey: bool
    rosiness: Floats  # (3,) chroma of the lips, less that of the skin
    skin: Floats  # the face without features: where skin is expected
    haired: Floats  # `fringe`
    light: Floats  # (rows, columns, 3) slow part of the material's skin


@dataclass(frozen=True)
class Lighting:
    """result = gain * user + tint * luma of user + offset + rest * material, over cells."""

    gain: Floats  # (rows, columns)
    tint: Floats  # (rows, columns, 3)
    offset: Floats  # (rows, columns, 3)
    rest: Floats  # (rows, columns)


def study(cells: Floats, points: Points) -> Look:
    """Measure a material's face: its picture in cells (rows, columns, 3), landmarks in cells."""
    unit = mask.eye_distance(points)
    shape = (cells.shape[0], cells.shape[1])
    features, fringe = mask.features(points, shape), mask.fringe(points, shape)
    skin = _shrunk(mask.face(points, shape) * (1 - features))
    soft = mask.soft(features, 0.03 * unit)
    above = mask.above_brows(points, shape)
    haired = _shrunk(fringe)
    light = _light(cells, skin, haired, unit)
    ratio = _relative(cells, light)
    lips = mask.lips(points, shape)
    eyes, inner_mouth = mask.eyes(points, shape), mask.inner_mouth(points, shape)
    white = np.maximum(eyes, inner_mouth)
    shown = hair.shown(points, ratio, fringe, above)
    return Look(
        shown=shown,
        fringe=fringe,
        above=above,
        eyes=eyes,
        features=soft,
        rim=mask.rim(points, shape),
        lips=lips,
        inner_mouth=inner_mouth,
        white=white,
        whiteness=_whiteness(ratio, white),
        opening=mask.mouth_opening(points),
        depth=_depth(ratio, soft),
        roughness=_roughness(ratio, shown * (1 - features)),
        unit=unit,
        grey=_is_grey(light, skin),
        rosiness=_mean(_chroma(cells), lips) - _mean(_chroma(light), skin),
        skin=skin,
        haired=haired,
        light=light,
    )


def adapt(warped: Floats, seen: Floats, look: Look, opening: float) -> Lighting:
    """How to light the warped user (rows, columns, 3), whose mouth's opening is given.

    `seen` 0..1 (rows, columns) tells how far the user's picture shows what lies there.
    """
    shape = look.shown.shape
    light = _light(warped, look.skin, look.haired, look.unit)
    ratio = _relative(warped, light)
    # Nothing of the user is to be seen where all channels are burnt out; where one is, no colour.
    red, green, blue = cv2.split(warped)
    burnt = _clipped(np.minimum(np.minimum(red, green), blue))
    faded = _clipped(np.maximum(np.maximum(red, green), blue))
    share = _share(ratio, look, opening) * (1 - burnt) * (1 - (1 - seen) * look.rim)
    relief = _relief(ratio, share, look)
    brightness = np.clip(_luma(look.light) / (_luma(light) + 1), *_GAINS)
    whitened = _whitened(ratio, look)
    gain = relief * share * _enlarged(brightness, shape) * (1 + (whitened - 1) * look.white)
    gain *= _deepened(ratio, look)
    return Lighting(
        gain=gain * (1 - faded),
        tint=_tint(light, look, faded, whitened) * gain[..., None],
        offset=_enlarged(look.light, shape) * ((1 - relief) * share)[..., None],
        rest=1 - share,
    )


def _tint(light: Floats, look: Look, faded: Floats, whitened: float) -> Floats:
    """Colour (rows, columns, 3) that is added to the user's, for a luma of 1."""
    shape, grey = look.shown.shape, _is_grey(light, look.skin)
    foreign = _enlarged(_chroma(light), shape) * (1 - faded)[..., None]
    spared = (_EYES_GREY if grey else _EYES) * look.eyes
    spared = np.maximum(spared, _UNLIKE * abs(np.log2(whitened)) * look.white) * (1 - faded)
    tint = (_enlarged(_chroma(look.light), shape) - foreign) * (1 - spared)[..., None]
    if grey:
        tint += _ROSY * look.lips[..., None] * look.rosiness
    return np.asarray(tint, np.float32)


def _clipped(channel: Floats) -> Floats:
    off = np.clip((channel - _BURNT[0]) / (_BURNT[1] - _BURNT[0]), 0, 1)
    return mask.soft(off, 1.0)


def compose(material: Pixels, warped: Pixels, lighting: Lighting) -> Pixels:
    """Light the user and blend; pixels (h, w, 3) of one region, fields are enlarged to them."""
    result = np.empty_like(material)
    rows = lighting.rest.shape[0]
    step = material.shape[0] // rows
    for first in range(0, rows, _STRIP):
        cells = slice(first, min(first + _STRIP, rows))
        pixels = slice(cells.start * step, cells.stop * step)
        fields = (lighting.gain, lighting.tint, lighting.offset, lighting.rest)
        enlarged = [_enlarged_strip(field, cells, step, material.shape[1]) for field in fields]
        result[pixels] = _blend(material[pixels], warped[pixels], *enlarged)
    return result


def _enlarged_strip(field: Floats, cells: slice, step: int, width: int) -> Floats:
    """Some rows of what enlarging the whole field to pixels would give."""
    above, below = max(0, cells.start - 1), min(field.shape[0], cells.stop + 1)
    enlarged = cv2.resize(field[above:below], (width, (below - above) * step))
    top = (cells.start - above) * step
    return np.asarray(enlarged[top : top + (cells.stop - cells.start) * step], np.float32)


def _blend(
    material: Pixels, warped: Pixels, gain: Floats, tint: Floats, offset: Floats, rest: Floats
) -> Pixels:
    luma = cv2.cvtColor(warped, cv2.COLOR_RGB2GRAY)
    for pixels, factors in (
        (warped, cv2.cvtColor(gain, cv2.COLOR_GRAY2RGB)),
        (cv2.cvtColor(luma, cv2.COLOR_GRAY2RGB), tint),
        (material, cv2.cvtColor(rest, cv2.COLOR_GRAY2RGB)),
    ):
        cv2.accumulateProduct(pixels.astype(np.float32), factors, offset)
    return np.asarray(cv2.addWeighted(offset, 1, offset, 0, 0, dtype=cv2.CV_8U), np.uint8)


def _share(ratio: Floats, look: Look, opening: float) -> Floats:
    # An open mouth cannot be made from a closed one: then the material's teeth stay.
    kept = min(1.0, max(0.0, (look.opening - opening) / _MOUTH_DIFFERENCE))
    share = (
        look.shown
        * (1 - hair.hair(ratio, look.fringe, look.above, look.unit))
        * (1 - kept * look.inner_mouth)
    )
    return np.asarray(share, np.float32)


def _relief(ratio: Floats, share: Floats, look: Look) -> Floats:
    """How much of the user's relief is kept: on skin as much as the material has of its own."""
    own = _roughness(ratio, share * (1 - look.features))
    kept = min(_RELIEF[1], max(_RELIEF[0], look.roughness / own))
    return np.asarray(kept + (1 - kept) * _FEATURES_SPARED * look.features, np.float32)


def _deepened(ratio: Floats, look: Look) -> Floats:
    """How much less than skin the dark of the features is lit, when the material's is darker.

    A flat photo's brows, eyes and lips would look painted on beside the material's.
    """
    by = min(_DEEPER, max(1.0, look.depth / _depth(ratio, look.features)))
    return np.asarray(1 - (by - 1) * np.clip(1 - ratio, 0, 1) * look.features, np.float32)


def _depth(ratio: Floats, features: Floats) -> float:
    """By how much the features are darker than skin, on the whole."""
    return float((np.maximum(1 - ratio, 0) * features).sum() / (features.sum() + 1)) + 1e-3


def _whitened(ratio: Floats, look: Look) -> float:
    """How much more than skin the white of eyes and teeth is lit.

    It is as white in dark faces as in light ones: what makes their skins alike does not fit it.
    """
    change = look.whiteness / _whiteness(ratio, look.white)
    return float(np.clip(change, *_WHITENED))


def _whiteness(ratio: Floats, white: Floats) -> float:
    return max(_WHITE, float((ratio * white).max()))


def _relative(cells: Floats, light: Floats) -> Floats:
    """Luma over that of the skin around: 1 on even skin."""
    return np.asarray(_luma(cells) / (_enlarged(_luma(light), cells.shape) + 1), np.float32)


def _roughness(ratio: Floats, plain: Floats) -> float:
    """Mean deviation from even skin; hair, rims and other far-off cells count no more than 0.3."""
    off = np.minimum(np.abs(ratio - 1), 0.3)
    return float((off * plain).sum() / (plain.sum() + 1)) + 1e-3


def _light(cells: Floats, skin: Floats, haired: Floats, unit: float) -> Floats:
    """Slow part of the skin alone, in large cells: a normalised convolution."""
    small = _shrunk(cells)
    weights = skin * _skin_likeness(small, skin, haired)
    mean = (small * weights[..., None]).sum(axis=(0, 1)) / (weights.sum() + 1e-6)
    faint = np.float32(1e-3)  # far from all skin the mean takes over
    sigma = _LIGHT * unit / _SHRINK
    weighted = mask.soft(small * weights[..., None], sigma) + faint * mean
    return np.asarray(weighted / (mask.soft(weights, sigma) + faint)[..., None], np.float32)


def _skin_likeness(small: Floats, skin: Floats, haired: Floats) -> Floats:
    """0..1 by how near a cell's colour and light are to the face's median skin."""
    inside = small[skin > 0.5]
    median = np.median(inside if len(inside) else small.reshape(-1, 3), axis=0)
    luma, middle = _luma(small), float(median @ (0.299, 0.587, 0.114))
    colour = small / (luma[..., None] + 8) - (median / (middle + 8)).astype(np.float32)
    unlike = (colour * colour).sum(axis=2) / 0.2**2
    # What is dark may lie in shadow, but where hair may hang it is hair.
    darkest = 0.15 + 0.5 * haired
    lit = np.clip((luma / (middle + 1) - darkest) / 0.2, 0.02, 1)
    return np.asarray(np.exp(-unlike) * lit, np.float32)


def _mean(field: Floats, weights: Floats) -> Floats:
    total = (field * weights[..., None]).sum(axis=(0, 1))
    return np.asarray(total / (weights.sum() + 1e-3), np.float32)


def _is_grey(light: Floats, skin: Floats) -> bool:
    spread = light.max(axis=2) - light.min(axis=2)
    return float((spread * skin).sum()) < _GREY * float(skin.sum() + 1e-3)


def _chroma(light: Floats) -> Floats:
    return np.asarray(light / (_luma(light) + 1)[..., None], np.float32)


def _luma(cells: Floats) -> Floats:
    return np.asarray(cv2.cvtColor(cells, cv2.COLOR_RGB2GRAY), np.float32)


def _shrunk(field: Floats) -> Floats:
    size = (-(-field.shape[1] // _SHRINK), -(-field.shape[0] // _SHRINK))
    return np.asarray(cv2.resize(field, size, interpolation=cv2.INTER_AREA), np.float32)


def _enlarged(field: Floats, shape: tuple[int, ...]) -> Floats:
    return np.asarray(cv2.resize(field, (shape[1], shape[0])), np.float32)
