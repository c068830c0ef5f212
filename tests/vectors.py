"""Requests as the official SDKs put them on the wire, byte for byte, for tests over raw sockets.

What is not in a template was recorded from the SDKs, but for .NET's, which was read. The signer is
written apart from the server's, so that a mistake in either shows.
"""

import errno
import hashlib
import hmac
import json
import socket
import time
from base64 import b64encode
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from http.client import HTTPResponse
from typing import Any
from urllib.parse import quote, quote_plus

from mockserver.state.accounts import Accounts
from mockserver.state.models import DEFAULT_SECRET_ID, DEFAULT_SECRET_KEY, Key, Seed
from tests.live import Live
from tests.photos import encoded, scaled, user

TIMEOUT = 10  # seconds until an answer that does not come is a failure

# Characters that the SDKs' encoders treat differently; the call ends at the unknown project.
PARAMS: dict[str, Any] = {
    "ProjectId": "0",
    "ModelId": "qc/0 & <素材> *!()~'=+\"",
    "RspImgType": "url",
    "FuseParam": {"ImageCodecParam": {"MetaData": [{"MetaKey": "作者", "MetaValue": "a b"}]}},
}
FLAT_PARAMS = {name: value for name, value in PARAMS.items() if isinstance(value, str)}


@dataclass(frozen=True)
class Credential:
    """An API key pair; with a token, a temporary one."""

    secret_id: str = DEFAULT_SECRET_ID
    secret_key: str = DEFAULT_SECRET_KEY
    token: str = ""


TEMPORARY = Credential("AKIDtemporary", "temporarySecretKey", "a+temporary/token==")


def add_temporary_key(live: Live, *, seconds: float = 3600) -> Credential:
    """Let the server know TEMPORARY for some seconds of its clock."""
    account = live.world.accounts.any()
    key = Key(
        secret_id=TEMPORARY.secret_id,
        secret_key=TEMPORARY.secret_key,
        token=TEMPORARY.token,
        expires=live.world.clock.now() + seconds,
    )
    account.keys.append(key)
    live.world.accounts = Accounts(Seed(accounts=[account]), live.world.clocks)
    return TEMPORARY


# The reference signer.


def sha256(data: bytes) -> str:
    """Lower-case hex."""
    return hashlib.sha256(data).hexdigest()


def _hmac(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def tc3_signature(secret_key: str, timestamp: int, service: str, canonical: str) -> tuple[str, str]:
    """The credential scope and the signature of a canonical request."""
    date = time.strftime("%Y-%m-%d", time.gmtime(timestamp))
    scope = f"{date}/{service}/tc3_request"
    key = b"TC3" + secret_key.encode()
    for text in scope.split("/", 1)[0], service, "tc3_request":
        key = _hmac(key, text)
    text = f"TC3-HMAC-SHA256\n{timestamp}\n{scope}\n{sha256(canonical.encode())}"
    return scope, _hmac(key, text).hex()


def v1_signature(secret_key: str, method: str, text: str) -> str:
    """Signature by HmacSHA1 or HmacSHA256, base64."""
    digest = hashlib.sha1 if method == "HmacSHA1" else hashlib.sha256
    return b64encode(hmac.new(secret_key.encode(), text.encode(), digest).digest()).decode()


# How the SDKs write parameters.


def flatten(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Names like `MetaData.0.MetaKey` with their values."""
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for name, item in items:
        if isinstance(item, dict | list):
            yield from flatten(item, f"{path}{name}.")
        else:
            yield f"{path}{name}", str(item)


def _query(pairs: Sequence[tuple[str, str]], encode: Callable[[str], str]) -> str:
    return "&".join(f"{encode(name)}={encode(value)}" for name, value in pairs)


def _java_order(pairs: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """The order of a HashMap, near enough: neither sorted nor as written."""
    return sorted(pairs, key=lambda pair: sha256(pair[0].encode()))


def _as_unicode_escapes(text: str, characters: str) -> str:
    for character in characters:
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def go_json(params: Any) -> str:
    return _as_unicode_escapes(plain_json(params), "&<>")


def java_json(params: Any) -> str:
    return _as_unicode_escapes(plain_json(params), "&<>='")


def php_json(params: Any) -> str:
    return plain_json(params).replace("/", "\\/")


def ruby_json(params: Any) -> str:
    return json.dumps(params, separators=(",", ": "))


def plain_json(params: Any) -> str:
    return json.dumps(params, separators=(",", ":"), ensure_ascii=False)


def go_query(pairs: Sequence[tuple[str, str]]) -> str:
    return _query(sorted(pairs), lambda text: quote_plus(text, safe="~"))


def php_query(pairs: Sequence[tuple[str, str]]) -> str:
    return _query(pairs, lambda text: quote_plus(text).replace("~", "%7E"))


def ruby_query(pairs: Sequence[tuple[str, str]]) -> str:
    return _query(pairs, lambda text: quote_plus(text, safe="*").replace("~", "%7E"))


def java_query(pairs: Sequence[tuple[str, str]]) -> str:
    return ruby_query(_java_order(pairs))


def dotnet_query(pairs: Sequence[tuple[str, str]]) -> str:
    return _query(pairs, lambda text: quote_plus(text, safe="!*()").replace("~", "%7E"))


def node_query(pairs: Sequence[tuple[str, str]]) -> str:
    return _query(pairs, lambda text: quote(text, safe="!*()~'"))


# What stands in the templates' places: {length} of the body, {token}, {language}, {unsigned}; a
# line whose place stays empty is not sent. {target} is `/` or, with a query, `/?...`.

GO = """\
{method} {target} HTTP/1.1
Host: {host}
User-Agent: Go-http-client/1.1
Content-Length: {length}
Authorization: {authorization}
Content-Type: {type}
X-Tc-Action: {action}
X-Tc-Content-Sha256: {unsigned}
X-Tc-Language: {language}
X-Tc-Region: {region}
X-Tc-Requestclient: SDK_GO_1.1.40
X-Tc-Timestamp: {timestamp}
X-Tc-Token: {token}
X-Tc-Version: {version}
Accept-Encoding: gzip
"""

JAVA = """\
{method} {target} HTTP/1.1
Content-Type: {type}
Host: {host}
Authorization: {authorization}
X-TC-Action: {action}
X-TC-Timestamp: {timestamp}
X-TC-Version: {version}
X-TC-RequestClient: SDK_JAVA_3.1.1200
X-TC-Region: {region}
X-TC-Token: {token}
X-TC-Content-SHA256: {unsigned}
X-TC-Language: {language}
Content-Length: {length}
Connection: Keep-Alive
Accept-Encoding: gzip
User-Agent: okhttp/3.12.13
"""

PHP = """\
{method} {target} HTTP/1.1
Host: {host}
Connection: close
User-Agent: GuzzleHttp/7
X-TC-Action: {action}
X-TC-RequestClient: SDK_PHP_3.0.1300
X-TC-Timestamp: {timestamp}
X-TC-Version: {version}
X-TC-Region: {region}
X-TC-Token: {token}
X-TC-Language: {language}
Content-Type: {type}
X-TC-Content-SHA256: {unsigned}
Authorization: {authorization}
Content-Length: {length}
Expect: {expect}
"""

CPP = """\
{method} {target} HTTP/1.1
Host: {host}
Accept: */*
Authorization: {authorization}
Connection: Close
Content-Type: {type}
X-TC-Action: {action}
X-TC-Language: {language}
X-TC-Region: {region}
X-TC-RequestClient: SDK_CPP_3.3.30
X-TC-Timestamp: {timestamp}
X-TC-Token: {token}
X-TC-Version: {version}
Content-Length: {length}
Expect: {expect}
"""

DOTNET = """\
{method} {target} HTTP/1.1
Host: {host}
Authorization: {authorization}
X-TC-Timestamp: {timestamp}
X-TC-Version: {version}
X-TC-Region: {region}
X-TC-RequestClient: SDK_NET_3.0.1000
X-TC-Token: {token}
X-TC-Language: {language}
X-TC-Action: {action}
Content-Type: {type}
Content-Length: {length}
"""

RUBY = """\
{method} {target} HTTP/1.1
Accept-Encoding: gzip;q=1.0,deflate;q=0.6,identity;q=0.3
Accept: */*
User-Agent: Ruby
Host: {host}
Content-Type: {type}
X-Tc-Action: {action}
X-Tc-Timestamp: {timestamp}
X-Tc-Version: {version}
X-Tc-Region: {region}
X-Tc-Language: {language}
X-Tc-Token: {token}
X-Tc-Content-Sha256: {unsigned}
Authorization: {authorization}
Connection: close
Content-Length: {length}
"""

NODE = """\
{method} {target} HTTP/1.1
Content-Type: {type}
X-TC-TraceId: 8f2f6f0e-2f0e-4b7a-9d0b-0a6a4ef6a001
Accept: */*
Content-Length: {length}
User-Agent: node-fetch/1.0 (+https://github.com/bitinn/node-fetch)
Accept-Encoding: gzip,deflate
Connection: close
Host: {host}
"""

FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Sdk:
    """How one SDK writes a request; an empty type says that it does not do this."""

    name: str
    template: str
    json: Callable[[Any], str] = plain_json
    query: Callable[[Sequence[tuple[str, str]]], str] = php_query
    post_type: str = "application/json"
    get_type: str = FORM
    fixed_service: bool = False  # else the endpoint up to its first dot
    unsigned: bool = True
    language: str = "zh-CN"
    get_length: str = ""
    gap: str = " "  # after the algorithm's name
    needs_dot: bool = False
    v1_post_type: str = FORM
    v1_line_break: bool = False

    def __str__(self) -> str:
        return self.name

    @property
    def signs_get(self) -> bool:
        return bool(self.get_type)


SDKS = (
    Sdk("go", GO, json=go_json, query=go_query, fixed_service=True),
    Sdk(
        "java",
        JAVA,
        json=java_json,
        query=java_query,
        post_type="application/json; charset=utf-8",
        language="en-US",
        v1_post_type=f"{FORM}; charset=utf-8",
    ),
    Sdk("php", PHP, json=php_json, get_length="0", language=""),
    Sdk("cpp", CPP, get_type="", unsigned=False, needs_dot=True, v1_post_type=""),
    Sdk(
        "dotnet",
        DOTNET,
        query=dotnet_query,
        post_type="application/json; charset=utf-8",
        get_type=f"{FORM}; charset=utf-8",
        unsigned=False,
        language="",
        get_length="0",
        gap="  ",
        v1_post_type="",
    ),
    Sdk("ruby", RUBY, json=ruby_json, query=ruby_query, v1_line_break=True),
)
NODE_V1 = Sdk("node", NODE, query=node_query, language="")


@dataclass(frozen=True)
class Sent:
    """One request's bytes, in two pieces for clients that wait before the second."""

    head: bytes
    body: bytes

    @property
    def raw(self) -> bytes:
        return self.head + self.body


@dataclass(frozen=True)
class Request:
    """A request that an SDK is asked to make."""

    sdk: Sdk
    endpoint: str
    timestamp: int
    method: str = "POST"
    credential: Credential = Credential()
    params: Any = None  # PARAMS
    language: str | None = None  # the SDK's own
    unsigned: bool = False
    action: str = "FaceFusion"
    expect: bool = False
    proxied: bool = False

    @property
    def service(self) -> str:
        return "facefusion" if self.sdk.fixed_service else self.endpoint.split(".")[0]

    @property
    def _pairs(self) -> list[tuple[str, str]]:
        return list(flatten(PARAMS if self.params is None else self.params))

    def _target(self, query: str) -> str:
        # Ruby's HTTP library takes a host with a port for an IPv6 address.
        before = f"http://[{self.endpoint}]" if self.proxied else ""
        return f"{before}/{'?' if query else ''}{query}"

    def _fill(self, body: bytes, values: dict[str, str]) -> Sent:
        lines = [
            line
            for line in self.sdk.template.splitlines()
            if "{" not in line or line.partition("{")[2].partition("}")[0] in values
        ]
        head = "\r\n".join(lines).format(**values) + "\r\n\r\n"
        return Sent(head.encode(), body)

    def tc3(self) -> Sent:
        """The request with signature v3."""
        sdk, get = self.sdk, self.method == "GET"
        query = sdk.query(self._pairs) if get else ""
        body = b"" if get else sdk.json(PARAMS if self.params is None else self.params).encode()
        content_type = sdk.get_type if get else sdk.post_type
        payload = sha256(b"UNSIGNED-PAYLOAD" if self.unsigned else body)
        canonical = (
            f"{self.method}\n/\n{query}\ncontent-type:{content_type}\nhost:{self.endpoint}\n\n"
            f"content-type;host\n{payload}"
        )
        scope, signature = tc3_signature(
            self.credential.secret_key, self.timestamp, self.service, canonical
        )
        authorization = (
            f"TC3-HMAC-SHA256{sdk.gap}Credential={self.credential.secret_id}/{scope}, "
            f"SignedHeaders=content-type;host, Signature={signature}"
        )
        values = {
            "method": self.method,
            "target": self._target(query),
            "host": self.endpoint,
            "type": content_type,
            "authorization": authorization,
            "action": self.action,
            "version": "2018-12-01",
            "region": "ap-guangzhou",
            "timestamp": str(self.timestamp),
            "language": sdk.language if self.language is None else self.language,
            "token": self.credential.token,
            "unsigned": "UNSIGNED-PAYLOAD" if self.unsigned else "",
            "length": sdk.get_length if get else str(len(body)),
            "expect": "100-continue" if self.expect else "",
        }
        return self._fill(body, {name: value for name, value in values.items() if value})

    def v1(self, signature_method: str) -> Sent:
        """The request with signature v1, whose parameters all stand in query or form."""
        sdk, get = self.sdk, self.method == "GET"
        common = {
            "Action": self.action,
            "RequestClient": "SDK",
            "Nonce": "8674665223082153551",
            "Timestamp": str(self.timestamp),
            "Version": "2018-12-01",
            "SecretId": self.credential.secret_id,
            "Region": "ap-guangzhou",
            "SignatureMethod": signature_method,
            "Token": self.credential.token,
            "Language": sdk.language if self.language is None else self.language,
        }
        pairs = [(name, value) for name, value in (*self._pairs, *common.items()) if value]
        text = "&".join(f"{name}={value}" for name, value in sorted(pairs))
        text = f"{self.method}{self.endpoint}/?{text}"
        signature = v1_signature(self.credential.secret_key, signature_method, text)
        pairs.append(("Signature", signature + "\n" * sdk.v1_line_break))
        form = sdk.query(pairs)
        body = b"" if get else form.encode()
        values = {
            "method": self.method,
            "target": self._target(form if get else ""),
            "host": self.endpoint,
            "type": "" if get else sdk.v1_post_type,
            "length": sdk.get_length if get else str(len(body)),
        }
        return self._fill(body, {name: value for name, value in values.items() if value})

    def but(self, **changes: Any) -> "Request":
        return replace(self, **changes)


# Sending.


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def response(self) -> dict[str, Any]:
        """What stands in the envelope, which is checked."""
        assert self.status == 200, self
        assert self.headers["content-type"] == "application/json"
        outer = json.loads(self.body)
        assert list(outer) == ["Response"]
        assert len(outer["Response"]["RequestId"]) == 36
        response: dict[str, Any] = outer["Response"]
        return response

    @property
    def code(self) -> str:
        return str(self.response["Error"]["Code"])

    @property
    def message(self) -> str:
        return str(self.response["Error"]["Message"])


@contextmanager
def connected(authority: str) -> Iterator[socket.socket]:
    """A raw connection."""
    host, _, port = authority.rpartition(":")
    with socket.create_connection((host, int(port)), timeout=TIMEOUT) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        yield connection


def end_of(connection: socket.socket) -> str:
    """How the connection ends once all that comes has been read."""
    try:
        while connection.recv(65536):
            pass
    except ConnectionResetError as error:
        return errno.errorcode[error.errno or 0]
    return "EOF"


def read_answer(connection: socket.socket, method: str = "POST") -> Answer:
    """Read one answer, and no byte more than belongs to it."""
    response = HTTPResponse(connection, method=method)
    response.begin()
    body = response.read()
    headers = {name.lower(): value for name, value in response.getheaders()}
    response.close()
    return Answer(response.status, headers, body)


def exchange(live: Live, raw: bytes) -> Answer:
    """Send a request over a connection of its own."""
    with connected(live.authority) as connection:
        connection.sendall(raw)
        return read_answer(connection)


def exchange_with_pause(live: Live, sent: Sent) -> Answer:
    """Send the body only after the server said to go on."""
    with connected(live.authority) as connection:
        connection.sendall(sent.head)
        go_on = b""
        while not go_on.endswith(b"\r\n\r\n"):
            piece = connection.recv(1)
            assert piece, "closed before it said to go on"
            go_on += piece
        assert go_on.startswith(b"HTTP/1.1 100 "), go_on
        connection.sendall(sent.body)
        return read_answer(connection)


@cache
def small_picture() -> str:
    """A face as base64 that a query can carry."""
    small = encoded(scaled(user("hopper.jpg"), 0.25), "JPEG", quality=60)
    return b64encode(small).decode()
