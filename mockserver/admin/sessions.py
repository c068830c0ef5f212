"""Browsers that have shown the admin token once, and carry a cookie since.

A session lives in this process alone, and by its own time: moving the mock's clock must not log
anyone out, and a repeatable random source must not make a session guessable.
"""

import hmac
import secrets
from time import monotonic

COOKIE = "facefusion-mock-session"
SECONDS = 12 * 3600
_MOST = 100


class Sessions:
    """The sessions of one server."""

    def __init__(self, admin_token: str | None) -> None:
        self._admin_token = admin_token
        self._ends: dict[str, float] = {}

    def is_token(self, sent: bytes) -> bool:
        """Tell whether this is the admin token, as UTF-8; without one, everything is."""
        token = self._admin_token
        return not token or hmac.compare_digest(sent, token.encode())

    def begin(self) -> str:
        """Return the name of a new session; the oldest goes when there are too many."""
        while len(self._ends) >= _MOST:
            del self._ends[next(iter(self._ends))]
        name = secrets.token_urlsafe(32)
        self._ends[name] = monotonic() + SECONDS
        return name

    def end(self, name: str) -> None:
        """Forget a session."""
        self._ends.pop(name, None)

    def knows(self, name: str) -> bool:
        """Tell whether a session is under way."""
        return self._ends.get(name, 0.0) > monotonic()
