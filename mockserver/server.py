"""Running the server: the socket, uvicorn, and the mistakes that stop it from starting."""

import asyncio
import errno
import logging
import signal
import socket
import ssl
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from functools import partial

import uvicorn

from mockserver.app import create_app
from mockserver.gateway.names import service_names
from mockserver.gateway.protocol import Protocol
from mockserver.hooks import HookError, run_hooks
from mockserver.world import World

_BACKLOG = 2048
_HANDSHAKE_SECONDS, _GOODBYE_SECONDS = 10.0, 5.0
_LOOK_SECONDS = 0.1  # how often hooks are interrupted to see whether the server shall stop


class StartError(Exception):
    """The server cannot start; the text says why and what to do, in one line."""


class Server:
    """One world on one socket, run in the thread that calls `run`."""

    def __init__(self, world: World, host: str, port: int) -> None:
        """Listen on an address; port 0 is any free one. Raises StartError, OSError."""
        self._world = world
        context = _certify(world) if world.settings.tls else None
        self._listener = _bind(host, port)
        self._listeners = [self._listener]
        self._settled = threading.Event()
        self._failure: Exception | None = None
        world.base_url = self.address = _address(self._listener, "http")
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
        if context is not None:
            self._secure(host, context)

    def run(
        self,
        progress: Callable[[str], None] = lambda _: None,
        started: Callable[[], None] = lambda: None,
    ) -> None:
        """Serve until `stop` or a signal; `started` is called once calls can be answered.

        Raises SeedError, RuntimeError, OSError from making the world ready, HookError.
        """
        try:
            with asyncio.Runner(loop_factory=self._loop_factory) as runner:
                runner.run(self._serve(progress, started))
        finally:
            self._world.close()
            for listener in self._listeners:
                listener.close()
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

    def _secure(self, host: str, context: ssl.SSLContext) -> None:
        try:
            listener = _bind(host, self._world.settings.tls_port, option="--tls-port")
        except StartError:
            self._listener.close()
            raise
        self._listeners.append(listener)
        self._world.tls_url = _address(listener, "https")
        self._uvicorn.secured = listener, context

    async def _serve(self, progress: Callable[[str], None], started: Callable[[], None]) -> None:
        async def ready() -> None:
            await self._run_hooks()
            if not self._uvicorn.should_exit:
                started()
                self._settled.set()

        self._world.hooks_pending = self._world.settings.hooks is not None
        try:
            await self._world.start(progress)
            self._uvicorn.on_started = ready
            await self._uvicorn.serve(sockets=[self._listener])
        finally:
            await self._world.disconnect()
        if self._failure is not None:
            raise self._failure

    async def _run_hooks(self) -> None:
        """Run the hooks until they are through or the server is told to stop."""
        settings = self._world.settings
        if settings.hooks is None:
            return
        address, seconds = self.address, settings.hook_seconds
        hooks = asyncio.ensure_future(run_hooks(settings.hooks, endpoint=address, seconds=seconds))
        while not (hooks.done() or self._uvicorn.should_exit):
            await asyncio.wait([hooks], timeout=_LOOK_SECONDS)
        hooks.cancel()
        try:
            await hooks
            self._world.hooks_pending = False
        except asyncio.CancelledError:
            pass
        except (HookError, OSError) as error:
            self._failure = error
            self._uvicorn.should_exit = True


class _Uvicorn(uvicorn.Server):
    """Stops on the same signals as uvicorn, but a clean stop is exit status 0.

    Beside what it is told to serve it serves HTTPS, as part of the same server.
    """

    secured: tuple[socket.socket, ssl.SSLContext] | None = None
    on_started: Callable[[], Awaitable[None]]

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.secured is not None:
            self.servers.append(await self._listen_with_tls(*self.secured))
        await self.on_started()

    async def _listen_with_tls(
        self, listener: socket.socket, context: ssl.SSLContext
    ) -> asyncio.Server:
        protocol = partial(
            Protocol,
            config=self.config,
            server_state=self.server_state,
            app_state=self.lifespan.state,
        )
        return await asyncio.get_running_loop().create_server(
            protocol,
            sock=listener,
            ssl=context,
            backlog=_BACKLOG,
            ssl_handshake_timeout=_HANDSHAKE_SECONDS,
            ssl_shutdown_timeout=_GOODBYE_SECONDS,
        )

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


def _certify(world: World) -> ssl.SSLContext:
    """Return what HTTPS needs, and tell the world what clients trust.

    Raises StartError, OSError.
    """
    try:
        from mockserver.tls import NEAR, Authority, AuthorityError
    except ImportError:
        raise StartError("HTTPS needs more: pip install 'facefusion-mock[tls]'") from None
    try:
        authority = Authority(world.settings.tls_folder)
    except AuthorityError as error:
        raise StartError(str(error)) from None
    world.ca_pem = authority.pem
    names = [*service_names(), *NEAR, *world.settings.tls_hosts]
    return authority.server_context(list(dict.fromkeys(names)))


def _bind(host: str, port: int, *, option: str = "--port") -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise StartError(
                f"port {port} is taken; choose another with {option}, or 0 for any free one"
            ) from None
        raise StartError(f"cannot listen on {host} port {port}: {error.strerror}") from None
    listener.listen(_BACKLOG)
    return listener


def _address(listener: socket.socket, scheme: str) -> str:
    """Return the base address that a client on this machine can use."""
    host, port = listener.getsockname()[:2]
    anywhere = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # noqa: S104
    shown = anywhere.get(host, f"[{host}]" if ":" in host else host)
    return f"{scheme}://{shown}:{port}"
