"""The neural networks, run by LiteRT on the CPU: the only file that knows it."""

import hashlib
import zipfile
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mockserver.imaging.quiet import quiet_stderr

Floats = NDArray[np.float32]

MODEL = Path(__file__).parent / "models" / "face_landmarker.task"
_MODEL_SHA256 = "64184e229b263107bc2b804c6625db1341ff2bb731874b0bcc2fe6544e0bc9ff"


class Network:
    """One network of MediaPipe's face bundle, `name`.tflite; it serves one thread at a time.

    Raises RuntimeError when the bundle is not the known one.
    """

    def __init__(self, name: str, bundle: Path = MODEL) -> None:
        with quiet_stderr():
            from ai_edge_litert.interpreter import Interpreter

            self._interpreter = Interpreter(model_content=_read(bundle, name), num_threads=1)
            self._interpreter.allocate_tensors()
        (given,) = self._interpreter.get_input_details()
        self.side = int(given["shape"][1])
        self._input = given["index"]
        self._outputs = [output["index"] for output in self._interpreter.get_output_details()]

    def run(self, picture: Floats) -> list[Floats]:
        """What the network makes of a picture (side, side, 3): its outputs, without a batch."""
        self._interpreter.set_tensor(self._input, picture[None])
        self._interpreter.invoke()
        return [self._interpreter.get_tensor(output)[0] for output in self._outputs]


@cache
def _read(bundle: Path, name: str) -> bytes:
    if hashlib.sha256(bundle.read_bytes()).hexdigest() != _MODEL_SHA256:
        raise RuntimeError(f"{bundle} is not the face model that this version was made for")
    with zipfile.ZipFile(bundle) as networks:
        return networks.read(f"{name}.tflite")
