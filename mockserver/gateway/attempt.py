"""A client's way to a signature, right or wrong: what it put in, and how it put it together."""

import hashlib
import hmac
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from mockserver.gateway import tc3

HIDDEN_HEADERS = frozenset({"x-tc-token", "authorization"})
_LONG_VALUE = re.compile(r"=[^&]{257,}")

Chain = Literal["bytes", "hex", "last-hex", "swapped", "none"]


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """Everything that a signature depends on.

    The first block is the request's content as signed; the second the ways of putting it together
    that clients get wrong, each with its right value as default.
    """

    method: str
    query: str
    headers: tuple[tuple[str, str], ...]
    hashed_payload: str
    timestamp: str
    date: str
    service: str
    secret_key: str

    uri: str = "/"
    names: str = ""  # the list of signed headers; empty: of `headers`
    colon: str = ":"
    scope: str = ""  # in the string to sign; empty: from date and service
    key_prefix: str = "TC3"
    newline: str = "\n"
    blank_line: bool = True  # between the headers and the list of their names
    canonical_end: str = ""
    string_end: str = ""
    chain: Chain = "bytes"
    canonical_hash: Literal["hex", "upper", "none"] = "hex"
    terminator: str = tc3.TERMINATOR

    def canonical_request(self, *, shown: bool = False) -> str:
        """Return the canonical request; `shown`: without secrets and pictures."""
        lines = [
            f"{name}{self.colon}{_hide(name, value) if shown else value.strip()}"
            for name, value in self.headers
        ]
        blank = [""] if self.blank_line else []
        query = _LONG_VALUE.sub("=(...)", self.query) if shown else self.query
        payload = self.hashed_payload
        if shown and len(payload) > 64:
            payload = f"(the body itself, {len(payload)} characters)"
        parts = [self.method, self.uri, query, *lines, *blank, self.listed, payload]
        return self.newline.join(parts) + self.canonical_end

    @property
    def listed(self) -> str:
        """The list of signed headers, as the canonical request holds it."""
        return self.names or ";".join(name for name, _ in self.headers)

    def string_to_sign(self, *, shown: bool = False) -> str:
        """Return the string to sign; `shown`: without secrets and pictures."""
        if self.canonical_hash == "none":
            last = self.canonical_request(shown=shown)
        else:
            last = hashlib.sha256(self.canonical_request().encode()).hexdigest()
            last = last.upper() if self.canonical_hash == "upper" else last
        parts = [tc3.ALGORITHM, self.timestamp, self.signed_scope, last]
        return self.newline.join(parts) + self.string_end

    @property
    def signed_scope(self) -> str:
        """The credential scope, as the string to sign holds it."""
        return self.scope or f"{self.date}/{self.service}/{self.terminator}"

    def signature(self) -> str:
        """Return the signature that this attempt leads to, as lower-case hex."""
        text = self.string_to_sign().encode()
        if self.chain == "none":
            return hmac.digest(self.secret_key.encode(), text, "sha256").hex()
        parts = (self.date, self.service, self.terminator)
        key = _derive(self.key_prefix + self.secret_key, parts, self.chain)
        pair = (text, key) if self.chain == "swapped" else (key, text)
        return hmac.digest(*pair, "sha256").hex()

    def but(self, **changes: object) -> "Attempt":
        """Return the same attempt with other values."""
        made = object.__new__(Attempt)
        made.__dict__.update(self.__dict__, **changes)  # much quicker than dataclasses.replace
        return made

    def with_header(self, name: str, value: str) -> "Attempt":
        """Return the same attempt with another value of one signed header."""
        changed = tuple((n, value if n.lower() == name else v) for n, v in self.headers)
        return self.but(headers=changed)


def _hide(name: str, value: str) -> str:
    return "***" if name.lower() in HIDDEN_HEADERS else value.strip()


@lru_cache(maxsize=64)
def _derive(secret: str, parts: tuple[str, ...], chain: Chain) -> bytes:
    key = secret.encode()
    for part in parts:
        if chain == "swapped":
            key = hmac.digest(part.encode(), key, "sha256")
        else:
            key = hmac.digest(key, part.encode(), "sha256")
            key = key.hex().encode() if chain == "hex" else key
    return key.hex().encode() if chain == "last-hex" else key
