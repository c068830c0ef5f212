"""Parameters from multipart bodies."""

from typing import Any

import msgspec
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from mockserver.errors import ApiError

_MAX_PARTS = 100


def read_multipart(content_type: str, body: bytes) -> dict[str, Any]:
    """Read a multipart body; a part of type application/json is decoded.

    Raises ApiError InvalidRequest when it is broken.
    """
    boundary = parse_options_header(content_type.encode())[1].get(b"boundary")
    if not boundary:
        raise ApiError("InvalidRequest")
    form = _Form()
    try:
        parser = MultipartParser(boundary, form.callbacks())
        parser.write(body)
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
