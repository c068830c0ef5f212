"""Running the server: the socket, uvicorn, and the mistakes that stop it from starting."""

import asyncio
import errno
import logging
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn

from mockserver.app import create_app
from mockserver.gateway.protocol import Protocol
from mockserver.world import World


class StartError(Exception):
    """The server cannot start; the text says why and what to do, in one line."""


class Server:
    """One world on one socket, run in the thread that calls `run`."""

    def __init__(self, world: World, host: str, port: int) -> None:
        """Listen on an address; port 0 is any free one. Raises StartError."""
        self._world = world
        self._listener = _bind(host, port)
        self._settled = threading.Event()
        world.base_url = self.address = _address(self._listener)
        config = uvicorn.Config(
            create_app(world),
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            http=Protocol,
            ws="none",  # nothing speaks WebSocket here; the library would only take memory
            timeout_graceful_shutdown=5,
            timeout_keep_alive=75,
        )
        logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
        self._loop_factory = config.get_loop_factory()
        self._uvicorn = _Uvicorn(config)

    def run(
        self,
        progress: Callable[[str], None] = lambda _: None,
        started: Callable[[], None] = lambda: None,
    ) -> None:
        """Serve until `stop` or a signal; `started` is called once calls can be answered.

        Raises SeedError, RuntimeError, OSError from making the world ready.
        """
        try:
            with asyncio.Runner(loop_factory=self._loop_factory) as runner:
                runner.run(self._serve(progress, started))
        finally:
            self._world.close()
            self._listener.close()
            self._settled.set()

    def wait_until_ready(self) -> None:
        """Wait, in another thread than `run`'s, until calls can be answered.

        Raises StartError when `run` gave up.
        """
        self._settled.wait()
        if not self._world.ready:
            raise StartError("the server did not start; its thread says why")

    def stop(self) -> None:
        """Let `run` return, from another thread."""
        self._uvicorn.should_exit = True

    async def _serve(self, progress: Callable[[str], None], started: Callable[[], None]) -> None:
        def ready() -> None:
            started()
            self._settled.set()

        await self._world.start(progress)
        self._uvicorn.on_started = ready
        await self._uvicorn.serve(sockets=[self._listener])


class _Uvicorn(uvicorn.Server):
    """Stops on the same signals as uvicorn, but a clean stop is exit status 0."""

    on_started: Callable[[], None] = staticmethod(lambda: None)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.on_started()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        stops = (signal.SIGINT, signal.SIGTERM)
        before = {stop: signal.signal(stop, self.handle_exit) for stop in stops}
        try:
            yield
        finally:
            for stop, handler in before.items():
                signal.signal(stop, handler)


def _bind(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise StartError(
                f"port {port} is taken; choose another with --port, or --port 0 for any free one"
            ) from None
        raise StartError(f"cannot listen on {host} port {port}: {error.strerror}") from None
    listener.listen(2048)
    return listener


def _address(listener: socket.socket) -> str:
    """Return the base address that a client on this machine can use."""
    host, port = listener.getsockname()[:2]
    anywhere = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # noqa: S104
    shown = anywhere.get(host, f"[{host}]" if ":" in host else host)
    return f"http://{shown}:{port}"
