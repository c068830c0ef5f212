"""TC3-HMAC-SHA256: pure functions from a request's parts to its signature.

The algorithm is documented; where a rule is inferred the docstring says so.
"""

import hashlib
import hmac
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

ALGORITHM = "TC3-HMAC-SHA256"
TERMINATOR = "tc3_request"
UNSIGNED_PAYLOAD = "UNSIGNED-PAYLOAD"

_AUTHORIZATION = re.compile(
    rf"{ALGORITHM}\s+Credential=(?P<credential>[^,\s]*)\s*,"
    r"\s*SignedHeaders=(?P<headers>[^,\s]*)\s*,"
    r"\s*Signature=(?P<signature>[^,\s]*)\s*"
)


@dataclass(frozen=True)
class Authorization:
    """The parts of an Authorization header."""

    secret_id: str
    date: str
    service: str
    terminator: str
    signed_headers: tuple[str, ...]
    signature: str

    @property
    def scope(self) -> str:
        """The credential scope, as it stands in the string to sign."""
        return f"{self.date}/{self.service}/{self.terminator}"


def parse_authorization(text: str) -> Authorization | None:
    """Split an Authorization header; None when it does not have the documented form.

    Repeated spaces and spaces around commas are borne: the .NET SDK sends two after the
    algorithm's name.
    """
    match = _AUTHORIZATION.fullmatch(text.strip())
    if match is None:
        return None
    secret_id, _, scope = match["credential"].partition("/")
    # A service derived from a host may hold a slash, as in `http://localhost:8670`.
    date, _, rest = scope.partition("/")
    service, _, terminator = rest.rpartition("/")
    names = tuple(match["headers"].split(";"))
    return Authorization(secret_id, date, service, terminator, names, match["signature"])


def payload_hash(payload: bytes) -> str:
    """Return the lower-case hex SHA-256 of the payload's raw bytes."""
    return hashlib.sha256(payload).hexdigest()


def canonical_request(
    method: str, query: str, headers: Sequence[tuple[str, str]], hashed_payload: str
) -> str:
    """Return the canonical request. `headers` are name and value, in the order to be signed.

    The URI is always `/`. The query is the raw text after `?`, neither sorted nor encoded again
    (inferred: the SDKs disagree on both). Names are lower-cased, values only trimmed: whether
    values are lower-cased too is the caller's choice.
    """
    lines = "".join(f"{name.lower().strip()}:{value.strip()}\n" for name, value in headers)
    names = ";".join(name.lower().strip() for name, _ in headers)
    return f"{method}\n/\n{query}\n{lines}\n{names}\n{hashed_payload}"


def string_to_sign(timestamp: int | str, scope: str, canonical: str) -> str:
    """Return the string to sign; `timestamp` is the text of X-TC-Timestamp."""
    return string_to_sign_head(timestamp, scope) + payload_hash(canonical.encode())


def string_to_sign_head(timestamp: int | str, scope: str) -> str:
    """Return the string to sign as far as the canonical request's hash."""
    return f"{ALGORITHM}\n{timestamp}\n{scope}\n"


@lru_cache(maxsize=256)
def signing_key(secret_key: str, date: str, service: str) -> bytes:
    """Derive the key: `TC3` + secret key -> date -> service -> tc3_request."""
    key = f"TC3{secret_key}".encode()
    for part in (date, service, TERMINATOR):
        key = hmac.digest(key, part.encode(), "sha256")
    return key


def sign(key: bytes, text: str) -> str:
    """Return the signature: lower-case hex HMAC-SHA256 of the string to sign."""
    # Not hmac.digest: that lets other threads run, and waits for them, a thousand times too long.
    return hmac.new(key, text.encode(), "sha256").hexdigest()


def utc_date(timestamp: int) -> str:
    """Return the UTC date of a timestamp as YYYY-MM-DD; empty when it has none."""
    return _date_of_day(timestamp // 86400)


@lru_cache(maxsize=64)
def _date_of_day(day: int) -> str:
    try:
        return datetime.fromtimestamp(day * 86400, UTC).strftime("%Y-%m-%d")
    except (OverflowError, OSError, ValueError):
        return ""


@dataclass(frozen=True)
class Signed:
    """A signature with the two texts that lead to it."""

    canonical_request: str
    string_to_sign: str
    authorization: str


def sign_request(
    *,
    secret_id: str,
    secret_key: str,
    service: str,
    timestamp: int,
    headers: Iterable[tuple[str, str]],
    payload: bytes = b"",
    method: str = "POST",
    query: str = "",
) -> Signed:
    """Sign a request as an SDK does; `headers` are those to sign, in any order."""
    ordered = sorted((name.lower(), value.lower()) for name, value in headers)
    canonical = canonical_request(method, query, ordered, payload_hash(payload))
    date = utc_date(timestamp)
    scope = f"{date}/{service}/{TERMINATOR}"
    text = string_to_sign(timestamp, scope, canonical)
    signature = sign(signing_key(secret_key, date, service), text)
    names = ";".join(name for name, _ in ordered)
    value = (
        f"{ALGORITHM} Credential={secret_id}/{scope}, SignedHeaders={names}, Signature={signature}"
    )
    return Signed(canonical, text, value)
