"""A user's face on a material: what is prepared once, and what is done for each picture."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from mockserver.imaging import blend, lids, mask, shape, turned
from mockserver.imaging.codec import Pixels
from mockserver.imaging.face import Landmarks, Points
from mockserver.imaging.mask import eye_distance, mouth_opening
from mockserver.imaging.mesh import FACE_OVAL
from mockserver.imaging.segments import Patch
from mockserver.imaging.warp import (
    Floats,
    Grid,
    Region,
    check_folds,
    grid,
    region_around,
    signed_areas,
    warp,
)
from mockserver.stopwatch import Stopwatch


@dataclass(frozen=True)
class Degrees:
    """How much of the material's geometry is kept, 0..100 (documented; 50 by default).

    `profile` is for the face's outline (FuseProfileDegree), `face` for its features
    (FuseFaceDegree): 0 is the user's, 100 the material's.
    """

    profile: int = 50
    face: int = 50


DEFAULT_DEGREES = Degrees()
MATERIALS_OWN = Degrees(100, 100)


@dataclass(frozen=True)
class Template:
    """One face of a material, ready to be replaced."""

    landmarks: Landmarks
    region: Region
    grid: Grid
    halves: Floats
    look: blend.Look
    around: shape.Surroundings


def prepare(image: Pixels, landmarks: Landmarks) -> Template:
    """Compute all that depends on the material (h, w, 3) alone; once for each face in it."""
    points = landmarks.points
    region = _shown_part(region_around(points[FACE_OVAL], image), points)
    look = blend.study(_cells(image[region.slices], region), region.to_cells(points))
    cells = grid(points, region)
    around = shape.study(points, image)
    return Template(landmarks, region, cells, turned.halves(cells), look, around)


def _shown_part(region: Region, points: Points) -> Region:
    """Without what lies above the seam on the forehead."""
    shown = mask.shown(region.to_cells(points), (region.rows, region.columns))
    return region.below(max(0, int(shown.any(axis=1).argmax()) - 1))


def fuse(
    material: Pixels,
    template: Template,
    user: Pixels,
    user_landmarks: Landmarks,
    degrees: Degrees = DEFAULT_DEGREES,
) -> Pixels:
    """The material (h, w, 3) with the user's face in place of the template's; a new array.

    The same arguments give the same bytes. Raises ApiError FailedOperation.FaceFusionError
    when the user's face is turned so far that the warp folds over.
    """
    return fuse_patch(material, template, user, user_landmarks, degrees).pasted(material)


def fuse_patch(
    material: Pixels,
    template: Template,
    user: Pixels,
    user_landmarks: Landmarks,
    degrees: Degrees = DEFAULT_DEGREES,
    *,
    watch: Stopwatch | None = None,
) -> Patch:
    """Only the part that `fuse` changes."""
    watch = watch or Stopwatch()
    around = template.around if degrees != MATERIALS_OWN else None
    changed = [template.region] if around is None else [template.region, around.region]
    patch = Patch.of(material, *_hull(changed))
    result, corner = patch.pixels, (patch.left, patch.top)
    face = _face(material, template, user, user_landmarks, watch)
    watch.lap("blend")
    result[template.region.seen_from(*corner).slices] = face
    if around is not None:
        place = around.region.seen_from(*corner).slices
        shift = wanted(template, user_landmarks, degrees) - template.landmarks.points
        result[place] = shape.reshape(result[place], around, shift)
    watch.lap("warp")
    return patch


def _hull(regions: Sequence[Region]) -> tuple[slice, slice]:
    """Rows and columns that hold all the regions."""
    rows, columns = zip(*(region.slices for region in regions), strict=True)
    return (
        slice(min(part.start for part in rows), max(part.stop for part in rows)),
        slice(min(part.start for part in columns), max(part.stop for part in columns)),
    )


def wanted(template: Template, user: Landmarks, degrees: Degrees) -> Points:
    """Where the landmarks (478, 2) of the result are to be, in pixels of the material."""
    shares = degrees.profile / 100, degrees.face / 100
    return shape.wanted(template.landmarks, user, template.around.outline, *shares)


def _face(
    material: Pixels, template: Template, user: Pixels, face: Landmarks, watch: Stopwatch
) -> Pixels:
    """The region's pixels with the user's face in the material's geometry."""
    region, look = template.region, template.look
    warped, seen = _warped(template, user, face.points)
    watch.lap("warp")
    if look.grey:
        warped = _grey(warped)
    lighting = blend.adapt(_cells(warped, region), seen, look, mouth_opening(face.points))
    return blend.compose(material[region.slices], warped, lighting)


def _warped(template: Template, user: Pixels, points: Points) -> tuple[Pixels, Floats]:
    """The user's face in the material's geometry; for each cell, how far it is seen."""
    grid, region = template.grid, template.region
    areas = signed_areas(points)
    check_folds(areas, grid)
    size_ratio = eye_distance(points) / eye_distance(template.landmarks.points)
    points = lids.lifted(points, template.landmarks.points)
    warped, seen = warp(user, points, grid, region, size_ratio), turned.seen(areas, grid)
    hidden = turned.hidden(areas, grid)
    if not hidden:
        return warped, seen
    mirror = warp(user, turned.mirrored(points), grid, region, size_ratio)
    share = np.clip(hidden * template.halves, 0, 1)
    own_eyes = template.look.eyes * (1 - turned.hidden_eye(areas, grid))
    completed = turned.complete(warped, mirror, share * (1 - own_eyes))
    return completed, np.maximum(seen, share)


def _cells(image: Pixels, region: Region) -> Floats:
    size = (region.columns, region.rows)
    return cv2.resize(image, size, interpolation=cv2.INTER_AREA).astype(np.float32)


def _grey(image: Pixels) -> Pixels:
    luma = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    return cv2.cvtColor(luma, cv2.COLOR_GRAY2RGB).astype(np.uint8, copy=False)
