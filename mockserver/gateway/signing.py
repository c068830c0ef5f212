"""What a call's signature is compared with: every form that official SDKs sign."""

import hmac
import re
from collections.abc import Iterator

from mockserver.gateway import tc3, v1
from mockserver.gateway.call import Call

SERVICE = "facefusion"
REAL_DOMAINS = ("tencentcloudapi.com", "tencentcloudapi.cn", "tencentcloudapi.com.cn")


def hosts(call: Call) -> list[str]:
    """Return the forms of Host that SDKs sign: as sent, without port, with and without scheme.

    Observed: Node signs the host without its port; tccli and Python send and sign the scheme.
    """
    sent = call.header("host")
    bare = re.sub(r"^https?://", "", sent)
    forms = [sent, bare, re.sub(r":\d+$", "", bare)]
    forms += [f"{scheme}://{form}" for form in forms[1:] for scheme in ("http", "https")]
    return list(dict.fromkeys(forms))


def hashed_payload(call: Call) -> str:
    """Return the hash that stands for the payload: of the raw body, or of a literal (observed)."""
    if call.header("x-tc-content-sha256") == tc3.UNSIGNED_PAYLOAD:
        return tc3.payload_hash(tc3.UNSIGNED_PAYLOAD.encode())
    return tc3.payload_hash(call.body)


def matches(call: Call, authorization: tc3.Authorization, secret_key: str) -> bool:
    """Tell whether the signature is right for one of the accepted forms of the request."""
    key = tc3.signing_key(secret_key, authorization.date, authorization.service)
    sent = authorization.signature.encode("utf-8", "replace")
    return any(
        hmac.compare_digest(
            tc3.sign(
                key,
                tc3.string_to_sign(call.common["Timestamp"], authorization.scope, canonical),
            ).encode(),
            sent,
        )
        for canonical in canonical_requests(call, authorization)
    )


def canonical_requests(call: Call, authorization: tc3.Authorization) -> Iterator[str]:
    """Yield each canonical request that is accepted for this call, the likeliest first.

    The host in its forms, and header values verbatim (observed) or lower-cased (documented).
    """
    payload = hashed_payload(call)
    seen: set[str] = set()
    for host in hosts(call):
        verbatim = [
            (name, host if name.lower() == "host" else call.header(name.lower()))
            for name in authorization.signed_headers
        ]
        for headers in (verbatim, [(name, value.lower()) for name, value in verbatim]):
            canonical = tc3.canonical_request(call.method, call.query, headers, payload)
            if canonical not in seen:
                seen.add(canonical)
                yield canonical


def services(call: Call) -> set[str]:
    """Return the service names that this request's scope may carry."""
    if is_real_host(call.header("host")):
        return {SERVICE}
    return {SERVICE, *(form.split(".")[0] for form in hosts(call))}


def is_real_host(host: str) -> bool:
    """Tell whether a Host header names one of Tencent's API domains."""
    name = re.sub(r":\d+$", "", re.sub(r"^https?://", "", host))
    return any(name.endswith(f".{domain}") for domain in REAL_DOMAINS)


def is_v1_signature(call: Call, secret_key: str) -> bool:
    """Tell whether the call carries a right v1 signature of this key."""
    sent = call.common.get("Signature", "").strip()  # Ruby's ends in a line break (observed)
    method = call.common.get("SignatureMethod") or "HmacSHA1"
    texts = (v1.string_to_sign(call.method, host, call.common) for host in hosts(call))
    return any(v1.sign(secret_key, method, text) == sent for text in texts)
