"""A face engine whose work is timed."""

from mockserver.imaging.codec import Pixels
from mockserver.imaging.face import Candidate, FaceEngine, Landmarks
from mockserver.stopwatch import Stopwatch


class TimedEngine(FaceEngine):
    """Another engine, with a stage for each kind of search: `detect`, `landmarks`."""

    def __init__(self, engine: FaceEngine, watch: Stopwatch) -> None:
        self.watch = watch
        self._engine = engine

    def detect(self, image: Pixels) -> list[Candidate]:
        """Candidates in the whole picture (h, w, 3), best score first."""
        found = self._engine.detect(image)
        self.watch.lap("detect")
        return found

    def landmarks(self, image: Pixels, candidate: Candidate) -> Landmarks | None:
        """The candidate's shape, or None when it is no face after all."""
        found = self._engine.landmarks(image, candidate)
        self.watch.lap("landmarks")
        return found

    def refine(self, image: Pixels, face: Landmarks) -> Landmarks:
        """The same face, measured with more care."""
        refined = self._engine.refine(image, face)
        self.watch.lap("landmarks")
        return refined
