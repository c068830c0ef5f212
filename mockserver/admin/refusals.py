"""Refusals of /_mock: how they look, and how the description declares them."""

import json
from typing import Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

Responses = dict[int | str, dict[str, Any]]


class Refusal(BaseModel):
    """Why a request was refused."""

    detail: str


class Mistake(BaseModel):
    """A mistake in a request: where it is, what is wrong, and which rule says so."""

    loc: list[str | int]
    msg: str
    type: str


class Mistakes(BaseModel):
    """Every mistake in a request's path, query or body."""

    detail: list[Mistake]


def refusal(status: int, description: str) -> Responses:
    """Declare one refusal."""
    return {status: {"model": Refusal, "description": description}}


INVALID: Responses = {422: {"model": Mistakes, "description": "the request has mistakes"}}
GUARDED: Responses = refusal(403, "a foreign page, or a Host that is not this server's")
WITH_TOKEN: Responses = refusal(401, "the admin token is missing or wrong")
NO_STORE: Responses = refusal(503, "the store that several servers share is out of reach")
UNREADABLE: Responses = {
    **refusal(400, "the body cannot be read"),
    **refusal(413, "the body is too large"),
}


async def tell_methods(request: Request, error: Exception) -> Response:
    """Answer 405 with every method that is described at this path, not the first route's only."""
    assert isinstance(error, HTTPException)  # noqa: S101  it is registered for no other
    route = getattr(request.scope.get("route"), "path", "")
    described = request.app.openapi()["paths"].get(f"/_mock{route}", {})
    allowed = ", ".join(sorted(method.upper() for method in described))
    headers = {"allow": allowed} if allowed else error.headers  # a page's has one route
    return JSONResponse({"detail": "Method Not Allowed"}, 405, headers)


async def tell_no_store(_: Request, __: Exception) -> Response:
    """Answer 503; the log says which store, and why."""
    return JSONResponse({"detail": "the shared store is out of reach"}, 503)


async def tell_mistakes(_: Request, error: Exception) -> Response:
    """Answer 422, without the values that were sent: not all can be written as JSON again."""
    assert isinstance(error, RequestValidationError)  # noqa: S101  it is registered for no other
    shown = [{name: one[name] for name in ("loc", "msg", "type")} for one in error.errors()]
    body = json.dumps({"detail": shown})  # escapes what is no Unicode text
    return Response(body, 422, media_type="application/json")
