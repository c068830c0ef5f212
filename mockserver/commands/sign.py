"""`sign`: a request's signature, or why a client's own is wrong."""

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import click

from mockserver.commands.terminal import explain
from mockserver.errors import Language
from mockserver.gateway import refusal, signing, tc3
from mockserver.gateway.call import Call
from mockserver.remote import Remote, RemoteError
from mockserver.state.accounts import Accounts
from mockserver.state.models import Account, Key, Seed

_REQUEST_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_FINER_THAN_SECONDS = 10**11  # a later moment is in the year 5138

_LABELS: Mapping[Language, Mapping[str, str]] = {
    "en-US": {
        "right": "the signature is right",
        "proven": "proven: making these mistakes gives this very signature",
        "likely": "not proven: no known mistakes give this very signature",
        "server": "as the server takes it",
        "client": "as the client signed it",
        "canonical_request": "canonical request",
        "string_to_sign": "string to sign",
    },
    "zh-CN": {
        "right": "签名正确",
        "proven": "已证实：按这些错误计算可得出完全相同的签名",
        "likely": "未证实：没有任何已知错误能得出该签名",
        "server": "服务端的计算",
        "client": "客户端的计算",
        "canonical_request": "规范请求串",
        "string_to_sign": "待签名字符串",
    },
}


@dataclass(frozen=True, kw_only=True)
class Request:
    """A request as it is sent, and the key pair it is signed with; `headers` by lower-case name."""

    endpoint: str
    secret_id: str
    secret_key: str
    timestamp: int | None
    method: str
    query: str
    body: bytes
    headers: Mapping[str, str]

    @property
    def all_headers(self) -> dict[str, str]:
        """The headers with Host, which the endpoint tells unless it is given."""
        return {"host": urlsplit(self.endpoint).netloc, **self.headers}


def print_signature(request: Request) -> int:
    """Print how the request is signed rightly; return an exit status."""
    moment = int(time.time()) if request.timestamp is None else request.timestamp
    signed = tc3.sign_request(
        secret_id=request.secret_id,
        secret_key=request.secret_key,
        service=signing.SERVICE,
        timestamp=moment,
        headers=request.all_headers.items(),
        payload=request.body,
        method=request.method,
        query=request.query,
    )
    click.echo(f"X-TC-Timestamp: {moment}\n")
    click.echo(f"canonical request:\n{signed.canonical_request}\n")
    click.echo(f"string to sign:\n{signed.string_to_sign}\n")
    click.echo(f"Authorization: {signed.authorization}")
    return 0


def is_request_id(text: str) -> bool:
    """Tell whether a text is a RequestId."""
    return _REQUEST_ID.fullmatch(text.strip()) is not None


def explain_call(request_id: str, endpoint: str, token: str | None, language: Language) -> int:
    """Print what a server's journal says of a call's signature; return 0 when it is right."""
    try:
        entry = Remote(endpoint, token).ask("GET", f"/requests/{request_id.strip().lower()}")
    except RemoteError as error:
        return explain(str(error))
    if entry["diagnosis"] is not None:
        return _print(entry["diagnosis"], language)
    click.echo(f"{entry['code']} {entry['message']}".strip())
    return int(entry["code"].startswith("AuthFailure."))


def explain_authorization(text: str, request: Request, language: Language) -> int:
    """Print why an Authorization header is wrong for a request; return 0 when it is right."""
    if request.timestamp is None:
        return explain("--explain needs --timestamp, the X-TC-Timestamp that was sent")
    call = _call(text.removeprefix("Authorization:").strip(), request)
    key = Key.model_construct(secret_id=request.secret_id, secret_key=request.secret_key)
    call.code = _code(call, key)
    account = Account.model_construct(keys=[key])
    found = refusal.explain(call, Accounts(Seed.model_construct(accounts=[account])))
    if found is None:
        click.echo(_LABELS[language]["right"])
        return 0
    return _print(found.as_dict(), language)


def _call(authorization: str, request: Request) -> Call:
    moment = request.timestamp or 0
    parts = tc3.parse_authorization(authorization)
    return Call(
        method=request.method,
        scheme=urlsplit(request.endpoint).scheme,
        query=request.query,
        headers=request.all_headers,
        client="",
        request_id="",
        received=moment / 1000 if moment > _FINER_THAN_SECONDS else moment,
        body=request.body,
        common={"Timestamp": str(moment), "Region": "ap-guangzhou"},
        authorization=parts,
        secret_id=parts.secret_id if parts else "",
    )


def _code(call: Call, key: Key) -> str:
    """Return the code that a server would answer with, whatever its clock says; empty: none."""
    parts = call.authorization
    if parts is None:
        return "AuthFailure.InvalidAuthorization"
    date = tc3.utc_date(int(call.common["Timestamp"]))
    signed = {name.lower() for name in parts.signed_headers}
    scope_is_right = (
        parts.service in signing.services(call)
        and (parts.date, parts.terminator) == (date, tc3.TERMINATOR)
        and {"content-type", "host"} <= signed
    )
    if not scope_is_right:
        return "AuthFailure.InvalidAuthorization"
    if parts.secret_id != key.secret_id:
        return "AuthFailure.SecretIdNotFound"
    is_right = signing.matches(call, parts, key.secret_key)
    return "" if is_right else "AuthFailure.SignatureFailure"


def _print(diagnosis: Mapping[str, Any], language: Language) -> int:
    labels = _LABELS[language]
    explanation = diagnosis["explanation_zh" if language == "zh-CN" else "explanation"]
    click.echo(f"{', '.join(diagnosis['causes'])}\n{explanation}")
    click.echo(labels["proven" if diagnosis["proven"] else "likely"])
    for side in ("server", "client"):
        for name, text in (diagnosis[side] or {}).items():
            click.echo(f"\n{labels[side]}: {labels[name]}\n{text}")
    return 1
