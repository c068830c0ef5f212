"""The HTTP protocol: uvicorn's, with what the gateway needs of it beside."""

import asyncio
import logging
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from mockserver.gateway.connection import EXTENSION, Connection

log = logging.getLogger("facefusion_mock")

_NO_TUNNEL = (
    "CONNECT is not served: as a proxy this server takes plain http requests; for https name it as "
    "the endpoint, or take over the service's name"
)


class Protocol(HttpToolsProtocol):
    """uvicorn's protocol, which lends faults its connection, and without three weaknesses.

    Blanks after a header's value are no part of it. An address over 64 KB, which the parser of
    addresses does not bear, is cut: that is enough to find it too long. And all pipelined requests
    learn that their connection is closed, not only the last.
    """

    _MOST_URL = 0xFFFF  # bytes

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._cycles: list[RequestResponseCycle] = []
        self._is_tunnel = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin a connection."""
        super().connection_made(transport)
        self._connection = Connection(transport)

    def shutdown(self) -> None:
        """End the connection once its request is answered; at once where a fault holds it."""
        if not self._connection.end():
            super().shutdown()

    def on_message_begin(self) -> None:
        """Begin a request."""
        super().on_message_begin()
        self.scope["extensions"] = {EXTENSION: {"connection": self._connection}}

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header."""
        super().on_header(name, value.rstrip(b" \t"))

    def on_headers_complete(self) -> None:
        """Start the request."""
        self.url = self.url[: self._MOST_URL]
        self._is_tunnel = self.parser.get_method() == b"CONNECT"
        super().on_headers_complete()
        running = [cycle for cycle in self._cycles if not cycle.response_complete]
        self._cycles = [*running, self.cycle]

    def send_400_response(self, msg: str) -> None:
        """Answer what is no request, or asks for a tunnel, and close."""
        if self._is_tunnel:
            log.warning("%.100r: %s", self.url, _NO_TUNNEL)
        super().send_400_response(_NO_TUNNEL if self._is_tunnel else msg)
        self._tell_all()

    def connection_lost(self, exc: Exception | None) -> None:
        """End every request of the connection."""
        super().connection_lost(exc)
        self._tell_all()

    def _tell_all(self) -> None:
        for cycle in self._cycles:
            cycle.disconnected = True
            cycle.message_event.set()
