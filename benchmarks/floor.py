"""The floor: decode + landmarks + encode alone, one thread, in a process of its own.

The plain calls of the libraries, as their manuals show them, and none of the server's own code:
so the floor stays where it is, whatever the server does. What the server finds faces with is timed
beside it, and does not count.

`python -m benchmarks.floor MATERIAL QUALITY` reads a line of picture files (JSON) from stdin and
answers with a line of milliseconds of processor time a picture, for each step, until stdin ends.
"""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import cv2
import numpy as np

from mockserver.imaging.codec import Pixels
from mockserver.imaging.engine import MeshEngine
from mockserver.imaging.find import FaceThresholds, find_face
from mockserver.imaging.network import MODEL
from mockserver.imaging.quiet import quiet_stderr

T = TypeVar("T")
STEPS = ("decode", "landmarks", "encode")
OURS = "our landmarks"


class Floor:
    """The three steps, timed apart."""

    def __init__(self, material: Path, quality: int) -> None:
        cv2.setNumThreads(1)
        self._material = _decode(material.read_bytes())
        self._quality = quality
        with quiet_stderr():
            self._landmarker, self._native = _stock_landmarker()
            self._landmarker.detect(self._native(self._material))
            self._engine = MeshEngine()

    def measure(self, files: list[Path]) -> dict[str, float]:
        """Milliseconds a picture by step, the mean over the pictures."""
        taken = dict.fromkeys((*STEPS, OURS), 0.0)
        for file in files:
            for step, milliseconds in zip(taken, self._one(file), strict=True):
                taken[step] += milliseconds
        return {step: total / len(files) for step, total in taken.items()}

    def close(self) -> None:
        """Free the model."""
        self._landmarker.close()

    def _one(self, file: Path) -> tuple[float, ...]:
        data = file.read_bytes()
        image, decoding = _timed(lambda: _decode(data))
        _, finding = _timed(lambda: self._landmarker.detect(self._native(image)))
        _, encoding = _timed(lambda: self._encode())
        rgb = np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2RGB), np.uint8)  # as the server decodes
        _, ours = _timed(lambda: find_face(self._engine, rgb, FaceThresholds()))
        return decoding, finding, encoding, ours

    def _encode(self) -> Pixels:
        options = (cv2.IMWRITE_JPEG_QUALITY, self._quality)
        return np.asarray(cv2.imencode(".jpg", self._material, options)[1], np.uint8)


def _stock_landmarker() -> tuple[Any, Callable[[Pixels], Any]]:
    """MediaPipe's FaceLandmarker for one face, and how a picture is given to it."""
    import mediapipe as mp
    from mediapipe.tasks.python import BaseOptions, vision

    options = vision.FaceLandmarkerOptions(
        base_options=BaseOptions(model_asset_path=str(MODEL)),
        num_faces=1,
        output_facial_transformation_matrixes=True,
    )

    def native(image: Pixels) -> Any:
        rgb = cv2.cvtColor(image, cv2.COLOR_BGR2RGB)
        return mp.Image(image_format=mp.ImageFormat.SRGB, data=rgb)

    return vision.FaceLandmarker.create_from_options(options), native


def _decode(data: bytes) -> Pixels:
    return np.asarray(cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR), np.uint8)


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
    floor.close()


if __name__ == "__main__":
    main()
