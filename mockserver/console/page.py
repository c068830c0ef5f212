"""What every page has: its template, its language, its headers, and how mistakes are shown."""

import re
from collections.abc import Callable, Coroutine
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

from fastapi import HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.responses import HTMLResponse, RedirectResponse

from mockserver.admin.bounded import Bounded
from mockserver.console import status
from mockserver.state.valkey import StoreError

if TYPE_CHECKING:
    from jinja2 import Environment

Tongue = Literal["en", "zh"]

BASE = "/_mock/console"
_LANGUAGE = "facefusion-mock-language"  # the cookie that holds an explicit choice
_YEAR = 365 * 86400
_HEADERS = {
    # Nothing from elsewhere, nothing written into the page; blob: is the photo before it is sent.
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cache-control": "no-store",
}


class ConsoleRoute(Bounded):
    """A route of a bounded body whose refusals are shown as a page, or as a part of one."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler."""
        handle = super().get_route_handler()

        async def shown(request: Request) -> Response:
            try:
                response = await handle(request)
            except (RequestValidationError, ValidationError) as error:
                response = _refusal(request, 422, _mistakes(error))
            except StoreError:
                response = _refusal(request, 503, "the shared store is out of reach")
            except HTTPException as error:
                response = _refusal(request, error.status_code, str(error.detail))
            response.headers.update(_HEADERS)
            return response

        return shown


def render(request: Request, template: str, status_code: int = 200, **values: Any) -> Response:
    """Return a page made from a template; `t(english, chinese)` in it chooses a text."""
    tongue = tongue_of(request)
    text = (
        _templates()
        .get_template(template)
        .render(
            base=BASE,
            tongue=tongue,
            t=lambda english, chinese: chinese if tongue == "zh" else english,
            other_tongue=_with_tongue(request, "en" if tongue == "zh" else "zh"),
            status=status.of(request.app.state.world),
            has_token=bool(request.app.state.world.settings.admin_token),
            **values,
        )
    )
    response = HTMLResponse(text, status_code)
    if "language" in request.query_params:
        response.set_cookie(
            _LANGUAGE, tongue, max_age=_YEAR, path=BASE, samesite="strict", httponly=True
        )
    return response


def back(place: str) -> Response:
    """Lead the browser to a page of the console after a change."""
    return RedirectResponse(BASE + place, 303)


def tongue_of(request: Request) -> Tongue:
    """Return the language: as asked in the address, as chosen before, or as the browser prefers."""
    for asked in (request.query_params.get("language"), request.cookies.get(_LANGUAGE)):
        if asked in ("en", "zh"):
            return asked  # type: ignore[return-value]
    preferred = re.search(r"\b(en|zh)\b", request.headers.get("accept-language", "").lower())
    return "zh" if preferred and preferred[1] == "zh" else "en"


def _with_tongue(request: Request, tongue: Tongue) -> str:
    url = request.url.include_query_params(language=tongue)
    return f"{url.path}?{url.query}"


@cache
def _templates() -> "Environment":
    # Many servers are never looked at; the library takes 0.05 s to import.
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=PackageLoader("mockserver.console"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _mistakes(error: RequestValidationError | ValidationError) -> str:
    """Return what is wrong with a form, by field."""
    found = error.errors()[:10]
    return "; ".join(f"{one['loc'][-1] if one['loc'] else 'form'}: {one['msg']}" for one in found)


def _refusal(request: Request, status_code: int, reason: str) -> Response:
    is_part = "hx-request" in request.headers
    template = "notice.html" if is_part else "refused.html"
    return render(request, template, status_code, reason=reason[:1000])
