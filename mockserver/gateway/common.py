"""Which action is called: the common parameters, from headers or, for v1, from query or form."""

import re
from urllib.parse import unquote_plus

from mockserver.actions import ACTIONS
from mockserver.errors import ApiError
from mockserver.gateway import regions
from mockserver.gateway.call import FORM_TYPE, Call
from mockserver.gateway.signing import SERVICE

MAX_QUERY, MAX_V1_BODY = 32 * 1024, 1024 * 1024  # bytes, documented
_MAX_PAIRS = 1000
_HEADERS = {
    name: f"x-tc-{name.lower()}"
    for name in ("Action", "Version", "Timestamp", "Region", "Token", "Language")
}


def identify(call: Call, *, verified: bool) -> None:
    """Fill `call.common` and check it.

    A form POST, or no Authorization at all, is taken for signature v1 (inferred from observed
    answers). `verified` is whether signatures are; if not, a call without one is taken for TC3.
    Raises ApiError MissingParameter, NoSuchVersion, InvalidAction, the region's, InvalidParameter
    for pairs without `=`, RequestSizeLimitExceeded for a long query.
    """
    if len(call.query) > MAX_QUERY:
        raise ApiError("RequestSizeLimitExceeded")
    is_form = call.method == "POST" and call.content_type == FORM_TYPE
    call.v1 = is_form or (verified and "authorization" not in call.headers)
    if call.v1:
        call.common = _v1_parameters(call)
    else:
        sent = call.headers
        call.common = {name: sent[by] for name, by in _HEADERS.items() if sent.get(by)}
    _check_present(call)
    _check_action(call)
    _check_region(call)


def pairs(text: str) -> dict[str, str]:
    """Split a query or form into names and values, undoing the URL encoding.

    Raises ApiError InvalidParameter for a part without `=`, or too many parts.
    """
    parts = text.split("&", _MAX_PAIRS) if text else []
    if len(parts) > _MAX_PAIRS or any("=" not in part for part in parts):
        raise ApiError("InvalidParameter", text="url_pairs")
    split = (part.partition("=") for part in parts)
    return {unquote_plus(name): unquote_plus(value) for name, _, value in split}


def _v1_parameters(call: Call) -> dict[str, str]:
    if len(call.body) > MAX_V1_BODY:
        raise ApiError("AuthFailure.SignatureFailure", text="v1_size")
    in_body = call.method == "POST"
    return pairs(call.body.decode("utf-8", "replace") if in_body else call.query)


def _check_present(call: Call) -> None:
    """Raise MissingParameter; that Timestamp is missed before the others is observed."""
    for name in ("Timestamp", "Action", "Version"):
        if not call.common.get(name):
            raise ApiError("MissingParameter", name=name)
    if not re.fullmatch(r"[0-9]{1,18}", call.common["Timestamp"]):
        raise ApiError("InvalidParameterValue", text="timestamp")


def _check_action(call: Call) -> None:
    if call.version not in ACTIONS:
        raise ApiError("NoSuchVersion", version=call.version, service=SERVICE)
    if call.action not in ACTIONS[call.version]:
        raise ApiError("InvalidAction", action=call.action, service=SERVICE, version=call.version)


def _check_region(call: Call) -> None:
    """Check that a region is given (documented), exists, and has the product."""
    region = call.common.get("Region")
    if not region:
        raise ApiError("MissingParameter", name="Region")
    if region not in regions.KNOWN:
        raise ApiError("InvalidParameterValue", text="region")
    if region not in regions.SUPPORTED:
        raise ApiError("UnsupportedRegion")
