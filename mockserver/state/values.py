"""Values as seed files and requests write them: addresses, networks, whole numbers, moments."""

import ipaddress
from typing import Annotated

from pydantic import BeforeValidator, Field, IPvAnyNetwork, WithJsonSchema


def _network(text: object) -> object:
    """Read an address or a network; bits beyond the mask are borne."""
    if not isinstance(text, str):
        raise ValueError("must be an address or a network, as text")
    return ipaddress.ip_network(text, strict=False)


_OCTET = "(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
Network = Annotated[
    IPvAnyNetwork,
    BeforeValidator(_network),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "format": "ipv4"},
                {"type": "string", "format": "ipv6"},
                {"type": "string", "pattern": rf"^({_OCTET}\.){{3}}{_OCTET}/(3[0-2]|[12]?[0-9])$"},
            ],
            "examples": ["127.0.0.1", "10.0.0.0/8", "::1"],
        },
        mode="validation",
    ),
]


def whole(number: object) -> object:
    """Take 5.0 for 5, as JSON does."""
    is_whole = isinstance(number, float) and number.is_integer()
    return int(number) if is_whole else number  # type: ignore[call-overload]


Whole = Annotated[int, BeforeValidator(whole)]
Count = Annotated[int, Field(ge=0), BeforeValidator(whole)]
Positive = Annotated[int, Field(ge=1), BeforeValidator(whole)]

Degree = Annotated[int, Field(ge=0, le=100), BeforeValidator(whole)]  # documented range
FIRST, LAST = 0.0, 253402300799.0  # 1970 to 9999
Moment = Annotated[float, Field(strict=True, ge=FIRST, le=LAST)]  # unix seconds
