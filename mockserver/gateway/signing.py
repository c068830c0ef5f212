"""What a call's signature is compared with: every form that official SDKs sign."""

import hmac
import re
from collections.abc import Iterator
from functools import lru_cache

from mockserver.gateway import tc3, v1
from mockserver.gateway.call import Call

SERVICE = "facefusion"
_HOST = "\0"  # stands for the host; no header can hold it
REAL_DOMAINS = ("tencentcloudapi.com", "tencentcloudapi.cn", "tencentcloudapi.com.cn")


def hosts(call: Call) -> tuple[str, ...]:
    """Return the forms of Host that SDKs sign: as sent, without port, with and without scheme.

    Observed: Node signs the host without its port; tccli and Python send and sign the scheme.
    """
    return _forms_of(call.header("host"))


@lru_cache(maxsize=256)
def _forms_of(sent: str) -> tuple[str, ...]:
    bare = re.sub(r"^https?://", "", sent)
    forms = [sent, bare, re.sub(r":\d+$", "", bare)]
    forms += [f"{scheme}://{form}" for form in forms[1:] for scheme in ("http", "https")]
    return tuple(dict.fromkeys(forms))


def hashed_payload(call: Call) -> str:
    """Return the hash that stands for the payload: of the raw body, or of a literal (observed)."""
    if call.header("x-tc-content-sha256") == tc3.UNSIGNED_PAYLOAD:
        return tc3.payload_hash(tc3.UNSIGNED_PAYLOAD.encode())
    return tc3.payload_hash(call.body)


def matches(call: Call, authorization: tc3.Authorization, secret_key: str) -> bool:
    """Tell whether the signature is right for one of the accepted forms of the request."""
    key = tc3.signing_key(secret_key, authorization.date, authorization.service)
    sent = authorization.signature.encode("utf-8", "replace")
    # What stands before the canonical request's hash is the same for every form.
    head = tc3.string_to_sign_head(call.common["Timestamp"], authorization.scope)
    begun = hmac.new(key, head.encode(), "sha256")
    for canonical in canonical_requests(call, authorization):
        signed = begun.copy()
        signed.update(tc3.payload_hash(canonical.encode()).encode())
        if hmac.compare_digest(signed.hexdigest().encode(), sent):
            return True
    return False


def canonical_requests(call: Call, authorization: tc3.Authorization) -> Iterator[str]:
    """Yield each canonical request that is accepted for this call, the likeliest first.

    The host in its forms, and header values verbatim (observed) or lower-cased (documented).
    """
    names = authorization.signed_headers
    verbatim = [
        (name, _HOST if name.lower() == "host" else call.header(name.lower())) for name in names
    ]
    lowered = [(name, value.lower()) for name, value in verbatim]
    payload = hashed_payload(call)
    # Only the host differs from form to form, so the text around it is put together once.
    texts = [
        tc3.canonical_request(call.method, call.query, headers, payload)
        for headers in ((verbatim,) if verbatim == lowered else (verbatim, lowered))
    ]
    for host in hosts(call):
        for text in texts:
            yield text.replace(_HOST, host)
            if host != host.lower():
                yield text.replace(_HOST, host.lower())


def services(call: Call) -> frozenset[str]:
    """Return the service names that this request's scope may carry."""
    return _services_of(call.header("host"))


@lru_cache(maxsize=256)
def _services_of(host: str) -> frozenset[str]:
    if is_real_host(host):
        return frozenset({SERVICE})
    return frozenset({SERVICE, *(form.split(".")[0] for form in _forms_of(host))})


def is_real_host(host: str) -> bool:
    """Tell whether a Host header names one of Tencent's API domains."""
    name = host_name(host)
    return any(name.endswith(f".{domain}") for domain in REAL_DOMAINS)


def host_name(host: str) -> str:
    """Return a Host header without scheme and port."""
    return re.sub(r":\d+$", "", re.sub(r"^https?://", "", host))


def is_v1_signature(call: Call, secret_key: str) -> bool:
    """Tell whether the call carries a right v1 signature of this key."""
    sent = call.common.get("Signature", "").strip()  # Ruby's ends in a line break (observed)
    method = call.common.get("SignatureMethod") or "HmacSHA1"
    texts = (v1.string_to_sign(call.method, host, call.common) for host in hosts(call))
    return any(v1.sign(secret_key, method, text) == sent for text in texts)
