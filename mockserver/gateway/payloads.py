"""What a client may have hashed instead of the body that it sent."""

import hashlib
import itertools
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, unquote

from mockserver.gateway.tc3 import payload_hash

_SMALL, _LARGE = 128 * 1024, 3 * 1024 * 1024  # bytes; a larger body is not serialised again
_MARK = b"\xef\xbb\xbf"  # byte order mark
_ESCAPED = ("/", "&<>", "&<>='")  # by PHP, by Go, by Gson


def serialised_again(body: bytes) -> Iterator[str]:
    """Yield the hashes of the body's JSON in other forms; of a large one in the commonest."""
    if not body or len(body) > _LARGE:
        return
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return
    forms = _json_forms(value) if len(body) <= _SMALL else _common_json_forms(value)
    for text in forms:
        yield payload_hash(text.encode("utf-8", "surrogatepass"))


def _common_json_forms(value: Any) -> Iterator[str]:
    for separators in ((",", ":"), (", ", ": ")):
        text = json.dumps(value, separators=separators, ensure_ascii=False)
        yield text
        if not text.isascii():
            yield json.dumps(value, separators=separators)


def _json_forms(value: Any) -> Iterator[str]:
    """Yield the ways in which JSON libraries write the same value, the commonest first."""
    yield from _common_json_forms(value)
    spaces = ((",", ":"), (", ", ": "), (",", ": "))
    for separators, ascii_only, ordered in itertools.product(spaces, (False, True), (False, True)):
        text = json.dumps(value, separators=separators, ensure_ascii=ascii_only, sort_keys=ordered)
        yield text
        for escaped in _ESCAPED:
            yield _escape(text, escaped)
    for indent in (2, 4, "\t"):
        yield json.dumps(value, indent=indent, ensure_ascii=False)


def _escape(text: str, escaped: str) -> str:
    if escaped == "/":
        return text.replace("/", "\\/")
    return text.translate({ord(letter): f"\\u{ord(letter):04x}" for letter in escaped})


def encoded_again(body: bytes) -> Iterator[str]:
    """Yield the hashes of the body with other white space around it, or in another encoding."""
    whole = hashlib.sha256(body)
    for end in (b"\n", b"\r\n"):
        longer = whole.copy()
        longer.update(end)
        yield longer.hexdigest()
    if body[:1].isspace() or body[-1:].isspace():
        for form in (body.rstrip(), body.strip(), body.lstrip()):
            yield payload_hash(form)
    if len(body) <= _SMALL:
        for form in _encodings(body):
            yield payload_hash(form)


def _encodings(body: bytes) -> Iterator[bytes]:
    yield _MARK + body
    yield body.removeprefix(_MARK)
    yield body.replace(b"\n", b"\r\n")
    yield body.replace(b"\r\n", b"\n")
    yield quote(body).encode()
    yield unquote(body).encode()
    sides = ("utf-8", "gbk", "utf-16", "utf-16-le", "latin-1")
    for source, target in itertools.permutations(sides, 2):
        try:
            yield body.decode(source).encode(target)
        except UnicodeError:
            continue
