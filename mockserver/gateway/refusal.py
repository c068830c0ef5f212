"""Why a call was refused by authentication: from its facts to a diagnosis."""

from mockserver.gateway import signing, tc3
from mockserver.gateway.attempt import Attempt
from mockserver.gateway.call import Call
from mockserver.gateway.diagnose import Diagnosis, diagnose
from mockserver.gateway.mistakes import Facts
from mockserver.state.accounts import Accounts

REAL_HOST = "facefusion.tencentcloudapi.com"
_OTHER_SERVICES = (
    signing.SERVICE,
    "facefusion.tencentcloudapi.com",
    "iai",
    "cvm",
    "FaceFusion",
    "",
)
_HOURS = range(-12, 15)  # the world's time zones


def is_examined(call: Call) -> bool:
    """Tell whether a call was refused for a reason that `explain` knows something of."""
    return call.code.startswith("AuthFailure.") or (call.v1 and call.code == "MissingParameter")


def explain(call: Call, accounts: Accounts) -> Diagnosis | None:
    """Return why authentication refused the call; None when the code says it all."""
    if call.code == "AuthFailure.SignatureFailure":
        return _signature(call, accounts)
    if call.code == "AuthFailure.InvalidAuthorization":
        return _cause(_authorization(call))
    if call.code == "AuthFailure.SignatureExpire":
        return _cause(_time(call))
    if call.code in ("AuthFailure.SecretIdNotFound", "AuthFailure.InvalidSecretId"):
        return _cause(_secret_id(call, accounts))
    if call.code == "MissingParameter" and call.v1:
        return _cause("form-body" if "authorization" in call.headers else "no-authorization")
    return None


def _cause(name: str) -> Diagnosis:
    return Diagnosis((name,), proven=True)


def _signature(call: Call, accounts: Accounts) -> Diagnosis | None:
    found = accounts.by_secret_id(call.secret_id)
    if found is None:
        return None
    secret_key = found[1].secret_key
    if call.v1:
        return _cause("v1" if signing.is_v1_signature(call, secret_key) else "v1-wrong")
    if call.authorization is None:
        return None
    others = tuple(key for key in accounts.secret_keys() if key != secret_key)
    facts = Facts(
        hosts=(*signing.hosts(call), REAL_HOST, ""),
        services=(*sorted(signing.services(call)), *_OTHER_SERVICES),
        body=call.body,
        other_keys=(*others, call.secret_id),
    )
    right = _right(call, call.authorization, secret_key)
    return diagnose(right, call.authorization.signature, facts)


def _right(call: Call, authorization: tc3.Authorization, secret_key: str) -> Attempt:
    headers = ((name, call.header(name.lower())) for name in authorization.signed_headers)
    return Attempt(
        method=call.method,
        query=call.query,
        headers=tuple(headers),
        hashed_payload=signing.hashed_payload(call),
        timestamp=call.common["Timestamp"],
        date=authorization.date,
        service=authorization.service,
        secret_key=secret_key,
    )


def _authorization(call: Call) -> str:
    parts = call.authorization
    if parts is None:
        return "authorization-form"
    moment = int(call.common["Timestamp"])
    if parts.service not in signing.services(call):
        return "scope-service"
    if parts.date != tc3.utc_date(moment):
        local = {tc3.utc_date(moment + 3600 * hours) for hours in _HOURS}
        return "local-date" if parts.date in local else "scope-date"
    return "scope-terminator" if parts.terminator != tc3.TERMINATOR else "signed-headers"


def _time(call: Call) -> str:
    moment = int(call.common["Timestamp"])
    if abs(moment / 1000 - call.received) < 86400:
        return "timestamp-milliseconds"
    hours, rest = divmod(abs(moment - call.received) + 60, 3600)
    return "time-zone" if 1 <= hours <= 14 and rest < 120 else "clock"


def _secret_id(call: Call, accounts: Accounts) -> str:
    if call.secret_id in accounts.secret_keys():
        return "swapped-keys"
    if accounts.by_secret_id(call.secret_id.strip("\"' \t")) is not None:
        return "secret-id-unknown" if call.secret_id.startswith("AKID") else "secret-id-spaces"
    return "secret-id-unknown"
