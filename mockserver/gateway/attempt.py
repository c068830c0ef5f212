"""A client's way to a signature, right or wrong: what it put in, and how it put it together."""

import hashlib
import hmac
from dataclasses import dataclass, replace
from typing import Literal

from mockserver.gateway import tc3

HIDDEN_HEADERS = frozenset({"x-tc-token", "authorization"})


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
    scope: str = ""  # in the string to sign; empty: from date and service
    key_prefix: str = "TC3"
    newline: str = "\n"
    blank_line: bool = True  # between the headers and the list of their names
    chain: Literal["bytes", "hex"] = "bytes"
    canonical_hash: Literal["hex", "upper", "none"] = "hex"
    terminator: str = tc3.TERMINATOR

    def canonical_request(self, *, shown: bool = False) -> str:
        """Return the canonical request; `shown`: with secret header values hidden."""
        lines = [
            f"{name.lower()}:{'***' if shown and name.lower() in HIDDEN_HEADERS else value.strip()}"
            for name, value in self.headers
        ]
        names = ";".join(name.lower() for name, _ in self.headers)
        blank = [""] if self.blank_line else []
        parts = [self.method, self.uri, self.query, *lines, *blank, names, self.hashed_payload]
        return self.newline.join(parts)

    def string_to_sign(self) -> str:
        """Return the string to sign."""
        canonical = self.canonical_request()
        digest = hashlib.sha256(canonical.encode()).hexdigest()
        last = {"hex": digest, "upper": digest.upper(), "none": canonical}[self.canonical_hash]
        scope = self.scope or f"{self.date}/{self.service}/{self.terminator}"
        return self.newline.join([tc3.ALGORITHM, self.timestamp, scope, last])

    def signature(self) -> str:
        """Return the signature that this attempt leads to, as lower-case hex."""
        key = f"{self.key_prefix}{self.secret_key}".encode()
        for part in (self.date, self.service, self.terminator):
            digest = hmac.digest(key, part.encode(), "sha256")
            key = digest.hex().encode() if self.chain == "hex" else digest
        return tc3.sign(key, self.string_to_sign())

    def but(self, **changes: object) -> "Attempt":
        """Return the same attempt with other values."""
        return replace(self, **changes)  # type: ignore[arg-type]

    def with_header(self, name: str, value: str) -> "Attempt":
        """Return the same attempt with another value of one signed header."""
        changed = tuple((n, value if n.lower() == name else v) for n, v in self.headers)
        return self.but(headers=changed)
