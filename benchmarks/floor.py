"""The floor: decode + landmarks + encode alone, one thread, in a process of its own.

`python -m benchmarks.floor MATERIAL QUALITY` reads a line of picture files (JSON) from stdin and
answers with a line of milliseconds of processor time a picture, for each step, until stdin ends.
"""

import json
import sys
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TypeVar

import cv2

from mockserver.imaging.codec import Pixels, decode, encode, read_header
from mockserver.imaging.face import Box, MediaPipeEngine

T = TypeVar("T")
STEPS = ("decode", "landmarks", "encode")


class Floor:
    """The three steps, timed apart."""

    def __init__(self, material: Path, quality: int) -> None:
        cv2.setNumThreads(1)
        self._engine = MediaPipeEngine()
        self._quality = quality
        self._material = self._decoded(material.read_bytes())
        self._box = cache(self._find)

    def measure(self, files: list[Path]) -> dict[str, float]:
        """Milliseconds a picture by step, the mean over the pictures."""
        taken = dict.fromkeys(STEPS, 0.0)
        for file in files:
            for step, milliseconds in zip(STEPS, self._one(file), strict=True):
                taken[step] += milliseconds
        return {step: total / len(files) for step, total in taken.items()}

    def _one(self, file: Path) -> tuple[float, ...]:
        data, box = file.read_bytes(), self._box(file)
        image, decoding = _timed(lambda: self._decoded(data))
        _, finding = _timed(lambda: self._engine.landmarks(image, box))
        _, encoding = _timed(lambda: encode(self._material, "jpg", quality=self._quality))
        return decoding, finding, encoding

    def _find(self, file: Path) -> Box:
        """Where the face is: the server must search it, the floor is told."""
        return self._engine.detect(self._decoded(file.read_bytes()))[0].box

    def _decoded(self, data: bytes) -> Pixels:
        return decode(data, read_header(data))


def _timed(work: Callable[[], T]) -> tuple[T, float]:
    """A result and the processor time that it took, all threads of this process together."""
    before = time.process_time_ns()
    result = work()
    return result, (time.process_time_ns() - before) / 1e6


def main() -> None:
    """Answer each line."""
    floor = Floor(Path(sys.argv[1]), int(sys.argv[2]))
    for line in sys.stdin:
        print(json.dumps(floor.measure([Path(name) for name in json.loads(line)])), flush=True)


if __name__ == "__main__":
    main()
