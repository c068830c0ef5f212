"""Logging in with the admin token, where the server has one.

The cookie is for the console alone, out of reach for scripts, and sent by its own pages only;
the guard wants an Origin beside it for whatever changes something.
"""

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response

from mockserver.admin.sessions import COOKIE, SECONDS, Sessions
from mockserver.console.page import BASE, ConsoleRoute, back, render

router = APIRouter(route_class=ConsoleRoute)


@router.get("/login")
async def login(request: Request) -> Response:
    """Ask for the token."""
    return render(request, "login.html", wrong=False)


@router.post("/login")
async def log_in(request: Request, token: Annotated[str, Form(max_length=4096)] = "") -> Response:
    """Begin a session, if the token is right."""
    sessions: Sessions = request.app.state.sessions
    if not sessions.is_token(token.encode("utf-8", "replace")):
        return render(request, "login.html", 401, wrong=True)
    response = back("/calls")
    response.set_cookie(
        COOKIE,
        sessions.begin(),
        max_age=SECONDS,
        path=BASE,
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="strict",
    )
    return response


@router.post("/logout")
async def log_out(request: Request) -> Response:
    """End the session."""
    sessions: Sessions = request.app.state.sessions
    sessions.end(request.cookies.get(COOKIE, ""))
    response = back("/login")
    response.delete_cookie(COOKIE, path=BASE)
    return response
