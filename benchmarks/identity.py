"""How alike two faces are to a network that has no part in the fusion: dlib's, if it is there.

It is no dependency of anything here. To have it measured:
`.venv/bin/python -m pip install dlib-bin face_recognition_models`; the second ships the weights.
"""

from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from mockserver.imaging.codec import Pixels
from mockserver.imaging.face import Box
from mockserver.imaging.warp import Floats

_PREDICTOR = "shape_predictor_5_face_landmarks.dat"
_NETWORK = "dlib_face_recognition_resnet_model_v1.dat"

Embed = Callable[[Pixels, Box], Floats]  # a face in a picture as 128 numbers
Seen = tuple[Pixels, Box]


def embedder() -> Embed | None:
    """How to embed the face in a box of a picture; None when dlib or its weights are absent."""
    weights = find_spec("face_recognition_models")
    if weights is None or weights.origin is None or find_spec("dlib") is None:
        return None
    folder = Path(weights.origin).parent / "models"
    dlib = import_module("dlib")
    predictor = dlib.shape_predictor(str(folder / _PREDICTOR))
    network = dlib.face_recognition_model_v1(str(folder / _NETWORK))

    def embed(image: Pixels, box: Box) -> Floats:
        sides = (box.x, box.y, box.x + box.width, box.y + box.height)
        rgb = np.ascontiguousarray(image)
        shape = predictor(rgb, dlib.rectangle(*(round(side) for side in sides)))
        return np.array(network.compute_face_descriptor(rgb, shape), np.float32)

    return embed


def distance(embed: Embed | None, one: Seen, other: Seen) -> float | None:
    """Between two faces; one person's are less than about 0.6 apart (dlib's documentation)."""
    if embed is None:
        return None
    return float(np.linalg.norm(embed(*one) - embed(*other)))
