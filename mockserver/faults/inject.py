"""Carrying out what a rule does to an answer on its way to the wire."""

import asyncio
import socket
import struct
from collections.abc import Iterator

import msgspec
from starlette.types import Send

from mockserver.faults.rule import Act
from mockserver.gateway.connection import Peer
from mockserver.gateway.envelope import Answer

MAX_HANG_SECONDS = 600.0
_SLICES_A_SECOND = 20
_NO_RESPONSE = {"reset", "empty", "hang"}
_STATUSES = {
    "http_429": (429, "Too Many Requests"),
    "http_500": (500, "Internal Server Error"),
    "http_502": (502, "Bad Gateway"),
    "http_503": (503, "Service Unavailable"),
}
_NO_CONNECTION = (
    "The fault {name} needs the connection, which is out of reach under this web server; "
    "start the mock by its own command, facefusion-mock serve.\n"
)
_PAGE = (
    "<html>\r\n<head><title>{status} {reason}</title></head>\r\n"
    "<body>\r\n<center><h1>{status} {reason}</h1></center>\r\n<hr><center>nginx</center>\r\n"
    "</body>\r\n</html>\r\n"
)


def replaces_answer(act: Act) -> bool:
    """Tell whether the act needs no answer of the action's."""
    return act.network in _NO_RESPONSE or act.answer in _STATUSES


def name_of(act: Act) -> str:
    """Return what the journal shows as code of a call that the act answered."""
    return f"fault:{act.network or act.answer}"


def alter(answer: Answer, act: Act) -> Answer:
    """Return the answer as the act makes it; its timing and its end are `transmit`'s business."""
    if act.answer in _STATUSES:
        status, reason = _STATUSES[act.answer]
        page = _PAGE.format(status=status, reason=reason).encode()
        return Answer(page, status, {"content-type": "text/html"})
    if act.answer == "charset":
        headers = {**answer.headers, "content-type": "application/json; charset=utf-8"}
        return Answer(answer.body, answer.status, headers)
    if act.answer == "no_request_id":
        return Answer(_without_request_id(answer.body), answer.status, answer.headers)
    if act.network == "malformed_json":
        return Answer(answer.body[:-2] + b",,", answer.status, answer.headers)
    return answer


def _without_request_id(body: bytes) -> bytes:
    decoded = msgspec.json.decode(body)
    decoded["Response"].pop("RequestId", None)
    return msgspec.json.encode(decoded)


async def transmit(answer: Answer, act: Act, peer: Peer, send: Send) -> None:
    """Send an altered answer: slowly, in part, or not at all.

    Under a web server that does not lend its connection, reset and empty are answered with HTTP
    501 and the reason, and a cut is left to what that server does with an unfinished answer.
    """
    transport = peer.transport
    with peer.held():
        if act.network == "hang":
            await _hang(transport, peer)
        elif act.network not in _NO_RESPONSE:
            await _respond(answer, act, transport, peer, send)
        elif transport is None:
            await _respond(_without_connection(act), act, None, peer, send)
        else:
            await _hang_up(act, transport, peer)


async def _respond(
    answer: Answer, act: Act, transport: asyncio.Transport | None, peer: Peer, send: Send
) -> None:
    await send(answer.start)
    for piece in _pieces(answer.body, act):
        if act.bandwidth and await peer.leaves(within=len(piece) / act.bandwidth):
            return
        await send({"type": "http.response.body", "body": piece, "more_body": True})
    if act.cut is None:
        await send({"type": "http.response.body", "body": b""})
    elif transport is not None:
        transport.close()
        await peer.left()


def _pieces(body: bytes, act: Act) -> Iterator[bytes]:
    end = len(body) if act.cut is None else int(len(body) * act.cut)
    size = max(1, act.bandwidth // _SLICES_A_SECOND if act.bandwidth else end)
    for start in range(0, end, size):
        yield body[start : min(start + size, end)]


def _without_connection(act: Act) -> Answer:
    text = _NO_CONNECTION.format(name=act.network)
    return Answer(text.encode(), 501, {"content-type": "text/plain"})


async def _hang(transport: asyncio.Transport | None, peer: Peer) -> None:
    if not await peer.leaves(within=MAX_HANG_SECONDS) and transport is not None:
        transport.abort()
        await peer.left()


async def _hang_up(act: Act, transport: asyncio.Transport, peer: Peer) -> None:
    if act.network == "reset":
        linger = struct.pack("ii", 1, 0)  # closing drops what is unsent and sends RST
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        transport.abort()
    else:
        transport.close()
    await peer.left()
