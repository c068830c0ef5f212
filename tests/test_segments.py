"""Segments: a JPEG put together from two is the JPEG of the two pictures put together."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.imaging.codec import Pixels
from mockserver.imaging.segments import BLOCK, Patch, Segments, encode_segments, segment_width
from tests.photos import material


def ordinary(image: Pixels, quality: int) -> bytes:
    options = (cv2.IMWRITE_JPEG_QUALITY, quality)
    return cv2.imencode(".jpg", cv2.cvtColor(image, cv2.COLOR_RGB2BGR), options)[1].tobytes()


def decoded(data: bytes) -> Pixels:
    return np.asarray(cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR), np.uint8)


def encoded(image: Pixels, quality: int) -> Segments:
    return encode_segments(image, quality, segment_width(image.shape[1]))


def some_part(data: st.DataObject, length: int) -> slice:
    start = data.draw(st.integers(0, length - 1))
    return slice(start, data.draw(st.integers(start + 1, length)))


@given(
    st.integers(1, 400), st.integers(1, 120), st.data(), st.integers(1, 100), st.integers(0, 2**32)
)
@settings(max_examples=60, deadline=None)
def test_any_part_can_be_replaced(
    width: int, height: int, data: st.DataObject, quality: int, seed: int
) -> None:
    random = np.random.default_rng(seed)
    image, other = random.integers(0, 256, (2, height, width, 3), np.uint8)
    patch = Patch.of(other, some_part(data, height), some_part(data, width))
    whole = patch.pasted(image)
    spliced = encoded(image, quality).with_patch(patch, quality).jpeg()
    assert spliced == encoded(whole, quality).jpeg()
    assert (decoded(spliced) == decoded(ordinary(whole, quality))).all()


@given(st.integers(1, 4000))
def test_a_row_has_whole_segments(width: int) -> None:
    blocks, segment = -(-width // BLOCK), segment_width(width) // BLOCK
    assert blocks % segment == 0
    assert segment in {blocks, *range(4, 21)}


def test_a_patch_is_no_larger_than_it_must_be() -> None:
    patch = Patch.of(np.zeros((1080, 1080, 3), np.uint8), slice(100, 200), slice(300, 500))
    assert (patch.left, patch.top) == (272, 96)
    assert patch.pixels.shape == (112, 272, 3)


@pytest.mark.parametrize("quality", [50, 90])
def test_the_pixels_are_those_of_an_ordinary_jpeg(quality: int) -> None:
    image = material("qc_100646_154021_9.jpg")
    assert (decoded(encoded(image, quality).jpeg()) == decoded(ordinary(image, quality))).all()
