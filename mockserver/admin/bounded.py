"""A bound on the bodies that /_mock reads."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import HTTPException, Request, Response
from fastapi.routing import APIRoute
from starlette.types import Message, Receive

from mockserver.materials import MAX_MATERIAL_BYTES

MAX_BODY = MAX_MATERIAL_BYTES * 4 // 3 + 64 * 1024  # a material as base64, and what is around it


class Bounded(APIRoute):
    """A route that refuses a body over MAX_BODY with 413, before it is all read."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler, which reads no more than it may."""
        handle = super().get_route_handler()

        async def bounded(request: Request) -> Response:
            return await handle(Request(request.scope, _counted(request.receive)))

        return bounded


def _counted(receive: Receive) -> Receive:
    taken = 0

    async def counted() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > MAX_BODY:
            raise HTTPException(413, f"a body may have {MAX_BODY} bytes at most")
        return message

    return counted
