"""Who calls: the signature checked against the accounts, over the raw bytes."""

from mockserver.errors import ApiError
from mockserver.gateway import tc3
from mockserver.gateway.call import Call
from mockserver.gateway.signing import is_v1_signature, matches, services
from mockserver.state.models import Key
from mockserver.world import World

_MAX_SIGNED_HEADERS = 64


def authenticate(call: Call, world: World) -> None:
    """Find the caller's account and verify the signature.

    The order is inferred: syntax, service, date, skew, SecretId, token, signature; that a bad
    token is told before the parameters' mistakes is observed. Raises ApiError AuthFailure.*.
    """
    if not world.settings.verify_signatures:
        _assume(call, world)
        return
    if call.v1:
        _authenticate_v1(call, world)
    else:
        _authenticate_tc3(call, world)


def _assume(call: Call, world: World) -> None:
    """Take the SecretId's word for it; a call without a known one is the first account's."""
    authorization = tc3.parse_authorization(call.header("authorization"))
    call.secret_id = authorization.secret_id if authorization else call.common.get("SecretId", "")
    _set_clock(call, world)
    found = world.accounts.by_secret_id(call.secret_id)
    call.account = found[0] if found else world.accounts.any()


def _set_clock(call: Call, world: World) -> None:
    """Let the call go by its key's clock, where that is not the server's."""
    clock = world.clock_of(call.secret_id)
    if clock is not call.clock:
        call.clock, call.received = clock, clock.now()


def _authenticate_tc3(call: Call, world: World) -> None:
    authorization = tc3.parse_authorization(call.header("authorization"))
    if authorization is None:
        raise ApiError("AuthFailure.InvalidAuthorization", text="malformed", part="Authorization")
    call.authorization, call.secret_id = authorization, authorization.secret_id
    _set_clock(call, world)
    _check_scope(call, authorization)
    _check_skew(call, world.settings.clock_skew_seconds)
    key = _key(call, world)
    if not matches(call, authorization, key.secret_key):
        raise ApiError("AuthFailure.SignatureFailure")


def _authenticate_v1(call: Call, world: World) -> None:
    """Refuse a v1 call: a wrong signature as such, a right one with what to use instead."""
    for name in ("SecretId", "Nonce", "Signature"):
        if not call.common.get(name):
            raise ApiError("MissingParameter", name=name)
    call.secret_id = call.common["SecretId"]
    _set_clock(call, world)
    _check_skew(call, world.settings.clock_skew_seconds)
    key = _key(call, world)
    if is_v1_signature(call, key.secret_key):
        raise ApiError("AuthFailure.SignatureFailure", text="v1")
    raise ApiError("AuthFailure.SignatureFailure")


def _check_scope(call: Call, authorization: tc3.Authorization) -> None:
    """Check the credential scope and the list of signed headers.

    On hosts other than Tencent's the host's first label is accepted as service too: five SDKs
    derive the service from the endpoint (observed).
    """
    if authorization.service not in services(call):
        _refuse_credential("Service")
    if authorization.date != tc3.utc_date(int(call.common["Timestamp"])):
        _refuse_credential("Date")
    if authorization.terminator != tc3.TERMINATOR:
        _refuse_credential("tc3_request")
    names = {name.lower() for name in authorization.signed_headers}
    if (
        len(authorization.signed_headers) > _MAX_SIGNED_HEADERS
        or not {
            "content-type",
            "host",
        }
        <= names
    ):
        raise ApiError("AuthFailure.InvalidAuthorization", text="malformed", part="SignedHeaders")


def _refuse_credential(part: str) -> None:
    raise ApiError("AuthFailure.InvalidAuthorization", text="credential", part=part)


def _check_skew(call: Call, most: int) -> None:
    if abs(call.received - int(call.common["Timestamp"])) > most:
        raise ApiError("AuthFailure.SignatureExpire", server_time=int(call.received))


def _key(call: Call, world: World) -> Key:
    """Return the caller's key and fill `call.account`; a temporary key needs its token.

    A disabled key answers as an unknown one, and a token with a permanent key is wrong (both
    inferred).
    """
    if not call.secret_id.startswith("AKID"):
        raise ApiError("AuthFailure.InvalidSecretId")
    found = world.accounts.by_secret_id(call.secret_id)
    if found is None or not found[1].enabled:
        raise ApiError("AuthFailure.SecretIdNotFound")
    call.account, key = found
    expired = key.expires is not None and call.received >= key.expires
    if expired or call.common.get("Token") != key.token:
        raise ApiError("AuthFailure.TokenFailure")
    return key
