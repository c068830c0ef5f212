"""JPEGs in segments: only those that hold the new face are encoded, the rest is at hand.

A restart marker after each segment of a row of blocks makes the segments independent of one
another (JPEG standard, ITU-T T.81), so one picture's can stand in the place of another's.
"""

import re
from dataclasses import dataclass, replace

import cv2

from mockserver.imaging.codec import Pixels

BLOCK = 16  # pixels: the side of a unit of blocks with 4:2:0 chroma
_LONGEST = 20  # blocks of a segment; shorter ones are finer, but each costs some bytes
_SHORTEST = 4

_RESTART = re.compile(rb"\xff[\xd0-\xd7]")
_START_OF_SCAN, _END = 0xDA, b"\xff\xd9"


@dataclass(frozen=True)
class Patch:
    """Pixels (h, w, 3) that belong at (left, top) of a picture, on the borders of its segments."""

    left: int
    top: int
    pixels: Pixels

    @classmethod
    def of(cls, image: Pixels, rows: slice, columns: slice) -> "Patch":
        """Copy the least part of the picture that holds those rows and columns."""
        width = segment_width(image.shape[1])
        top, bottom = rows.start // BLOCK * BLOCK, -(-rows.stop // BLOCK) * BLOCK
        left, right = columns.start // width * width, -(-columns.stop // width) * width
        return cls(left, top, image[top:bottom, left:right].copy())

    def pasted(self, image: Pixels) -> Pixels:
        """Return a copy of the picture (h, w, 3) with these pixels in their place."""
        result = image.copy()
        height, width = self.pixels.shape[:2]
        result[self.top : self.top + height, self.left : self.left + width] = self.pixels
        return result


@dataclass(frozen=True)
class Segments:
    """An encoded picture: what stands before its data, and the data of each segment by row."""

    head: bytes
    rows: tuple[tuple[bytes, ...], ...]
    width: int  # of a segment, in pixels

    def with_patch(self, patch: Patch, quality: int) -> "Segments":
        """Return the picture with a patch encoded and put in its place."""
        new = encode_segments(patch.pixels, quality, self.width).rows
        first, left = patch.top // BLOCK, patch.left // self.width
        rows = list(self.rows)
        for at, segments in enumerate(new, first):
            rows[at] = (*rows[at][:left], *segments, *rows[at][left + len(segments) :])
        return replace(self, rows=tuple(rows))

    def jpeg(self) -> bytes:
        """Return the picture as a file."""
        data = [segment for row in self.rows for segment in row]
        markers = [b"\xff" + bytes((0xD0 + number % 8,)) for number in range(len(data) - 1)]
        pieces = [piece for pair in zip(data, [*markers, _END], strict=True) for piece in pair]
        return b"".join((self.head, *pieces))


def segment_width(width: int) -> int:
    """Pixels of a segment: a row of a picture of that width has whole ones, be it only one."""
    blocks = -(-width // BLOCK)
    whole = [length for length in range(_SHORTEST, _LONGEST + 1) if blocks % length == 0]
    return BLOCK * max(whole, default=blocks)


def encode_segments(image: Pixels, quality: int, width: int) -> Segments:
    """Encode RGB (h, w, 3) with 4:2:0 chroma, in segments of `width` pixels.

    The same pixels of a segment give the same bytes.
    """
    options = (
        cv2.IMWRITE_JPEG_QUALITY,
        quality,
        cv2.IMWRITE_JPEG_RST_INTERVAL,
        width // BLOCK,
        cv2.IMWRITE_JPEG_SAMPLING_FACTOR,
        cv2.IMWRITE_JPEG_SAMPLING_FACTOR_420,
    )
    data = cv2.imencode(".jpg", cv2.cvtColor(image, cv2.COLOR_RGB2BGR), options)[1].tobytes()
    start = _scan_start(data)
    segments = _RESTART.split(data[start : -len(_END)])
    row = -(-image.shape[1] // width)
    rows = tuple(tuple(segments[at : at + row]) for at in range(0, len(segments), row))
    return Segments(data[:start], rows, width)


def _scan_start(data: bytes) -> int:
    at = 2  # behind the start of image
    while True:
        marker, length = data[at + 1], int.from_bytes(data[at + 2 : at + 4], "big")
        at += 2 + length
        if marker == _START_OF_SCAN:
            return at
