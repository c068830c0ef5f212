"""Why a call was refused by authentication: from its facts to a diagnosis."""

from collections.abc import Iterator

from mockserver.gateway import signing, tc3
from mockserver.gateway.attempt import Attempt
from mockserver.gateway.call import Call
from mockserver.gateway.diagnose import Diagnosis, diagnose, view
from mockserver.gateway.mistakes import Facts
from mockserver.state.accounts import Accounts
from mockserver.state.models import Key

REAL_HOST = "facefusion.tencentcloudapi.com"
_OTHER_SERVICES = (signing.SERVICE, REAL_HOST, "iai", "cvm", "FaceFusion", "")
_LOOPBACK = ("localhost", "127.0.0.1")
_PORTS = ("80", "443", "8670", "8643")
_HOURS = range(-12, 15)  # the world's time zones
_DAY = 86400


def is_examined(call: Call) -> bool:
    """Tell whether a call was refused for a reason that `explain` knows something of."""
    unsigned = call.v1 and call.code in ("MissingParameter", "InvalidParameter")
    return call.code.startswith("AuthFailure.") or unsigned


def explain(call: Call, accounts: Accounts) -> Diagnosis | None:
    """Return why authentication refused the call; None when the code says it all."""
    found = accounts.by_secret_id(call.secret_id)
    key = found[1] if found else None
    if call.code == "AuthFailure.SignatureFailure":
        return _signature(call, accounts, key) if key else None
    if call.code == "AuthFailure.InvalidAuthorization":
        return _evident(call, accounts, key, _authorization(call))
    if call.code == "AuthFailure.SignatureExpire":
        return _evident(call, accounts, key, _time(call))
    if call.code == "AuthFailure.TokenFailure":
        return _cause(_token(call, key)) if key else None
    if call.code in ("AuthFailure.SecretIdNotFound", "AuthFailure.InvalidSecretId"):
        return _cause(_secret_id(call, accounts))
    return _cause(_unsigned(call)) if call.v1 else None


def _cause(name: str) -> Diagnosis:
    return Diagnosis((name,), proven=True)


def _signature(call: Call, accounts: Accounts, key: Key) -> Diagnosis | None:
    if call.v1:
        return _cause("v1" if signing.is_v1_signature(call, key.secret_key) else "v1-wrong")
    if call.authorization is None:
        return None
    forms = _forms(call, call.authorization, key.secret_key)
    facts = _facts(call, call.authorization, accounts, key.secret_key)
    return diagnose(forms, call.authorization.signature, facts)


def _evident(call: Call, accounts: Accounts, key: Key | None, cause: str) -> Diagnosis:
    """Return a cause that the request itself shows, and what else its signature suffers from."""
    parts = call.authorization
    if parts is None or key is None or call.v1 or cause == "signed-headers":
        return _cause(cause)
    deeper = _signature(call, accounts, key)
    more = deeper.causes if deeper and deeper.proven else ()
    right = _forms(call, parts, key.secret_key)[0].but(
        timestamp=str(_seconds(call)),
        date=tc3.utc_date(_seconds(call)) or parts.date,
        service=parts.service if parts.service in signing.services(call) else signing.SERVICE,
        terminator=tc3.TERMINATOR,
    )
    return Diagnosis((cause, *more), True, view(right), deeper.client if deeper else None)


def _forms(call: Call, authorization: tc3.Authorization, secret_key: str) -> list[Attempt]:
    """Return every attempt whose signature is taken, the likeliest first."""
    return [
        Attempt(
            method=call.method,
            query=call.query,
            headers=headers,
            hashed_payload=signing.hashed_payload(call),
            timestamp=call.common["Timestamp"],
            date=authorization.date,
            service=authorization.service,
            secret_key=secret_key,
            terminator=authorization.terminator,
        )
        for headers in _header_forms(call, authorization)
    ]


def _header_forms(
    call: Call, authorization: tc3.Authorization
) -> Iterator[tuple[tuple[str, str], ...]]:
    for host in signing.hosts(call):
        values = {**call.headers, "host": host}
        names = [name.lower().strip() for name in authorization.signed_headers]
        verbatim = tuple((name, values.get(name, "")) for name in names)
        lowered = tuple((name, value.lower()) for name, value in verbatim)
        yield from dict.fromkeys((verbatim, lowered))


def _facts(
    call: Call, authorization: tc3.Authorization, accounts: Accounts, secret_key: str
) -> Facts:
    others = tuple(key for key in accounts.secret_keys() if key != secret_key)
    signed = {name.lower() for name in authorization.signed_headers}
    services = (*sorted(signing.services(call)), *_OTHER_SERVICES)
    return Facts(
        hosts=tuple(dict.fromkeys(_host_guesses(call))),
        services=tuple(dict.fromkeys(services)),
        body=call.body,
        other_keys=(call.secret_id, *others),
        secret_id=call.secret_id,
        signed_names=authorization.signed_headers,
        unsigned=tuple((n, call.header(n)) for n in ("x-tc-action",) if n not in signed),
    )


def _host_guesses(call: Call) -> Iterator[str]:
    """Yield the hosts that a client may have signed: of this server, or of the real service."""
    name, _, port = call.header("host").removeprefix("http://").rpartition(":")
    name = name or port
    yield REAL_HOST
    yield f"facefusion.{call.common.get('Region', '')}.tencentcloudapi.com"
    for near in (name, *_LOOPBACK):
        yield near
        for number in dict.fromkeys((port, *_PORTS)):
            yield f"{near}:{number}"
    yield f"{call.header('host')}/"
    yield ""


def _authorization(call: Call) -> str:
    parts = call.authorization
    if parts is None:
        return "authorization-form"
    if parts.service not in signing.services(call):
        return "scope-service"
    moment = int(call.common["Timestamp"])
    if _seconds(call) != moment:
        return "timestamp-milliseconds"
    if parts.date != tc3.utc_date(moment):
        local = {tc3.utc_date(moment + 3600 * hours) for hours in _HOURS}
        return "local-date" if parts.date in local else "scope-date"
    return "scope-terminator" if parts.terminator != tc3.TERMINATOR else "signed-headers"


def _seconds(call: Call) -> int:
    """Return the call's time in seconds, also where it was sent in a finer unit."""
    moment = int(call.common["Timestamp"])
    for unit in (1000, 1_000_000, 1_000_000_000):
        if abs(moment / unit - call.received) < _DAY:
            return moment // unit
    return moment


def _time(call: Call) -> str:
    moment = int(call.common["Timestamp"])
    if _seconds(call) != moment:
        return "timestamp-milliseconds"
    hours, rest = divmod(abs(moment - call.received) + 60, 3600)
    return "time-zone" if 1 <= hours <= 14 and rest < 120 else "clock"


def _token(call: Call, key: Key) -> str:
    if key.token is None:
        return "token-not-wanted"
    sent = call.common.get("Token")
    if sent == key.token:
        return "token-expired"
    return "token-wrong" if sent else "token-missing"


def _secret_id(call: Call, accounts: Accounts) -> str:
    if call.secret_id in accounts.secret_keys():
        return "swapped-keys"
    if accounts.by_secret_id(call.secret_id.strip("\"' \t")) is not None:
        return "secret-id-unknown" if call.secret_id.startswith("AKID") else "secret-id-spaces"
    return "secret-id-unknown"


def _unsigned(call: Call) -> str:
    if "authorization" in call.headers:
        return "form-body"
    return "v1-wrong" if call.common.get("Signature") else "no-authorization"
