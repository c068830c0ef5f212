"""JPEGs in rows of blocks: only those that hold the new face are encoded, the rest is at hand.

A restart marker after each row of blocks makes the rows independent of one another (JPEG
standard, ITU-T T.81), so one picture's rows can stand in the place of another's.
"""

import re
from dataclasses import dataclass

import cv2

from mockserver.imaging.codec import Pixels

Band = tuple[int, Pixels]  # the number of the first row of blocks, and whole rows of pixels

BLOCK = 16  # pixels: the side of a unit of blocks with 4:2:0 chroma

_RESTART = re.compile(rb"\xff[\xd0-\xd7]")
_START_OF_SCAN, _END = 0xDA, b"\xff\xd9"


@dataclass(frozen=True)
class Rows:
    """An encoded picture: what stands before its data, and the data of each row of blocks."""

    head: bytes
    data: tuple[bytes, ...]

    def replaced(self, first: int, others: "Rows") -> "Rows":
        """Return the picture with the other one's rows in place, from row `first` on."""
        last = first + len(others.data)
        return Rows(self.head, (*self.data[:first], *others.data, *self.data[last:]))

    def jpeg(self) -> bytes:
        """Return the picture as a file."""
        last = len(self.data) - 1
        markers = [b"\xff" + bytes((0xD0 + number % 8,)) for number in range(last)]
        pieces = [piece for pair in zip(self.data, [*markers, _END], strict=True) for piece in pair]
        return b"".join((self.head, *pieces))


def pasted(image: Pixels, band: Band) -> Pixels:
    """A copy of the picture (h, w, 3) with the band in its place."""
    first, rows = band
    result = image.copy()
    result[first * BLOCK : first * BLOCK + len(rows)] = rows
    return result


def encode_rows(image: Pixels, quality: int) -> Rows:
    """Encode BGR (h, w, 3) with 4:2:0 chroma; the same pixels of a row give the same bytes."""
    options = (
        cv2.IMWRITE_JPEG_QUALITY,
        quality,
        cv2.IMWRITE_JPEG_RST_INTERVAL,
        -(-image.shape[1] // BLOCK),
        cv2.IMWRITE_JPEG_SAMPLING_FACTOR,
        cv2.IMWRITE_JPEG_SAMPLING_FACTOR_420,
    )
    data = cv2.imencode(".jpg", image, options)[1].tobytes()
    start = _scan_start(data)
    return Rows(data[:start], tuple(_RESTART.split(data[start : -len(_END)])))


def _scan_start(data: bytes) -> int:
    at = 2  # behind the start of image
    while True:
        marker, length = data[at + 1], int.from_bytes(data[at + 2 : at + 4], "big")
        at += 2 + length
        if marker == _START_OF_SCAN:
            return at
