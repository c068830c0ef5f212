"""An action's parameters: from decoded JSON to a typed request, with the gateway's errors.

A request type is a dataclass whose fields carry the documented names. Fields without a default
are required. The order unknown, missing, ill-typed is inferred.
"""

import types
from collections.abc import Iterator
from dataclasses import MISSING, Field, fields, is_dataclass
from functools import cache
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

import msgspec

from mockserver.errors import ApiError

T = TypeVar("T")

# The names that the gateway's messages give to types; only `string` was seen, the others are
# those of the API's description (inferred).
_TYPE_NAMES: dict[type, str] = {str: "string", int: "int64", float: "float"}
_MAX_LIST = 1000


def parse(request_type: type[T], params: dict[str, Any], *, texts: bool = False) -> T:
    """Build a request from its parameters; a null counts as not sent (inferred).

    With `texts`, as query and multipart have it, a number may come as a text, an object as JSON
    text, and an empty text for either counts as not sent (Node writes an undefined one so,
    observed). Raises ApiError UnknownParameter, MissingParameter, InvalidParameter.
    """
    if texts:
        params = _read_texts(request_type, params)
    for check in (_unknown, _missing):
        for error in check(request_type, params, ""):
            raise error
    request: T = _build(request_type, params, "")
    return request


def _read_texts(kind: Any, value: Any) -> Any:
    """Turn texts into the numbers, objects and lists that they stand for, where they do."""
    if is_dataclass(kind) and isinstance(value, dict):
        hints = {name: hint for name, (hint, _) in _shape(kind).items()}  # type: ignore[arg-type]
        return {name: _read_texts(hints.get(name), item) for name, item in value.items()}
    if get_origin(kind) is list and isinstance(value, list):
        return [_read_texts(get_args(kind)[0], item) for item in value]
    if kind in (None, str) or not isinstance(value, str):
        return value
    try:
        return msgspec.json.decode(value) if value else None
    except (msgspec.DecodeError, RecursionError):
        return value


def _sent(params: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in params.items() if value is not None}


@cache
def _shape(kind: type) -> dict[str, tuple[Any, bool]]:
    """Return each field's type, without its `| None`, and whether it is required."""
    hints = get_type_hints(kind)
    return {
        field.name: (_strip_none(hints[field.name]), _required(field)) for field in fields(kind)
    }


def _required(field: Field[Any]) -> bool:
    return field.default is MISSING and field.default_factory is MISSING


def _strip_none(hint: Any) -> Any:
    if get_origin(hint) not in (Union, types.UnionType):
        return hint
    return next(part for part in get_args(hint) if part is not types.NoneType)


def _children(
    kind: type, params: dict[str, Any], path: str
) -> Iterator[tuple[Any, dict[str, Any], str]]:
    """Yield the objects within an object, each with its type and path."""
    for name, item, in_list in _nested(kind):
        value = params.get(name)
        if in_list:
            for index, element in enumerate(_as_list(item, value) or ()):
                if isinstance(element, dict):
                    yield item, element, f"{path}{name}.{index}."
        elif isinstance(value, dict):
            yield item, value, f"{path}{name}."


@cache
def _nested(kind: type) -> list[tuple[str, Any, bool]]:
    """Return the fields that hold objects, or lists of them, and the objects' type."""
    found = []
    for name, (hint, _) in _shape(kind).items():
        in_list = get_origin(hint) is list
        item = get_args(hint)[0] if in_list else hint
        if is_dataclass(item):
            found.append((name, item, in_list))
    return found


def _as_list(item: Any, value: Any) -> list[Any] | None:
    """Return a list's elements, and of one object where it may stand for a list of one."""
    if isinstance(value, dict) and getattr(item, "MAY_STAND_ALONE", False):
        return [value]
    return value if isinstance(value, list) else None


def _unknown(kind: type, params: dict[str, Any], path: str) -> Iterator[ApiError]:
    for name in params:
        if name not in _shape(kind):
            yield ApiError("UnknownParameter", name=f"{path}{name}")
    for child in _children(kind, params, path):
        yield from _unknown(*child)


def _missing(kind: type, params: dict[str, Any], path: str) -> Iterator[ApiError]:
    sent = _sent(params)
    for name, (_, required) in _shape(kind).items():
        if required and name not in sent:
            yield ApiError("MissingParameter", name=f"{path}{name}")
    for child in _children(kind, params, path):
        yield from _missing(*child)


def _build(kind: Any, value: Any, path: str) -> Any:
    """Convert one value to its type; `path` ends in a dot for an object's members."""
    name = path.removesuffix(".")
    if kind in _TYPE_NAMES:
        return _build_scalar(kind, value, name)
    if not is_dataclass(kind):
        return _build_list(get_args(kind)[0], value, name)
    if not isinstance(value, dict):
        raise _wrong_type(name, "object")
    shape = _shape(kind)  # type: ignore[arg-type]
    sent = _sent(value).items()
    return kind(**{key: _build(shape[key][0], item, f"{path}{key}.") for key, item in sent})  # type: ignore[operator]


def _build_scalar(kind: type, value: Any, name: str) -> Any:
    if kind is float and type(value) is int:
        value = float(value)
    if type(value) is not kind:
        raise _wrong_type(name, _TYPE_NAMES[kind])
    return value


def _build_list(item: Any, value: Any, name: str) -> list[Any]:
    entries = _as_list(item, value)
    if entries is None or len(entries) > _MAX_LIST:
        raise _wrong_type(name, "array")
    return [_build(item, entry, f"{name}.{i}.") for i, entry in enumerate(entries)]


def _wrong_type(name: str, expected: str) -> ApiError:
    return ApiError("InvalidParameter", text="value_type", name=name, expected=expected)
