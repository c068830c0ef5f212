"""An action's parameters in every shape that SDKs send: JSON, query, multipart."""

from typing import Any

import msgspec
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from mockserver.errors import ApiError
from mockserver.gateway.call import MULTIPART_TYPE, Call
from mockserver.gateway.common import pairs

_MAX_PARTS = 100
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
        call.params, call.texts = unflatten(_multipart(call)), True
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


def _multipart(call: Call) -> dict[str, Any]:
    """Read a multipart body; a part of type application/json is decoded.

    Raises ApiError InvalidRequest when it is broken.
    """
    boundary = parse_options_header(call.header("content-type").encode())[1].get(b"boundary")
    if not boundary:
        raise ApiError("InvalidRequest")
    form = _Form()
    try:
        parser = MultipartParser(boundary, form.callbacks())
        parser.write(call.body)
        parser.finalize()
    except FormParserError:  # a parse error, or a boundary that is too long
        raise ApiError("InvalidRequest") from None
    if not form.ended:
        raise ApiError("InvalidRequest")
    return form.values


class _Form:
    """Collects the parts of a multipart body."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}
        self.ended = False
        self._headers: dict[str, bytes] = {}
        self._name = b""
        self._value = b""
        self._data = bytearray()

    def callbacks(self) -> Any:
        """Return what the parser calls."""
        return {
            "on_part_begin": self._begin,
            "on_header_field": self._header_field,
            "on_header_value": self._header_value,
            "on_header_end": self._header_end,
            "on_part_data": self._part_data,
            "on_part_end": self._part_end,
            "on_end": self._end,
        }

    def _begin(self) -> None:
        self._headers, self._data = {}, bytearray()

    def _header_field(self, data: bytes, start: int, end: int) -> None:
        self._name += data[start:end]

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _header_end(self) -> None:
        self._headers[self._name.decode("latin-1").lower()] = self._value
        self._name = self._value = b""

    def _part_data(self, data: bytes, start: int, end: int) -> None:
        self._data += data[start:end]

    def _part_end(self) -> None:
        options = parse_options_header(self._headers.get("content-disposition", b""))[1]
        name = options.get(b"name", b"").decode("utf-8", "replace")
        if not name or len(self.values) >= _MAX_PARTS:
            raise ApiError("InvalidRequest")
        if self._headers.get("content-type", b"").startswith(b"application/json"):
            self.values[name] = self._json()
        else:
            self.values[name] = self._text()

    def _json(self) -> Any:
        try:
            return msgspec.json.decode(bytes(self._data))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise ApiError("InvalidRequest") from None

    def _text(self) -> str | bytes:
        """Return the part's text; bytes that are no text stay bytes, which no parameter takes."""
        try:
            return self._data.decode()
        except UnicodeDecodeError:
            return bytes(self._data)

    def _end(self) -> None:
        self.ended = True
