"""BlazeFace (short range): where something like a face is.

What goes into the network and comes out of it is as in MediaPipe's FaceDetector (observed: the
same boxes and scores on the same pictures).
"""

from collections.abc import Iterator

import cv2
import numpy as np

from mockserver.imaging.codec import Pixels
from mockserver.imaging.face import Box, Candidate, Points
from mockserver.imaging.network import Floats, Network
from mockserver.imaging.square import Square

_GRIDS = ((16, 2), (8, 6))  # cells along a side, boxes a cell
_SAME_FACE = 0.3  # intersection over union above which two boxes are one candidate
_KEYPOINTS = 4  # right eye, left eye, nose tip, mouth; the ears follow
_MAX_LOGIT = 80.0  # exp() of more leaves float32
_TINY = 1e-9  # square pictures


class FaceDetector:
    """Finds candidates in pictures of any size; it looks at 128x128 pixels of them."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._anchors = _anchors()

    def find(self, image: Pixels, min_score: float) -> list[Candidate]:
        """Candidates in an RGB picture (h, w, 3), best score first.

        Their boxes leave the picture where the face does.
        """
        height, width = image.shape[:2]
        middle = np.array((width / 2, height / 2), np.float32)
        whole = Square(middle, max(width, height))
        boxes, logits = self._network.run(self._seen(image, whole))
        scores = _sigmoid(logits[:, 0])
        likely = np.flatnonzero(scores >= min_score)
        shapes = _shapes(boxes[likely] / np.float32(self._network.side), self._anchors[likely])
        merged = _merged(shapes, scores[likely])
        return [_candidate(whole.placed(shape), score) for shape, score in merged]

    def _seen(self, image: Pixels, whole: Square) -> Floats:
        """What the network is given: the picture's pixels, black around them, from -1 to 1."""
        pixels = whole.cut(image, self._network.side, cv2.BORDER_CONSTANT)
        return np.multiply(pixels, np.float32(2 / 255), dtype=np.float32) - 1


def _anchors() -> Points:
    """The points (896, 2) of a picture 0..1 that the network's boxes are told from."""
    cells = []
    for side, boxes in _GRIDS:
        y, x = (np.mgrid[:side, :side] + 0.5) / side
        cells.append(np.repeat(np.stack((x, y), axis=-1).reshape(-1, 2), boxes, axis=0))
    return np.concatenate(cells).astype(np.float32)


def _sigmoid(logits: Floats) -> Floats:
    bounded = np.clip(logits, -_MAX_LOGIT, _MAX_LOGIT)
    return np.asarray(1 / (1 + np.exp(-bounded)), np.float32)


def _shapes(boxes: Floats, anchors: Points) -> Points:
    """Top-left, bottom-right and six keypoints (n, 8, 2) of the network's boxes (n, 16)."""
    middles, sizes, *keypoints = boxes.reshape(-1, 8, 2).swapaxes(0, 1)
    middles = middles + anchors
    ends = (middles - sizes / 2, middles + sizes / 2)
    return np.stack((*ends, *(point + anchors for point in keypoints)), axis=1)


def _merged(shapes: Points, scores: Floats) -> Iterator[tuple[Points, float]]:
    """Best first, the mean of each shape and those that overlap with it, weighted by scores."""
    rest = np.argsort(-scores, kind="stable")
    while rest.size:
        same = _overlap(shapes[rest], shapes[rest[0]]) > _SAME_FACE
        same[0] = True  # even if it has no area
        group, rest = rest[same], rest[~same]
        weights = scores[group] / scores[group].sum()
        yield np.tensordot(weights, shapes[group], 1), float(scores[group[0]])


def _overlap(shapes: Points, best: Points) -> Floats:
    """Intersection over union (n,) of boxes with the best one."""
    sides = np.minimum(shapes[:, 1], best[1]) - np.maximum(shapes[:, 0], best[0])
    common = np.maximum(sides, 0).prod(axis=1)
    areas, area = (shapes[:, 1] - shapes[:, 0]).prod(axis=1), (best[1] - best[0]).prod()
    return np.asarray(common / np.maximum(areas + area - common, _TINY), np.float32)


def _candidate(shape: Points, score: float) -> Candidate:
    (left, top), (right, bottom) = shape[:2].tolist()
    return Candidate(Box(left, top, right - left, bottom - top), score, shape[2 : 2 + _KEYPOINTS])
