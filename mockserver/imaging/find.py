"""Which face of a picture is meant, and what is wrong with it.

The service documents the codes only; what leads to which is inferred, and fixed here.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from mockserver.errors import ApiError
from mockserver.imaging.codec import Pixels
from mockserver.imaging.face import (
    Box,
    Candidate,
    FaceEngine,
    Landmarks,
    Points,
    Tile,
    around,
)
from mockserver.imaging.mesh import CHEEKS, FACE_OVAL, IRISES, KEYPOINTS, OUTER_EYE_CORNERS

MAX_FACES = 3

# The detector misses faces under about 15 % of the picture's width; these parts of a picture
# are searched as well when the whole shows none. Neighbours overlap by half.
_TILINGS = (2, 4)
_FINE_TILING, _FINE_TILE = 8, 170  # only where such a tile has so many pixels

_SAME_FACE = 0.3  # intersection over union above which two boxes show one face

# Both models must mean the same face. On a face that is upside down, and on textures enlarged
# by a tile, the landmark network may draw a face where the detector did not see one; then eyes,
# nose and mouth are apart by 0.3 of the face's size and more, on true faces by 0.02 to 0.2.
_MAX_DISAGREEMENT = 0.25
_MAX_ROLL_DIFFERENCE = 45.0  # degrees; on true faces under 30

# On true faces, dark and light, an iris has 0.1 to 0.4 of the cheek's brightness; on faces that
# the landmark network sees upside down, what it takes for one of the irises has 0.56 and more.
_DARK = 0.5
_TILTED = 0.08  # of the score; on true faces under 0.03, on faces that lie on their side 0.14
_IRIS, _CHEEK = 0.035, 0.08  # reach of what is measured, as share of the eye corners' distance
_LUMA = np.array((0.299, 0.587, 0.114))  # RGB


@dataclass(frozen=True)
class FaceThresholds:
    """When a face is good enough (all inferred)."""

    no_face_score: float = 0.45  # below: nothing like a face
    weak_score: float = 0.55  # below: something like a face
    min_face: float = 34.0  # pixels, shorter side of the box
    max_roll: float = 45.0  # degrees
    max_yaw: float = 50.0  # degrees
    max_pitch: float = 50.0  # degrees
    cut_share: float = 0.35  # share of the contour outside of the picture: face cut off
    border_share: float = 0.10  # share of the contour outside of the picture: outline cut off


def find_face(
    engine: FaceEngine,
    image: Pixels,
    thresholds: FaceThresholds,
    *,
    no_face_code: str = "FailedOperation.FuseDetectNoFace",
) -> Landmarks:
    """The largest face of an RGB picture (h, w, 3).

    Raises ApiError `no_face_code` (nothing like a face), or FailedOperation.NoFaceDetected
    (only something weak, or turned in the plane), FaceSizeTooSmall, FaceShapeFailed (no
    landmarks), FaceExceedBorder, FaceBorderCheckFailed or FaceFusionError (a profile).
    """
    candidates = engine.detect(image)
    strong = _strong(candidates, thresholds)
    if strong:
        return _check(_largest_shaped(engine, image, strong, thresholds), image, thresholds)
    for tiling in _tilings(image):
        for box, landmarks in _faces_in(engine, image, _tiles(image, tiling), thresholds):
            _check_size(box, thresholds)
            return _check(landmarks, image, thresholds)
    if max((candidate.score for candidate in candidates), default=0.0) < thresholds.no_face_score:
        raise ApiError(no_face_code)
    raise ApiError("FailedOperation.NoFaceDetected")


def _has_dark_irises(image: Pixels, landmarks: Landmarks) -> bool:
    """Tell whether the eyes are where eyes are: not so when the models see a face upside down."""
    unit = float(np.linalg.norm(np.subtract(*landmarks.points[list(OUTER_EYE_CORNERS)])))
    irises = [_brightness(image, landmarks.points[at], _IRIS * unit) for at in IRISES]
    cheeks = [_brightness(image, landmarks.points[at], _CHEEK * unit) for at in CHEEKS]
    return all(iris < _DARK * cheek for iris, cheek in zip(irises, cheeks, strict=True))


def _brightness(image: Pixels, centre: Points, reach: float) -> float:
    """Mean luma of a small square; zero outside of the picture."""
    left, top = np.maximum(np.floor(centre - reach), 0).astype(int)
    right, bottom = np.maximum(np.ceil(centre + reach), 0).astype(int) + 1
    square = image[top:bottom, left:right]
    return float(np.dot(cv2.mean(square)[:3], _LUMA)) if square.size else 0.0


def find_faces(engine: FaceEngine, image: Pixels, thresholds: FaceThresholds) -> list[Landmarks]:
    """All faces of a material, largest first, three at most (documented limit); maybe none.

    Unlike in a user's picture, small faces are looked for even where large ones were found, and
    each is measured with care: a material is looked at once.
    """
    whole = (slice(0, image.shape[0]), slice(0, image.shape[1]))
    found = _faces_in(engine, image, [whole, *_tiles(image, _TILINGS[0])], thresholds)
    found = found or _faces_in(engine, image, _tiles(image, _TILINGS[1]), thresholds)
    return [engine.refine(image, landmarks) for _, landmarks in found[:MAX_FACES]]


def face_in_rect(
    engine: FaceEngine, image: Pixels, rect: Box, thresholds: FaceThresholds
) -> Landmarks:
    """The face that the caller points at, in pixels of the picture.

    It is the largest whose middle lies in the rectangle. Raises ApiError
    FailedOperation.FaceRectInvalid when the rectangle leaves the picture or shows no clear face,
    and otherwise what `find_face` raises of a face.
    """
    height, width = image.shape[:2]
    inside = rect.x >= 0 and rect.y >= 0
    inside = inside and rect.x + rect.width <= width and rect.y + rect.height <= height
    if not inside:
        raise ApiError("FailedOperation.FaceRectInvalid")
    shown = _detect_in(engine, image, around(image, rect))
    meant = (candidate for candidate in shown if _is_centred_in(candidate.box, rect))
    strong = _strong(meant, thresholds)
    if not strong:
        raise ApiError("FailedOperation.FaceRectInvalid")
    return _check(_largest_shaped(engine, image, strong, thresholds), image, thresholds)


def _is_centred_in(box: Box, rect: Box) -> bool:
    x, y = box.middle
    return rect.x <= x <= rect.x + rect.width and rect.y <= y <= rect.y + rect.height


def _strong(candidates: Iterable[Candidate], thresholds: FaceThresholds) -> list[Candidate]:
    strong = (item for item in candidates if item.score >= thresholds.weak_score)
    return sorted(strong, key=lambda item: -item.box.area)


def _largest_shaped(
    engine: FaceEngine, image: Pixels, strong: list[Candidate], thresholds: FaceThresholds
) -> Landmarks:
    _check_size(strong[0].box, thresholds)
    for candidate in strong:
        landmarks = engine.landmarks(image, candidate)
        if landmarks is None:
            continue
        # Of a face that leaves the picture the models see different parts.
        if _share_outside(landmarks, image) > thresholds.border_share:
            return landmarks
        agreed = _agree(candidate, landmarks)
        agreed = agreed or _agrees_from_close(engine, image, landmarks, thresholds)
        if agreed and _is_upright(engine, image, landmarks):
            return landmarks
    turned = abs(strong[0].roll)
    if thresholds.max_roll < turned < 180 - thresholds.max_roll:
        raise ApiError("FailedOperation.NoFaceDetected")
    raise ApiError("FailedOperation.FaceShapeFailed")


def _agree(candidate: Candidate, landmarks: Landmarks) -> bool:
    if candidate.keypoints is None:
        return True
    turned = (candidate.roll - landmarks.roll + 180) % 360 - 180
    if abs(turned) > _MAX_ROLL_DIFFERENCE:
        return False
    apart = np.linalg.norm(landmarks.points[list(KEYPOINTS)] - candidate.keypoints, axis=1).mean()
    return bool(apart < _MAX_DISAGREEMENT * max(landmarks.box.width, landmarks.box.height))


def _agrees_from_close(
    engine: FaceEngine, image: Pixels, landmarks: Landmarks, thresholds: FaceThresholds
) -> bool:
    """Look again: of a face so small that it hardly sees it, the detector may mistake the place."""
    again = _strong(_detect_in(engine, image, around(image, landmarks.box)), thresholds)
    return any(_agree(candidate, landmarks) for candidate in again)


def _is_upright(engine: FaceEngine, image: Pixels, landmarks: Landmarks) -> bool:
    """Tell an upright face from one that only looks so to the models; light eyes need a look more.

    The detector is surest of a face when the picture is turned so that it is upright. Of a head
    that is tilted it may be a little surer when it is tilted the other way.
    """
    if _has_dark_irises(image, landmarks):
        return True
    shown = image[around(image, landmarks.box)]
    turned = (np.ascontiguousarray(np.rot90(shown, quarters)) for quarters in range(4))
    upright, left, over, right = (
        max((one.score for one in engine.detect(way)), default=0.0) for way in turned
    )
    return over < upright and max(left, right) < upright + _TILTED


def _faces_in(
    engine: FaceEngine, image: Pixels, tiles: Iterable[Tile], thresholds: FaceThresholds
) -> list[tuple[Box, Landmarks]]:
    """Faces in parts of the picture, each once, largest first."""
    found: list[tuple[Box, Landmarks]] = []
    for tile in tiles:
        for candidate in _strong(_detect_in(engine, image, tile), thresholds):
            if _is_known(candidate.box, found):
                continue
            landmarks = engine.landmarks(image, candidate)
            if landmarks is None or not _agree(candidate, landmarks):
                continue
            # Enlarged by a tile, textures may look like faces; less so from close.
            if not _agrees_from_close(engine, image, landmarks, thresholds):
                continue
            if not _is_upright(engine, image, landmarks):
                continue
            if not _is_known(landmarks.box, found):
                found.append((candidate.box, landmarks))
    return sorted(found, key=lambda face: -face[1].box.area)


def _is_known(box: Box, found: list[tuple[Box, Landmarks]]) -> bool:
    return any(_overlap(box, landmarks.box) > _SAME_FACE for _, landmarks in found)


def _tilings(image: Pixels) -> tuple[int, ...]:
    is_large = min(image.shape[:2]) >= _FINE_TILING * _FINE_TILE
    return (*_TILINGS, _FINE_TILING) if is_large else _TILINGS


def _tiles(image: Pixels, tiling: int) -> Iterator[Tile]:
    height, width = image.shape[:2]
    steps = np.arange(2 * tiling - 1) / (2 * tiling)
    for top in steps:
        for left in steps:
            rows = slice(round(top * height), round((top + 1 / tiling) * height))
            yield rows, slice(round(left * width), round((left + 1 / tiling) * width))


def _detect_in(engine: FaceEngine, image: Pixels, tile: Tile) -> Iterator[Candidate]:
    top, left = tile[0].start, tile[1].start
    part = image[tile]
    for candidate in engine.detect(part) if part.size else ():
        yield candidate.shifted(left, top)


def _overlap(one: Box, other: Box) -> float:
    """Intersection over union, 0..1."""
    width = min(one.x + one.width, other.x + other.width) - max(one.x, other.x)
    height = min(one.y + one.height, other.y + other.height) - max(one.y, other.y)
    common = max(0.0, width) * max(0.0, height)
    return common / (one.area + other.area - common)


def _check_size(box: Box, thresholds: FaceThresholds) -> None:
    if min(box.width, box.height) < thresholds.min_face:
        raise ApiError("FailedOperation.FaceSizeTooSmall")


def _check(landmarks: Landmarks, image: Pixels, thresholds: FaceThresholds) -> Landmarks:
    # The border comes first: of a face that is cut off, the angles are guesses.
    outside = _share_outside(landmarks, image)
    if outside >= thresholds.cut_share:
        raise ApiError("FailedOperation.FaceExceedBorder")
    if outside > thresholds.border_share:
        raise ApiError("FailedOperation.FaceBorderCheckFailed")
    if abs(landmarks.roll) > thresholds.max_roll:
        raise ApiError("FailedOperation.NoFaceDetected")
    if abs(landmarks.yaw) > thresholds.max_yaw or abs(landmarks.pitch) > thresholds.max_pitch:
        raise ApiError("FailedOperation.FaceFusionError")
    return landmarks


def _share_outside(landmarks: Landmarks, image: Pixels) -> float:
    contour = landmarks.points[FACE_OVAL]
    size = np.array((image.shape[1], image.shape[0]), np.float32)
    return float(np.mean(((contour < 0) | (contour > size)).any(axis=1)))
