"""Who calls: the Authorization header checked against the accounts, over the raw bytes."""

import hmac
import re
from collections.abc import Iterator

from mockserver.errors import ApiError
from mockserver.gateway import tc3
from mockserver.gateway.call import Call
from mockserver.state.models import Key
from mockserver.world import World

SERVICE = "facefusion"
REAL_DOMAINS = ("tencentcloudapi.com", "tencentcloudapi.cn", "tencentcloudapi.com.cn")
_MAX_SIGNED_HEADERS = 64


def authenticate(call: Call, world: World) -> None:
    """Find the caller's account and verify the signature.

    The order is inferred: syntax, service, date, skew, SecretId, signature. Raises ApiError
    AuthFailure.InvalidAuthorization, .SignatureExpire, .InvalidSecretId, .SecretIdNotFound,
    .SignatureFailure.
    """
    authorization = tc3.parse_authorization(call.header("authorization"))
    if authorization is None:
        if not world.settings.verify_signatures:
            call.account = world.accounts.any()
            return
        raise ApiError("AuthFailure.InvalidAuthorization", text="malformed", part="Authorization")
    call.secret_id = authorization.secret_id
    if not world.settings.verify_signatures:
        found = world.accounts.by_secret_id(authorization.secret_id)
        call.account = found[0] if found else world.accounts.any()
        return
    _check_scope(call, authorization)
    _check_skew(call, world.settings.clock_skew_seconds)
    if not authorization.secret_id.startswith("AKID"):
        raise ApiError("AuthFailure.InvalidSecretId")
    found = world.accounts.by_secret_id(authorization.secret_id)
    if found is None:
        raise ApiError("AuthFailure.SecretIdNotFound")
    call.account, key = found
    if not _matches(call, authorization, key):
        raise ApiError("AuthFailure.SignatureFailure")


def _check_scope(call: Call, authorization: tc3.Authorization) -> None:
    """Check the credential scope and the list of signed headers.

    On hosts other than Tencent's the host's first label is accepted as service too: five SDKs
    derive the service from the endpoint (observed).
    """
    if authorization.service not in services(call):
        _refuse_credential("Service")
    if authorization.date != tc3.utc_date(timestamp(call)):
        _refuse_credential("Date")
    if authorization.terminator != tc3.TERMINATOR:
        _refuse_credential("tc3_request")
    names = authorization.signed_headers
    if len(names) > _MAX_SIGNED_HEADERS or not {"content-type", "host"} <= {
        name.lower() for name in names
    }:
        raise ApiError("AuthFailure.InvalidAuthorization", text="malformed", part="SignedHeaders")


def _refuse_credential(part: str) -> None:
    raise ApiError("AuthFailure.InvalidAuthorization", text="credential", part=part)


def services(call: Call) -> set[str]:
    """Return the service names that this request's scope may carry."""
    host = call.header("host")
    if any(domain in host for domain in REAL_DOMAINS):
        return {SERVICE}
    return {SERVICE, *(host_form.split(".")[0] for host_form in hosts(call))}


def timestamp(call: Call) -> int:
    """Return X-TC-Timestamp in seconds. Raises ApiError InvalidParameterValue."""
    text = call.header("x-tc-timestamp")
    if not re.fullmatch(r"[0-9]{1,18}", text):
        raise ApiError("InvalidParameterValue")
    return int(text)


def _check_skew(call: Call, most: int) -> None:
    if abs(call.received - timestamp(call)) > most:
        raise ApiError("AuthFailure.SignatureExpire", server_time=int(call.received))


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


def _matches(call: Call, authorization: tc3.Authorization, key: Key) -> bool:
    signing_key = tc3.signing_key(key.secret_key, authorization.date, authorization.service)
    return any(
        hmac.compare_digest(
            tc3.sign(signing_key, text).encode(), authorization.signature.encode("utf-8", "replace")
        )
        for text in strings_to_sign(call, authorization)
    )


def strings_to_sign(call: Call, authorization: tc3.Authorization) -> Iterator[str]:
    """Yield each string to sign that is accepted for this request.

    The host in its forms, and header values lower-cased (documented) or verbatim (observed).
    """
    payload = hashed_payload(call)
    seen: set[str] = set()
    for host in hosts(call):
        verbatim = [
            (name, host if name.lower() == "host" else call.header(name.lower()))
            for name in authorization.signed_headers
        ]
        for headers in ([(name, value.lower()) for name, value in verbatim], verbatim):
            canonical = tc3.canonical_request(call.method, call.query, headers, payload)
            if canonical not in seen:
                seen.add(canonical)
                yield tc3.string_to_sign(
                    call.header("x-tc-timestamp"), authorization.scope, canonical
                )
