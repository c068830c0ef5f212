"""Signature v1 (HmacSHA1, HmacSHA256): verified only to tell it from garbage.

FaceFusion demands TC3 (documented), so a right one is refused as well.
"""

import base64
import hmac
from collections.abc import Mapping

_DIGESTS = {"HmacSHA1": "sha1", "HmacSHA256": "sha256"}


def string_to_sign(method: str, host: str, params: Mapping[str, str]) -> str:
    """Return method, host, `/?` and the sorted, unencoded parameters but Signature."""
    pairs = (f"{name}={value}" for name, value in sorted(params.items()) if name != "Signature")
    return f"{method}{host}/?{'&'.join(pairs)}"


def sign(secret_key: str, method: str, text: str) -> str | None:
    """Return the base64 signature by a SignatureMethod; None for an unknown method."""
    digest = _DIGESTS.get(method)
    if digest is None:
        return None
    return base64.b64encode(hmac.digest(secret_key.encode(), text.encode(), digest)).decode()
