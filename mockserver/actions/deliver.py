"""Giving a result back: as base64, or stored and named by its address."""

import re

import pybase64

from mockserver.errors import ApiError
from mockserver.faults.rule import ResultFault
from mockserver.gateway.call import Call
from mockserver.imaging.codec import Format
from mockserver.world import World

RESULTS_PATH = "/_mock/results/"
_HOST = re.compile(
    r"(?:https?://)?((?:[A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?)/?"
)


def deliver(
    world: World,
    data: bytes,
    suffix: Format,
    *,
    model_id: str,
    base_url: str | None,
    secret_id: str,
    fault: ResultFault | None = None,
) -> str:
    """Return base64 text or, given a base address, store the picture and return its address.

    `secret_id` is the key whose picture it is. A `fault` is done to the picture or its link.
    Raises ApiError FailedOperation.FuseSavePhotoFail when it cannot be stored.
    """
    if fault == "torn":
        data = data[: len(data) // 2]
    if base_url is None:
        text: str = pybase64.b64encode_as_string(data)
        return text
    try:
        name = world.results.put(
            model_id, data, suffix, secret_id=secret_id, expired=fault == "expired"
        )
    except OSError:
        raise ApiError("FailedOperation.FuseSavePhotoFail") from None
    return f"{base_url}{RESULTS_PATH}{name}"


def base_url_of(call: Call, world: World) -> str:
    """Return the address that links begin with.

    A setting, or the Host that the caller used, which it can reach; where that is no host name,
    the address that the server listens on.
    """
    if world.settings.public_url:
        return world.settings.public_url.rstrip("/")
    host = _HOST.fullmatch(call.header("host"))
    return f"{call.scheme}://{host[1]}" if host else world.base_url
