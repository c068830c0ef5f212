"""A face engine whose work is timed."""

from mockserver.imaging.codec import Pixels
from mockserver.imaging.face import Box, Candidate, FaceEngine, Landmarks
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

    def landmarks(self, image: Pixels, box: Box) -> Landmarks | None:
        """The shape of the face in the box, or None when there is none after all."""
        found = self._engine.landmarks(image, box)
        self.watch.lap("landmarks")
        return found

    def only_face(self, image: Pixels) -> Landmarks | None:
        """The shape of the one clear face in the whole picture; None for no or several faces."""
        found = self._engine.only_face(image)
        self.watch.lap("landmarks")
        return found

    def close(self) -> None:
        """Close the other engine."""
        self._engine.close()
