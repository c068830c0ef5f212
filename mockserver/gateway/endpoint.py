"""The gateway's edge: ASGI events in, one Call, ASGI events out."""

import asyncio
import logging

from starlette.types import Receive, Scope, Send

from mockserver.faults.inject import alter, transmit
from mockserver.gateway.call import Call
from mockserver.gateway.connection import Peer
from mockserver.gateway.envelope import Answer
from mockserver.gateway.handle import handle
from mockserver.gateway.names import server_name_of
from mockserver.gateway.record import record
from mockserver.world import World

log = logging.getLogger("facefusion_mock")

# What is read and thrown away of a body that is too large, so that its sender reads the answer.
_DRAIN_FACTOR = 8


class GatewayEndpoint:
    """The emulated API as an ASGI application."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        peer = Peer(scope, receive)
        call = self._call(scope, peer)
        async with self._world.bodies.borrow(self._announced_size(call)):
            if not await self._read_body(call, receive):
                return
            call.stopwatch.lap("receive")
            answer = await answer_call(call, self._world)
        if call.act is None:
            await _send(answer, send)
        else:
            await transmit(alter(answer, call.act), call.act, peer, send)

    def _call(self, scope: Scope, peer: Peer) -> Call:
        # Of a header that comes twice the first counts.
        headers = {
            name.decode("latin-1"): value.decode("utf-8", "replace")
            for name, value in reversed(scope["headers"])
        }
        return Call(
            method=scope["method"],
            scheme=scope["scheme"],
            query=scope["query_string"].decode("utf-8", "replace"),
            headers=headers,
            server_name=server_name_of(scope),
            client=scope["client"][0] if scope["client"] else "",
            request_id=self._world.new_request_id(),
            received=self._world.clock.now(),
            clock=self._world.clock,
            peer=peer,
        )

    def _announced_size(self, call: Call) -> int:
        """Return the memory to hold for the body; without Content-Length, the most allowed."""
        most = self._world.settings.max_body_bytes
        announced = call.header("content-length")
        if announced.isascii() and announced.isdigit() and len(announced) < 20:
            return min(int(announced), most)
        return most if call.header("transfer-encoding") else 0

    async def _read_body(self, call: Call, receive: Receive) -> bool:
        """Fill `call.body`; False when the client is gone or too slow."""
        most = self._world.settings.max_body_bytes
        chunks: list[bytes] = []
        try:
            async with asyncio.timeout(self._world.settings.body_seconds):
                while True:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        return False
                    chunk = message.get("body", b"")
                    call.body_size += len(chunk)
                    if call.body_size <= most:
                        chunks.append(chunk)
                    else:
                        chunks.clear()
                    if not message.get("more_body") or call.body_size > _DRAIN_FACTOR * most:
                        break
        except TimeoutError:
            return False
        call.body = b"".join(chunks)
        return True


async def answer_call(call: Call, world: World) -> Answer:
    """Answer a call, log it, write it down and count it."""
    answer = await handle(call, world)
    seconds = call.stopwatch.seconds()
    _log(call, seconds)
    record(call, world, seconds)  # before the answer: its reader may ask at once
    if world.metrics is not None:
        world.metrics.observe(call, seconds)
    return answer


async def _send(answer: Answer, send: Send) -> None:
    await send(answer.start)
    await send({"type": "http.response.body", "body": answer.body})


def _log(call: Call, seconds: float) -> None:
    log.info(
        "%.40r %.40r %s %.0f ms %s",
        call.action or call.method,
        call.params.get("ProjectId", ""),
        call.code,
        seconds * 1000,
        call.request_id,
        extra=call.logged(code=call.code, milliseconds=round(seconds * 1000, 1)),
    )
