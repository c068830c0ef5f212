"""The face engine: MediaPipe's networks, run directly.

MediaPipe's own graph of them takes a third longer, has no wheels for Linux on arm64, and its
later releases look up a logging host.
"""

from pathlib import Path

from mockserver.imaging.codec import Pixels
from mockserver.imaging.detector import FaceDetector
from mockserver.imaging.face import Candidate, FaceEngine, Landmarks
from mockserver.imaging.landmarker import FaceLandmarker
from mockserver.imaging.network import MODEL, Network

_ANY_SCORE = 0.1  # low, for the thresholds are find.py's business


class MeshEngine(FaceEngine):
    """BlazeFace (short range) and the face mesh network on the CPU.

    Raises RuntimeError when the model file is not the known one.
    """

    def __init__(self, model: Path = MODEL) -> None:
        self._detector = FaceDetector(Network("face_detector", model))
        self._landmarker = FaceLandmarker(Network("face_landmarks_detector", model))

    def detect(self, image: Pixels) -> list[Candidate]:
        """Candidates in the whole picture (h, w, 3), best score first."""
        return self._detector.find(image, _ANY_SCORE)

    def landmarks(self, image: Pixels, candidate: Candidate) -> Landmarks | None:
        """The candidate's shape, or None when it is no face after all."""
        return self._landmarker.find(image, candidate)

    def refine(self, image: Pixels, face: Landmarks) -> Landmarks:
        """The same face, measured with more care: it takes six times as long."""
        return self._landmarker.refine(image, face)
