"""Ways to blend a warped face into a material, measured against the one that is in use.

All take one region's pixels, uint8 (h, w, 3): material and warped user, and the mask 0..1 (h, w).
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from statistics import median

import cv2
import numpy as np

from benchmarks import figures, identity
from benchmarks.pairs import Pair
from mockserver.imaging import turned
from mockserver.imaging.blend import adapt, compose
from mockserver.imaging.codec import Pixels
from mockserver.imaging.mask import mouth_opening
from mockserver.imaging.warp import Floats, signed_areas

Blend = Callable[[Pixels, Pixels, Floats], Pixels]

_LEVELS = 5  # of the pyramids
_COARSE = 8  # pixels to one of the gradient domain's
_RELAXATIONS = 400
_REACH, _EDGES = 12, 60.0  # of the guided filter: pixels, variance of luma


def feathered(material: Pixels, warped: Pixels, mask: Floats) -> Pixels:
    """Mean and deviation of colour matched in L*a*b*, then the mask's alpha."""
    return _mixed(material, _matched(material, warped, mask), mask)


def guided(material: Pixels, warped: Pixels, mask: Floats) -> Pixels:
    """As `feathered`, but the mask follows the material's edges (He, Sun, Tang, 2010)."""
    guide = cv2.cvtColor(material, cv2.COLOR_RGB2GRAY).astype(np.float32)

    def mean(field: Floats) -> Floats:
        return np.asarray(cv2.blur(field, (2 * _REACH + 1, 2 * _REACH + 1)), np.float32)

    middle, whole = mean(guide), mean(mask)
    slope = (mean(guide * mask) - middle * whole) / (mean(guide * guide) - middle**2 + _EDGES)
    refined = mean(slope) * guide + mean(whole - slope * middle)
    return feathered(material, warped, np.clip(refined, 0, 1) * (mask > 0))


def multi_band(material: Pixels, warped: Pixels, mask: Floats) -> Pixels:
    """Colour matched, then each band of a Laplacian pyramid mixed (Burt, Adelson, 1983)."""
    below, above, shares = material.astype(np.float32), _matched(material, warped, mask), mask
    bands = []
    for _ in range(_LEVELS):
        coarse = [cv2.pyrDown(one) for one in (below, above, shares)]
        size = shares.shape[1::-1]
        low, high = (
            below - cv2.pyrUp(coarse[0], dstsize=size),
            above - cv2.pyrUp(coarse[1], dstsize=size),
        )
        bands.append(low + shares[..., None] * (high - low))
        below, above, shares = (np.asarray(one, np.float32) for one in coarse)
    result = below + shares[..., None] * (above - below)
    for band in reversed(bands):
        result = cv2.pyrUp(result, dstsize=band.shape[1::-1]) + band
    return np.asarray(np.clip(result, 0, 255), np.uint8)


def gradient_domain(material: Pixels, warped: Pixels, mask: Floats) -> Pixels:
    """The user's gradients, the material's colours at the edge (Perez, Gangnet, Blake, 2003).

    Solved at low resolution for the difference of the two, which is smooth.
    """
    size = (mask.shape[1] // _COARSE, mask.shape[0] // _COARSE)
    small, inside = (
        cv2.resize(one, size, interpolation=cv2.INTER_AREA)
        for one in (material.astype(np.float32) - warped, mask)
    )
    free = (inside > 0.3)[..., None]
    difference = np.where(free, small[~free[..., 0]].mean(axis=0), small)
    for _ in range(_RELAXATIONS):
        difference = np.where(free, cv2.blur(difference, (3, 3)), small)
    offset = cv2.resize(difference, mask.shape[1::-1], interpolation=cv2.INTER_LINEAR)
    return _mixed(material, warped + offset, mask)


def _matched(material: Pixels, warped: Pixels, mask: Floats) -> Floats:
    inside = mask > 0.5
    target, source = (
        cv2.cvtColor(one.astype(np.float32) / 255, cv2.COLOR_RGB2LAB) for one in (material, warped)
    )
    scale = target[inside].std(axis=0) / (source[inside].std(axis=0) + 1e-3)
    matched = (source - source[inside].mean(axis=0)) * scale + target[inside].mean(axis=0)
    return np.asarray(cv2.cvtColor(matched.astype(np.float32), cv2.COLOR_LAB2RGB) * 255, np.float32)


def _mixed(material: Pixels, user: Floats, mask: Floats) -> Pixels:
    result = material + mask[..., None] * (user - material)
    return np.asarray(np.clip(result, 0, 255), np.uint8)


_IN_USE = "slow light apart from relief (in use)"
OTHERS: Mapping[str, Blend] = {
    "mean and deviation, feathered": feathered,
    "mean and deviation, guided feather": guided,
    "mean and deviation, multi-band": multi_band,
    "gradient domain at low resolution": gradient_domain,
}


def compare(pairs: Sequence[Pair]) -> Iterator[tuple[str, ...]]:
    """Headings, then the blends' rows: median and, in brackets, largest over the pairs."""
    yield "blend", "seam contrast", "ring", "face", "fine energy", "to user", "ms"
    embed = identity.embedder()
    for name in (_IN_USE, *OTHERS):
        found = [_measure(pair, OTHERS.get(name) or _in_use(pair), embed) for pair in pairs]
        yield name, *(_spread(column) for column in zip(*found, strict=True))


def _in_use(pair: Pair) -> Blend:
    """The server's own."""
    look, region = pair.template.look, pair.template.region
    points = pair.user.face.points
    seen = turned.seen(signed_areas(points), pair.template.grid)
    opening = mouth_opening(points)

    def apply(material: Pixels, warped: Pixels, _: Floats) -> Pixels:
        size = (region.columns, region.rows)
        cells = cv2.resize(warped, size, interpolation=cv2.INTER_AREA).astype(np.float32)
        return compose(material, warped, adapt(cells, seen, look, opening))

    return apply


def _measure(pair: Pair, blend: Blend, embed: identity.Embed | None) -> tuple[float | None, ...]:
    mask, unit, material = pair.mask, pair.unit, pair.regions[1]
    before = time.process_time_ns()
    result = blend(material, pair.warped, mask)
    taken = (time.process_time_ns() - before) / 1e6
    whole = pair.material.pixels.copy()
    whole[pair.template.region.slices] = result
    return (
        figures.seam_contrast(result, material, mask, unit),
        figures.colour_difference(result, material, figures.ring(mask), unit),
        figures.colour_difference(result, material, figures.core(mask), unit),
        figures.fine_energy(result, pair.warped, mask, unit),
        identity.distance(embed, (whole, pair.material.face.box), pair.user.seen),
        taken,
    )


def _spread(column: Sequence[float | None]) -> str:
    values = [value for value in column if value is not None]
    return f"{median(values):.2f} ({max(values):.2f})" if values else "not measured"
