"""Every official SDK's bytes are accepted (Go, Java, PHP, C++, .NET, Ruby), and v1 named as v1."""

import pytest

from tests.live import Live
from tests.vectors import (
    FLAT_PARAMS,
    NODE_V1,
    PARAMS,
    SDKS,
    Credential,
    Request,
    Sdk,
    add_temporary_key,
    exchange,
    exchange_with_pause,
    sha256,
    tc3_signature,
)
from tests.wire import PASSED

FAILURE = "AuthFailure.SignatureFailure"

every_sdk = pytest.mark.parametrize("sdk", SDKS, ids=str)
sdk_with_get = pytest.mark.parametrize("sdk", [sdk for sdk in SDKS if sdk.signs_get], ids=str)
sdk_with_v1 = pytest.mark.parametrize(
    "sdk", [*(sdk for sdk in SDKS if sdk.v1_post_type), NODE_V1], ids=str
)


def request(live: Live, sdk: Sdk, **changes: object) -> Request:
    return Request(sdk, live.authority, int(live.world.clock.now())).but(**changes)


def endpoints(live: Live) -> list[str]:
    """The hosts that users give: addresses with a port, names without a dot, Tencent's own."""
    port = live.authority.rpartition(":")[2]
    return [
        live.authority,
        f"localhost:{port}",
        "facefusion.tencentcloudapi.com",
        "facefusion.internal.tencentcloudapi.com",
        f"facefusion.example.com:{port}",
        f"mock.example.com:{port}",
    ]


def test_the_reference_signer_makes_the_published_signature() -> None:
    body = (
        rb'{"Limit": 1, "Filters": [{"Values": ["\u672a\u547d\u540d"], "Name": "instance-name"}]}'
    )
    canonical = (
        "POST\n/\n\ncontent-type:application/json; charset=utf-8\nhost:cvm.tencentcloudapi.com\n\n"
        "content-type;host\n" + sha256(body)
    )
    scope, signature = tc3_signature(
        "Gu5t9xGARNpq86cd98joQYCN3EXAMPLE", 1551113065, "cvm", canonical
    )
    assert scope == "2019-02-25/cvm/tc3_request"
    assert signature == "72e494ea809ad7a8c8f7a4507b9bddcbaa8e581f516e8da2f66e2c5a96525168"


@every_sdk
def test_post(live: Live, sdk: Sdk) -> None:
    for endpoint in endpoints(live):
        if sdk.needs_dot and "." not in endpoint:
            continue
        got = exchange(live, request(live, sdk, endpoint=endpoint).tc3().raw)
        assert got.code == PASSED, endpoint


@sdk_with_get
def test_get(live: Live, sdk: Sdk) -> None:
    for endpoint in endpoints(live):
        sent = request(live, sdk, endpoint=endpoint, method="GET").tc3()
        assert sent.head.startswith(b"GET /?")
        assert exchange(live, sent.raw).code == PASSED, endpoint


@sdk_with_get
def test_get_without_parameters(live: Live, sdk: Sdk) -> None:
    got = exchange(live, request(live, sdk, method="GET", params={}).tc3().raw)
    assert got.code == "MissingParameter"
    assert "ProjectId" in got.message


@every_sdk
def test_a_wrong_key_is_refused(live: Live, sdk: Sdk) -> None:
    wrong = Credential(secret_key="another")
    for method in ("POST", "GET") if sdk.signs_get else ("POST",):
        got = exchange(live, request(live, sdk, method=method, credential=wrong).tc3().raw)
        assert got.code == FAILURE


@every_sdk
def test_a_temporary_key(live: Live, sdk: Sdk) -> None:
    key = add_temporary_key(live)
    for method in ("POST", "GET") if sdk.signs_get else ("POST",):
        asked = request(live, sdk, method=method, credential=key)
        assert exchange(live, asked.tc3().raw).code == PASSED
        for token in ("another", ""):
            wrong = Credential(key.secret_id, key.secret_key, token)
            got = exchange(live, asked.but(credential=wrong).tc3().raw)
            assert got.code == "AuthFailure.TokenFailure"


@every_sdk
def test_the_language(live: Live, sdk: Sdk) -> None:
    wrong = Credential(secret_key="another")
    messages = {
        language: exchange(
            live, request(live, sdk, language=language, credential=wrong).tc3().raw
        ).message
        for language in ("zh-CN", "en-US", "")
    }
    english = (
        "The provided credentials could not be validated. Please check your signature is correct."
    )
    assert messages == {
        "zh-CN": "请求签名验证失败，请检查您的签名计算是否正确。",
        "en-US": english,
        "": english,
    }


@pytest.mark.parametrize("sdk", [sdk for sdk in SDKS if sdk.unsigned], ids=str)
def test_an_unsigned_payload(live: Live, sdk: Sdk) -> None:
    for method in ("POST", "GET"):
        sent = request(live, sdk, method=method, unsigned=True).tc3()
        assert exchange(live, sent.raw).code == PASSED
    sent = request(live, sdk, unsigned=True).tc3()
    changed = sent.raw.replace(b'"url"', b'"urL"')
    assert changed != sent.raw
    assert exchange(live, changed).code == "InvalidParameterValue.ParameterValueError"


@pytest.mark.parametrize("name", ["php", "cpp"])
def test_a_client_waits_before_it_sends_over_a_megabyte(live: Live, name: str) -> None:
    sdk = next(sdk for sdk in SDKS if sdk.name == name)
    params = {**PARAMS, "Image": "/" * (1 << 20)}
    sent = request(live, sdk, params=params, expect=True).tc3()
    assert b"\r\nExpect: 100-continue\r\n" in sent.head
    assert len(sent.body) > 1 << 20
    assert exchange_with_pause(live, sent).code == PASSED


def test_ruby_through_a_proxy(live: Live) -> None:
    ruby = SDKS[-1]
    sent = request(live, ruby, proxied=True).tc3()
    assert sent.head.startswith(f"POST http://[{live.authority}]/ HTTP/1.1\r\n".encode())
    assert exchange(live, sent.raw).code == PASSED
    assert exchange(live, request(live, ruby, proxied=True, method="GET").tc3().raw).code == PASSED


@every_sdk
def test_the_connection_is_kept_or_closed_as_asked(live: Live, sdk: Sdk) -> None:
    sent = request(live, sdk).tc3()
    closes = b"connection: close" in sent.head.lower()
    answer = exchange(live, sent.raw)
    assert (answer.headers.get("connection") == "close") == closes


@sdk_with_v1
@pytest.mark.parametrize("method", ["POST", "GET"])
@pytest.mark.parametrize("algorithm", ["HmacSHA1", "HmacSHA256"])
def test_v1_is_recognised_and_refused(live: Live, sdk: Sdk, method: str, algorithm: str) -> None:
    asked = request(live, sdk, method=method, params=FLAT_PARAMS, language="en-US")
    sent = asked.v1(algorithm)
    assert (b"Content-Type:" in sent.head) == (method == "POST")
    assert (b"%0A" in sent.raw) == sdk.v1_line_break
    right = exchange(live, sent.raw)
    assert right.code == FAILURE
    assert "TC3-HMAC-SHA256" in right.message
    wrong = exchange(live, asked.but(credential=Credential(secret_key="no")).v1(algorithm).raw)
    assert wrong.code == FAILURE
    assert "TC3-HMAC-SHA256" not in wrong.message
