"""The faces of the last user pictures: the same picture is searched once."""

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock

from mockserver.imaging.face import Box, Landmarks


class KnownFaces:
    """Landmarks by a picture's SHA-256 and the rectangle that was asked for; the oldest go first.

    A face that was found is found so again, hence answers are the same bytes with and without it.
    Errors are not kept. Any thread may ask.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._known: OrderedDict[tuple[str, Box | None], Landmarks] = OrderedDict()
        self._lock = Lock()

    def find(self, sha256: str, rect: Box | None, search: Callable[[], Landmarks]) -> Landmarks:
        """Return the face that is known, else what `search` finds. Raises what `search` raises."""
        key = sha256, rect
        with self._lock:
            known = self._known.get(key)
            if known is not None:
                self._known.move_to_end(key)
                return known
        found = search()
        with self._lock:
            self._known[key] = found
            while len(self._known) > self._most:
                self._known.popitem(last=False)
        return found
