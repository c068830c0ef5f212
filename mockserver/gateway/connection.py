"""A call's connection, as far as faults are concerned with it."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

from starlette.types import Receive, Scope

EXTENSION = "facefusion_mock"  # in the ASGI scope's extensions: the request's connection

_LOOK_SECONDS = 0.5  # how often a silent connection is read, lest requests hide its end


class Connection:
    """A connection that the web server lends; while a fault holds it, its end need not wait."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self.transport = transport
        self._held = False
        self._ending = False

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keep the client waiting, until the server stops at most."""
        if self._ending:
            self.transport.abort()
        self._held = True
        try:
            yield
        finally:
            self._held = False

    def end(self) -> bool:
        """Break a connection that is held, now or from now on; tell whether it is."""
        self._ending = True
        if self._held:
            self.transport.abort()
        return self._held


class Peer:
    """Whoever made a call."""

    def __init__(self, scope: Scope, receive: Receive) -> None:
        lent = (scope.get("extensions") or {}).get(EXTENSION)
        self._connection: Connection | None = lent["connection"] if lent else None
        self._receive = receive

    @property
    def transport(self) -> asyncio.Transport | None:
        """Its connection's; None under a web server that lends none."""
        return self._connection.transport if self._connection else None

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keep it waiting on purpose: the server need not wait for it when it stops."""
        with self._connection.held() if self._connection else nullcontext():
            yield

    async def leaves(self, *, within: float) -> bool:
        """Wait some seconds, or less if it leaves; tell whether it did."""
        loop = asyncio.get_running_loop()
        end = loop.time() + within
        while (left := end - loop.time()) > 0:
            try:
                async with asyncio.timeout(min(left, _LOOK_SECONDS)):
                    await self.left()
            except TimeoutError:
                continue
            return True
        return False

    async def left(self) -> None:
        """Wait until it has left."""
        while (await self._receive())["type"] != "http.disconnect":
            pass
