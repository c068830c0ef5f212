"""Before and after: pictures side by side."""

from collections.abc import Sequence

import cv2
import numpy as np

from mockserver.imaging.codec import Pixels

_GAP = 12


def side_by_side(pictures: Sequence[Pixels]) -> Pixels:
    """Return RGB pictures (h, w, 3) in a row, at the height of the last one, on white."""
    height = pictures[-1].shape[0]
    columns: list[Pixels] = []
    for picture in pictures:
        width = max(1, round(picture.shape[1] * height / picture.shape[0]))
        if columns:
            columns.append(np.full((height, _GAP, 3), 255, np.uint8))
        scaled = cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA)
        columns.append(scaled.astype(np.uint8, copy=False))
    return np.hstack(columns)
