"""Rows of blocks: a JPEG put together from two is the JPEG of the two pictures put together."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.imaging.codec import Pixels
from mockserver.imaging.rows import BLOCK, encode_rows
from tests.photos import material


def decoded(data: bytes) -> Pixels:
    return np.asarray(cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR), np.uint8)


@given(
    st.integers(1, 200), st.integers(1, 200), st.data(), st.integers(1, 100), st.integers(0, 2**32)
)
@settings(max_examples=60, deadline=None)
def test_any_rows_can_be_replaced(
    width: int, height: int, data: st.DataObject, quality: int, seed: int
) -> None:
    random = np.random.default_rng(seed)
    image, other = random.integers(0, 256, (2, height, width, 3), np.uint8)
    count = -(-height // BLOCK)
    first = data.draw(st.integers(0, count - 1))
    last = data.draw(st.integers(first + 1, count))
    whole = image.copy()
    whole[first * BLOCK : last * BLOCK] = other[first * BLOCK : last * BLOCK]
    part = encode_rows(np.ascontiguousarray(other[first * BLOCK : last * BLOCK]), quality)
    expected = encode_rows(whole, quality)
    spliced = encode_rows(image, quality).replaced(first, part).jpeg()
    assert spliced == expected.jpeg()
    ordinary = cv2.imencode(".jpg", whole, (cv2.IMWRITE_JPEG_QUALITY, quality))[1].tobytes()
    assert (decoded(spliced) == decoded(ordinary)).all()


@pytest.mark.parametrize("quality", [50, 90])
def test_the_pixels_are_those_of_an_ordinary_jpeg(quality: int) -> None:
    image = material("qc_100646_154021_9.jpg")
    rows = encode_rows(image, quality)
    ordinary = cv2.imencode(".jpg", image, (cv2.IMWRITE_JPEG_QUALITY, quality))[1].tobytes()
    assert (decoded(rows.jpeg()) == decoded(ordinary)).all()
