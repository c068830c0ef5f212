"""A mock in a thread of the test's own process."""

from __future__ import annotations

import atexit
import threading
from collections.abc import Collection, Iterable
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Self

from mockserver.testing.access import KeyPair
from mockserver.testing.client import MockClient

if TYPE_CHECKING:
    from mockserver.server import Server
    from mockserver.state.models import Account


class MockServer(MockClient):
    """A mock that runs while its `with` block does, on a free port of this machine.

    Several may run at once. What it writes is in a folder of its own, which goes with it.
    """

    def __init__(
        self,
        *,
        seed: str | Path | None = None,
        verify: bool | None = None,
        port: int = 0,
        **settings: Any,
    ) -> None:
        """Take the options; nothing is loaded before `start`.

        `seed` is a seed file or its folder, `verify` False accepts every signature, port 0 is any
        free one. All other settings of the server go by their names in lower case without the
        prefix; what is not given is read from the environment, as by `facefusion-mock serve`.
        """
        named = {"seed": seed, "verify_signatures": verify}
        given = {name: value for name, value in named.items() if value is not None}
        self._options = {"port": port, "tls_port": 0, **settings, **given}
        self.https_url: str | None = None  # with tls=True, and once it runs
        self.ca_file: Path | None = None  # the authority's certificate, for clients to trust
        self._running = ExitStack()

    def start(self) -> Self:
        """Start, and return when calls can be answered.

        Raises TypeError for an option that there is not; SettingsError, SeedError, StartError for
        what does not fit; RuntimeError when it runs already.
        """
        if self.is_running:
            raise RuntimeError(f"the mock runs already, at {self.url}")
        refuse_unknown(self._options, option_names())
        with ExitStack() as running:
            self._begin(running)
            self._running = running.pop_all()
        atexit.register(self.stop)
        return self

    @property
    def is_running(self) -> bool:
        """Whether it was started and not stopped since."""
        return self._known is not None

    def stop(self) -> None:
        """Stop; nothing happens when it does not run."""
        atexit.unregister(self.stop)
        self._known = None
        self._running.close()

    def _begin(self, running: ExitStack) -> None:
        from mockserver.server import Server
        from mockserver.settings import read_settings
        from mockserver.world import World

        folder = Path(running.enter_context(TemporaryDirectory(prefix="facefusion-mock-")))
        own = {"results_folder": folder / "results", "tls_folder": folder / "tls"}
        settings = read_settings(own | self._options)
        world = self._world = World(settings)
        server = Server(world, settings.host, settings.port)
        thread = _ServerThread(server)
        running.callback(thread.stop)
        thread.start()
        server.wait_until_ready()
        self._connect(server.address, _first_key(world.accounts.any()), settings.admin_token)
        self.https_url = world.tls_url
        self.ca_file = settings.tls_folder / "ca.pem" if settings.tls else None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()


def option_names() -> set[str]:
    """Return the names that MockServer takes."""
    from mockserver.settings import Settings

    return {"verify", *Settings.model_fields}


def refuse_unknown(options: Iterable[str], known: Collection[str]) -> None:
    """Raise TypeError when there is an option that is not known."""
    for name in options:
        if name not in known:
            raise TypeError(f"there is no option {name}; there are: {', '.join(sorted(known))}")


class _ServerThread(threading.Thread):
    """Runs a server, and keeps what it dies of for the thread that stops it."""

    def __init__(self, server: Server) -> None:
        super().__init__(name="facefusion-mock", daemon=True)
        self._server = server
        self._failure: Exception | None = None

    def run(self) -> None:
        try:
            self._server.run()
        except Exception as error:  # noqa: BLE001  raised again by `stop`
            self._failure = error

    def stop(self) -> None:
        """Stop the server. Raises what it died of."""
        self._server.stop()
        self.join()
        if self._failure is not None:
            raise self._failure


def _first_key(account: Account) -> KeyPair | None:
    for key in account.keys:
        return KeyPair(key.secret_id, key.secret_key, key.token)
    return None
