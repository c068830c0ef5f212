"""Keeping web pages and strangers away from /_mock.

A page in a developer's browser can send requests to this machine; it must not drive the mock.
Pictures behind links, health and the authority's certificate are for everyone; the documentation
wants no token, for a browser asks for it without one. The console takes the cookie of a browser
that has logged in.
"""

import ipaddress
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from mockserver.admin.sessions import COOKIE, Sessions
from mockserver.settings import Settings

_OPEN = ("/_mock/results/", "/_mock/materials/", "/_mock/health/", "/_mock/ca.pem")
_CONSOLE = "/_mock/console"
_LOGIN = f"{_CONSOLE}/login"
_WITHOUT_TOKEN = ("/_mock/docs", "/_mock/openapi.json", "/_mock/static/", _LOGIN)


class Guard:
    """ASGI middleware that refuses foreign Host and Origin, and a wrong token when one is set."""

    def __init__(self, app: ASGIApp, settings: Settings, sessions: Sessions) -> None:
        self._app = app
        self._settings = settings
        self._sessions = sessions

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it with 401 or 403."""
        path: str = scope.get("path", "")
        if scope["type"] == "http" and path.startswith("/_mock") and not path.startswith(_OPEN):
            refusal = self._refusal(path, Request(scope))
            if refusal is not None:
                await refusal(scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _refusal(self, path: str, request: Request) -> Response | None:
        headers = request.headers
        host = _host_name(headers.get("host", ""))
        if not self._is_near(host):
            return _refuse(403, f"the Host {host!r} is not one of this server's; see admin_hosts")
        origin = headers.get("origin")
        if origin is not None and urlsplit(origin).netloc != headers.get("host"):
            return _refuse(403, "the page's Origin is foreign")
        if headers.get("sec-fetch-site") in ("cross-site", "same-site"):
            return _refuse(403, "the page is foreign")
        if path.startswith(_WITHOUT_TOKEN) or self._has_token(request):
            return None
        if path.startswith(_CONSOLE):
            return None if self._has_session(request) else _lead_to_login(request)
        answer = _refuse(401, "send the admin token as `Authorization: Bearer TOKEN`")
        answer.headers["www-authenticate"] = "Bearer"
        return answer

    def _has_token(self, request: Request) -> bool:
        scheme, _, sent = request.headers.get("authorization", "").partition(" ")
        is_bearer = scheme.lower() == "bearer" or not self._settings.admin_token
        return is_bearer and self._sessions.is_token(sent.strip().encode("latin-1"))

    def _has_session(self, request: Request) -> bool:
        """Tell whether a browser has logged in; a change must say which page it comes from."""
        is_told = request.method in ("GET", "HEAD") or "origin" in request.headers
        return is_told and self._sessions.knows(request.cookies.get(COOKIE, ""))

    def _is_near(self, host: str) -> bool:
        """Tell whether a host name is none that a foreign page can have pointed here.

        Addresses, names without a dot (localhost, a compose service), and those of the setting.
        """
        if host in self._settings.admin_hosts or host.endswith(".localhost"):
            return True
        try:
            ipaddress.ip_address(host)
        except ValueError:
            return bool(host) and "." not in host
        return True


def _host_name(authority: str) -> str:
    """Return the host of a Host header, without port and brackets; empty when it is none."""
    try:
        return urlsplit(f"//{authority}").hostname or ""
    except ValueError:
        return ""


def _refuse(status: int, detail: str) -> JSONResponse:
    return JSONResponse({"detail": detail}, status)


def _lead_to_login(request: Request) -> Response:
    if "hx-request" in request.headers:  # a part of a page: the page itself must go there
        return Response(status_code=401, headers={"hx-redirect": _LOGIN})
    return RedirectResponse(_LOGIN, 303)
