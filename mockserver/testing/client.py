"""A running mock as a test drives it, wherever it runs."""

from __future__ import annotations

import time

from mockserver.remote import Remote, RemoteError
from mockserver.testing.access import Access, KeyPair
from mockserver.testing.state import State

_LOOK_SECONDS = 0.05


class MockClient(Access):
    """A mock at an address: its state, its faults, its clock and its journal.

    Everything goes over the mock's own endpoints, `/_mock/`. RemoteError says what the mock
    refuses, or that it does not answer.
    """

    def __init__(
        self, url: str, *, key: KeyPair | None = None, admin_token: str | None = None
    ) -> None:
        """`url` is the address with its scheme; without a key it is called with the default pair,
        and where the mock has an admin token, with that.
        """
        self._connect(url, key, admin_token)

    def _connect(self, url: str, key: KeyPair | None, admin_token: str | None) -> None:
        self._known = Remote(url.rstrip("/"), admin_token)
        self._key = key

    @property
    def state(self) -> State:
        """Accounts, keys, projects, materials, limits; sandboxes and snapshots."""
        return State(self._remote)

    def reset(self) -> None:
        """Put back accounts, counts, faults, clock and chance as at the start; empty the journal.

        The seed file is read again.
        """
        self._remote.ask("POST", "/reset")

    def wait_until_ready(self, seconds: float = 60) -> None:
        """Wait until calls can be answered. Raises TimeoutError with the last reason."""
        end = time.monotonic() + seconds
        while True:
            try:
                self._remote.ask("GET", "/health/ready")
            except RemoteError as error:
                if time.monotonic() > end:
                    raise TimeoutError(f"not ready after {seconds:g} s: {error}") from None
                time.sleep(_LOOK_SECONDS)
            else:
                return
