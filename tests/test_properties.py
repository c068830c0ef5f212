"""Whatever the reference algorithm signs is accepted; any change of what was signed is refused."""

import string
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from random import Random

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tests.live import Live
from tests.vectors import (
    TEMPORARY,
    Credential,
    add_temporary_key,
    connected,
    plain_json,
    read_answer,
    sha256,
    tc3_signature,
)
from tests.wire import PASSED, PROBE

NOW = 1700000000
FAILURE = "AuthFailure.SignatureFailure"
INVALID = "AuthFailure.InvalidAuthorization"
FORM = "application/x-www-form-urlencoded"
ALGORITHM = "TC3-HMAC-SHA256"
LITERAL = "UNSIGNED-PAYLOAD"
# What a body or query of any bytes can lead to, once the caller is known.
PAST_AUTHENTICATION = {
    PASSED,
    "InvalidParameter",
    "InvalidRequest",
    "MissingParameter",
    "UnknownParameter",
}

examples = settings(
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.filter_too_much],
)


@dataclass(frozen=True)
class Request:
    """A signed request; what is changed afterwards stays changed when it is written."""

    method: str
    query: str
    body: bytes
    headers: dict[str, str]  # by lower-case name, without Authorization
    secret_id: str
    date: str
    service: str
    names: tuple[str, ...]
    signature: str
    terminator: str = "tc3_request"
    algorithm: str = ALGORITHM

    @property
    def authorization(self) -> str:
        credential = f"{self.secret_id}/{self.date}/{self.service}/{self.terminator}"
        names = ";".join(self.names)
        return (
            f"{self.algorithm} Credential={credential}, SignedHeaders={names}, "
            f"Signature={self.signature}"
        )

    def with_header(self, name: str, value: str) -> "Request":
        return replace(self, headers={**self.headers, name: value})

    def without_header(self, name: str) -> "Request":
        kept = {other: value for other, value in self.headers.items() if other != name}
        return replace(self, headers=kept)

    def raw(self, random: Random) -> bytes:
        """The bytes, with headers in any order, case and spacing."""
        headers = {**self.headers, "authorization": self.authorization}
        if self.body or self.method == "POST" or random.random() < 0.5:
            headers["content-length"] = str(len(self.body))
        lines = [
            f"{_any_case(name, random)}:{_blanks(random)}{value}{_blanks(random)}\r\n"
            for name, value in headers.items()
        ]
        random.shuffle(lines)
        target = f"/?{self.query}" if self.query or random.random() < 0.2 else "/"
        return f"{self.method} {target} HTTP/1.1\r\n{''.join(lines)}\r\n".encode() + self.body


def _any_case(name: str, random: Random) -> str:
    return "".join(random.choice((letter.upper(), letter)) for letter in name)


def _blanks(random: Random) -> str:
    return random.choice(("", " ", "  ", "\t", " \t "))


# Requests of every shape.

printable = st.text(string.ascii_letters + string.digits + string.punctuation, min_size=1)
header_values = st.builds(
    " ".join, st.lists(printable, min_size=1, max_size=3)
)  # trimmed, with single blanks inside
extra_headers = st.dictionaries(
    st.from_regex(r"x-[a-z0-9-]{1,12}", fullmatch=True).filter(
        lambda name: not name.startswith("x-tc-")
    ),
    header_values,
    max_size=3,
)
queries = st.text(
    "".join(sorted(set(string.printable) - set(string.whitespace) - set("#"))), max_size=200
)
bodies = st.one_of(st.binary(max_size=300), st.just(plain_json(PROBE).encode()))
post_types = st.one_of(
    st.sampled_from(
        [
            "application/json",
            "application/json; charset=utf-8",
            "Application/JSON;charset=UTF-8",
            "application/octet-stream",
            "multipart/form-data; boundary=AaB03x",
            "text/plain",
        ]
    ),
    header_values.filter(lambda value: FORM not in value.lower()),
)
names_of_common_headers = st.sets(
    st.sampled_from(["x-tc-action", "x-tc-version", "x-tc-timestamp", "x-tc-region"])
)
PORT = 8670
hosts = st.sampled_from(
    [
        f"127.0.0.1:{PORT}",
        "127.0.0.1",
        f"localhost:{PORT}",
        f"LocalHost:{PORT}",
        f"[::1]:{PORT}",
        f"http://localhost:{PORT}",
        f"https://mock.example.com:{PORT}",
        "facefusion.tencentcloudapi.com",
        "facefusion.tencentcloudapi.com:443",
        "facefusion.ap-guangzhou.tencentcloudapi.com",
        "facefusion.tencentcloudapi.com.cn",
        f"mock.example.com:{PORT}",
    ]
)


def signed_hosts(sent: str) -> list[str]:
    """The forms of a Host that SDKs sign: as it is, and as Node does, without its port."""
    name, colon, port = sent.rpartition(":")
    return [sent, name] if colon and port.isdigit() else [sent]


def services(sent: str) -> list[str]:
    """The services that SDKs derive from an endpoint."""
    if "tencentcloudapi.com" in sent:
        return ["facefusion"]
    return ["facefusion", *(form.split(".")[0] for form in signed_hosts(sent))]


@st.composite
def requests(draw: st.DrawFn, *, methods: tuple[str, ...] = ("POST", "GET")) -> Request:
    method = draw(st.sampled_from(methods))
    post = method == "POST"
    query = "" if post else draw(queries)
    body = draw(bodies) if post else b""
    host = draw(hosts)
    key = draw(st.sampled_from([Credential(), TEMPORARY]))
    timestamp = NOW + draw(st.integers(-300, 300))
    extra = draw(extra_headers)
    headers = {
        "content-type": draw(post_types) if post else FORM,
        "host": host,
        "x-tc-action": "FaceFusion",
        "x-tc-version": "2018-12-01",
        "x-tc-timestamp": str(timestamp),
        "x-tc-region": "ap-guangzhou",
        **extra,
    }
    if key.token:
        headers["x-tc-token"] = key.token
    if unsigned := draw(st.booleans()):
        headers["x-tc-content-sha256"] = LITERAL
    names = sorted({"content-type", "host", *extra, *draw(names_of_common_headers)})
    signed = {**headers, "host": draw(st.sampled_from(signed_hosts(host)))}
    if draw(st.booleans()):
        signed = {name: value.lower() for name, value in signed.items()}
    service = draw(st.sampled_from(services(host)))
    lines = "".join(f"{name}:{signed[name]}\n" for name in names)
    payload = sha256(LITERAL.encode() if unsigned else body)
    canonical = f"{method}\n/\n{query}\n{lines}\n{';'.join(names)}\n{payload}"
    scope, signature = tc3_signature(key.secret_key, timestamp, service, canonical)
    return Request(
        method=method,
        query=query,
        body=body,
        headers=headers,
        secret_id=key.secret_id,
        date=scope.partition("/")[0],
        service=service,
        names=tuple(names),
        signature=signature,
    )


randoms = st.integers(0, 2**32).map(Random)


@pytest.fixture
def ask(live: Live) -> Iterator["Ask"]:
    """Send over one connection and return the code."""
    live.world.clock.set(NOW)
    add_temporary_key(live)
    with connected(live.authority) as connection:

        def send(request: Request, random: Random) -> str:
            connection.sendall(request.raw(random))
            return read_answer(connection, request.method).code

        yield send


Ask = Callable[[Request, Random], str]


@settings(examples, max_examples=300)
@given(request=requests(), random=randoms)
def test_what_is_signed_is_accepted(ask: Ask, request: Request, random: Random) -> None:
    assert ask(request, random) in PAST_AUTHENTICATION


# Changes of what was signed; each returns the changed request and the code that fits.

Change = Callable[[Request, Random], tuple[Request, str]]


def another(text: str, random: Random, alphabet: str) -> str:
    """The text with one character changed, in more than its case."""
    assume(text)
    at = random.randrange(len(text))
    others = [letter for letter in alphabet if letter.lower() != text[at].lower()]
    return text[:at] + random.choice(others) + text[at + 1 :]


def method_to_get(request: Request, random: Random) -> tuple[Request, str]:
    assume(request.method == "POST")
    return replace(request, method="GET"), FAILURE


def method_to_post(request: Request, random: Random) -> tuple[Request, str]:
    """A form POST is signature v1, all of whose parameters stand in the form."""
    assume(request.method == "GET")
    return replace(request, method="POST"), "MissingParameter"


def method_to_another(request: Request, random: Random) -> tuple[Request, str]:
    method = random.choice(["PUT", "DELETE", "PATCH", "OPTIONS"])
    return replace(request, method=method), "UnsupportedProtocol"


def query_byte(request: Request, random: Random) -> tuple[Request, str]:
    assume(request.method == "GET")
    at = random.randrange(len(request.query) + 1)
    longer = request.query[:at] + random.choice(string.ascii_letters + "&=+%") + request.query[at:]
    shorter = request.query[:at] + request.query[at + 1 :]
    query = random.choice([text for text in (longer, shorter) if text != request.query])
    return replace(request, query=query), FAILURE


def body_byte(request: Request, random: Random) -> tuple[Request, str]:
    assume(request.body and "x-tc-content-sha256" not in request.headers)
    body = bytearray(request.body)
    body[random.randrange(len(body))] ^= random.randint(1, 255)
    return replace(request, body=bytes(body)), FAILURE


def body_length(request: Request, random: Random) -> tuple[Request, str]:
    assume(request.method == "POST" and "x-tc-content-sha256" not in request.headers)
    body = random.choice([request.body + b" ", request.body[:-1] or b"x"])
    return replace(request, body=body), FAILURE


def content_type(request: Request, random: Random) -> tuple[Request, str]:
    value = request.headers["content-type"] + random.choice([";", "; charset=gbk", "x"])
    return request.with_header("content-type", value), FAILURE


def content_type_dropped(request: Request, random: Random) -> tuple[Request, str]:
    return request.without_header("content-type"), FAILURE


def host(request: Request, random: Random) -> tuple[Request, str]:
    other = random.choice(["example.org", "127.0.0.2:8670"])
    code = FAILURE if request.service in services(other) else INVALID
    return request.with_header("host", other), code


def signed_header(request: Request, random: Random) -> tuple[Request, str]:
    name = _extra(request, random)
    value = another(request.headers[name], random, string.ascii_letters + string.digits)
    return request.with_header(name, value), FAILURE


def signed_header_dropped(request: Request, random: Random) -> tuple[Request, str]:
    return request.without_header(_extra(request, random)), FAILURE


def _extra(request: Request, random: Random) -> str:
    extra = [name for name in request.names if name.startswith("x-") and "x-tc-" not in name]
    assume(extra)
    return random.choice(extra)


def region(request: Request, random: Random) -> tuple[Request, str]:
    assume("x-tc-region" in request.names)
    return request.with_header("x-tc-region", "ap-beijing"), FAILURE


def timestamp(request: Request, random: Random) -> tuple[Request, str]:
    sent = int(request.headers["x-tc-timestamp"])
    moment = random.choice([other for other in range(NOW - 300, NOW + 301) if other != sent])
    return request.with_header("x-tc-timestamp", str(moment)), FAILURE


def timestamp_out_of_reach(request: Request, random: Random) -> tuple[Request, str]:
    moment = NOW + random.choice([-1, 1]) * random.randint(301, 3600)
    return request.with_header("x-tc-timestamp", str(moment)), "AuthFailure.SignatureExpire"


def timestamp_of_another_day(request: Request, random: Random) -> tuple[Request, str]:
    """The date is compared before the skew."""
    moment = NOW + random.choice([-1, 1]) * 86400
    return request.with_header("x-tc-timestamp", str(moment)), INVALID


def timestamp_dropped(request: Request, random: Random) -> tuple[Request, str]:
    return request.without_header("x-tc-timestamp"), "MissingParameter"


def scope_date(request: Request, random: Random) -> tuple[Request, str]:
    return replace(request, date=another(request.date, random, string.digits)), INVALID


def scope_service(request: Request, random: Random) -> tuple[Request, str]:
    service = random.choice(["cvm", "faceid", "facefusio", "", "a/facefusion"])
    return replace(request, service=service), INVALID


def scope_service_of_the_host(request: Request, random: Random) -> tuple[Request, str]:
    """Another service that the same host may carry, but not the one that the key came from."""
    others = [name for name in services(request.headers["host"]) if name != request.service]
    assume(others)
    return replace(request, service=random.choice(others)), FAILURE


def terminator(request: Request, random: Random) -> tuple[Request, str]:
    changed = random.choice(["tc3_reques", "TC3_REQUEST", "aws4_request", ""])
    return replace(request, terminator=changed), INVALID


def algorithm(request: Request, random: Random) -> tuple[Request, str]:
    changed = random.choice(["TC3-HMAC-SHA512", "tc3-hmac-sha256", "AWS4-HMAC-SHA256"])
    return replace(request, algorithm=changed), INVALID


def one_signed_header_less(request: Request, random: Random) -> tuple[Request, str]:
    dropped = random.choice(request.names)
    names = tuple(name for name in request.names if name != dropped)
    code = INVALID if dropped in ("content-type", "host") else FAILURE
    return replace(request, names=names), code


def one_signed_header_more(request: Request, random: Random) -> tuple[Request, str]:
    names = tuple(sorted((*request.names, random.choice(["x-tc-token", "x-absent"]))))
    return replace(request, names=names), FAILURE


def signed_headers_in_another_order(request: Request, random: Random) -> tuple[Request, str]:
    return replace(request, names=tuple(reversed(request.names))), FAILURE


def signature_digit(request: Request, random: Random) -> tuple[Request, str]:
    return replace(request, signature=another(request.signature, random, "0123456789abcdef")), (
        FAILURE
    )


def signature_length(request: Request, random: Random) -> tuple[Request, str]:
    changed = random.choice([request.signature[:-1], request.signature + "0", ""])
    return replace(request, signature=changed), FAILURE


def secret_id_unknown(request: Request, random: Random) -> tuple[Request, str]:
    secret_id = request.secret_id + random.choice(string.ascii_letters)
    return replace(request, secret_id=secret_id), "AuthFailure.SecretIdNotFound"


def secret_id_of_no_api_key(request: Request, random: Random) -> tuple[Request, str]:
    secret_id = request.secret_id.removeprefix("AKID")
    return replace(request, secret_id=secret_id), "AuthFailure.InvalidSecretId"


def secret_id_of_another_key(request: Request, random: Random) -> tuple[Request, str]:
    if request.secret_id != TEMPORARY.secret_id:
        other = request.with_header("x-tc-token", TEMPORARY.token)
        return replace(other, secret_id=TEMPORARY.secret_id), FAILURE
    return replace(request.without_header("x-tc-token"), secret_id=Credential().secret_id), FAILURE


def token(request: Request, random: Random) -> tuple[Request, str]:
    value = another(request.headers.get("x-tc-token", "any"), random, string.ascii_letters)
    return request.with_header("x-tc-token", value), "AuthFailure.TokenFailure"


def token_dropped(request: Request, random: Random) -> tuple[Request, str]:
    assume("x-tc-token" in request.headers)
    return request.without_header("x-tc-token"), "AuthFailure.TokenFailure"


def payload_literal(request: Request, random: Random) -> tuple[Request, str]:
    if "x-tc-content-sha256" in request.headers:
        return request.without_header("x-tc-content-sha256"), FAILURE
    return request.with_header("x-tc-content-sha256", LITERAL), FAILURE


CHANGES: tuple[Change, ...] = (
    method_to_get,
    method_to_post,
    method_to_another,
    query_byte,
    body_byte,
    body_length,
    content_type,
    content_type_dropped,
    host,
    signed_header,
    signed_header_dropped,
    region,
    timestamp,
    timestamp_out_of_reach,
    timestamp_of_another_day,
    timestamp_dropped,
    scope_date,
    scope_service,
    scope_service_of_the_host,
    terminator,
    algorithm,
    one_signed_header_less,
    one_signed_header_more,
    signed_headers_in_another_order,
    signature_digit,
    signature_length,
    secret_id_unknown,
    secret_id_of_no_api_key,
    secret_id_of_another_key,
    token,
    token_dropped,
    payload_literal,
)


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
@settings(examples, max_examples=30)
@given(request=requests(), random=randoms)
def test_a_change_is_refused(ask: Ask, change: Change, request: Request, random: Random) -> None:
    changed, expected = change(request, random)
    assert ask(changed, random) == expected
