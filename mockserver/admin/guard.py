"""Keeping web pages and strangers away from /_mock.

A page in a developer's browser can send requests to this machine; it must not drive the mock.
Result pictures, health and the authority's certificate are for everyone; the documentation wants
no token, for a browser asks for it without one.
"""

import hmac
import ipaddress
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from mockserver.settings import Settings

_OPEN = ("/_mock/results/", "/_mock/health/", "/_mock/ca.pem")
_WITHOUT_TOKEN = ("/_mock/docs", "/_mock/openapi.json", "/_mock/static/")


class Guard:
    """ASGI middleware that refuses foreign Host and Origin, and a wrong token when one is set."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it with 401 or 403."""
        path: str = scope.get("path", "")
        if scope["type"] == "http" and path.startswith("/_mock") and not path.startswith(_OPEN):
            refusal = self._refusal(path, Headers(scope=scope))
            if refusal is not None:
                await refusal(scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _refusal(self, path: str, headers: Headers) -> JSONResponse | None:
        host = _host_name(headers.get("host", ""))
        if not self._is_near(host):
            return _refuse(403, f"the Host {host!r} is not one of this server's; see admin_hosts")
        origin = headers.get("origin")
        if origin is not None and urlsplit(origin).netloc != headers.get("host"):
            return _refuse(403, "the page's Origin is foreign")
        if headers.get("sec-fetch-site") in ("cross-site", "same-site"):
            return _refuse(403, "the page is foreign")
        if not path.startswith(_WITHOUT_TOKEN) and not self._has_token(headers):
            answer = _refuse(401, "send the admin token as `Authorization: Bearer TOKEN`")
            answer.headers["www-authenticate"] = "Bearer"
            return answer
        return None

    def _has_token(self, headers: Headers) -> bool:
        token = self._settings.admin_token
        scheme, _, sent = headers.get("authorization", "").partition(" ")
        if not token:
            return True
        is_same = hmac.compare_digest(sent.strip().encode("latin-1"), token.encode())
        return scheme.lower() == "bearer" and is_same

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
