"""An action's parameters in every shape that SDKs send: JSON, query, multipart."""

from typing import Any

import msgspec

from mockserver.errors import ApiError
from mockserver.gateway.call import MULTIPART_TYPE, Call
from mockserver.gateway.common import pairs

_MAX_DEPTH = 10


def read_params(call: Call, max_entity: int) -> None:
    """Fill `call.params` and drop the body.

    Raises ApiError FailedOperation.RequestEntityTooLarge, InvalidParameter, InvalidRequest.
    """
    if len(call.body) > max_entity:
        raise ApiError("FailedOperation.RequestEntityTooLarge")
    if call.method == "GET":
        call.params, call.texts = unflatten(pairs(call.query)), True
    elif call.content_type == MULTIPART_TYPE:
        # Few callers send it, and its parser is 3 MB to import.
        from mockserver.gateway.multipart import read_multipart

        sent = read_multipart(call.header("content-type"), call.body)
        call.params, call.texts = unflatten(sent), True
    else:
        call.params = _json_object(call.body)
    call.body = b""  # some MB that are not needed any more


def _json_object(body: bytes) -> dict[str, Any]:
    try:
        value = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise ApiError("InvalidParameter", text="not_json") from None
    if not isinstance(value, dict):
        raise ApiError("InvalidParameter", text="not_json")
    return value


def unflatten(flat: dict[str, Any]) -> dict[str, Any]:
    """Turn names like `MergeInfos.0.Image` into objects and lists.

    Raises ApiError InvalidParameter when a name is too deep, or both a value and an object.
    """
    root: dict[str, Any] = {}
    for name, value in flat.items():
        *path, last = name.split(".", _MAX_DEPTH)
        place = root
        for part in path:
            place = place.setdefault(part, {})
            if not isinstance(place, dict):
                raise ApiError("InvalidParameter")
        if last in place or "." in last:
            raise ApiError("InvalidParameter")
        place[last] = value
    return {name: _lists(value) for name, value in root.items()}


def _lists(value: Any) -> Any:
    """Turn objects whose names are all numbers into lists, by rising number."""
    if not isinstance(value, dict):
        return value
    items = {name: _lists(item) for name, item in value.items()}
    if items and all(name.isascii() and name.isdigit() for name in items):
        return [items[name] for name in sorted(items, key=lambda name: (len(name), name))]
    return items
