"""The gateway's errors: code and text in both languages."""

import json
import socket
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from mockserver.state.models import DEFAULT_SECRET_ID
from tests.live import MATERIAL, PROJECT, Live
from tests.wire import PROBE, Wire, code_of, post

FORM = "application/x-www-form-urlencoded"
INVALID = (
    "The request `Authorization` header does not conform to tencentcloud standards: ",
    "请求头部的 `Authorization` 不符合腾讯云标准：",
)
# Fused calls fail at once for want of a picture, after the checks of types.
PARAMS = {"ProjectId": PROJECT, "ModelId": MATERIAL, "RspImgType": "url"}

Send = Callable[[Live, dict[str, str]], dict[str, Any]]


def sent(*, without: str = "", **changes: Any) -> Send:
    """A call that is right but for some changes: fields of Wire, or headers put in after."""
    fields = {name: changes.pop(name) for name in tuple(changes) if name in Wire.__annotations__}

    def send(live: Live, language: dict[str, str]) -> dict[str, Any]:
        removed = dict.fromkeys(without.split())
        return Wire(live, headers=language, **fields).send(**changes, **removed)

    return send


def with_params(**changes: Any) -> Send:
    params = {name: v for name, v in {**PARAMS, **changes}.items() if v is not None}
    return sent(body=json.dumps(params).encode())


def late(live: Live, language: dict[str, str]) -> dict[str, Any]:
    live.world.clock.set(1706406788)
    return Wire(live, headers=language, timestamp=1706406788 - 301).send()


def form(body: bytes) -> Send:
    def send(live: Live, language: dict[str, str]) -> dict[str, Any]:
        return post(live, {**language, "content-type": FORM}, body)

    return send


def query(text: str) -> Send:
    def send(live: Live, language: dict[str, str]) -> dict[str, Any]:
        answer = httpx.get(f"{live.url}/?{text}", headers=language)
        response: dict[str, Any] = answer.json()["Response"]
        return response

    return send


def denied(live: Live, language: dict[str, str]) -> dict[str, Any]:
    url = f"{live.url}/_mock/state/keys/{DEFAULT_SECRET_ID}"
    httpx.patch(url, json={"denied": ["FaceFusion"]}).raise_for_status()
    return Wire(live, headers=language).send()


def limited(live: Live, language: dict[str, str]) -> dict[str, Any]:
    url = f"{live.url}/_mock/state/limits"
    httpx.patch(url, json={"actions": {"FaceFusion": 5}}).raise_for_status()
    return [Wire(live, headers=language).send() for _ in range(7)][-1]


def put(live: Live, language: dict[str, str]) -> dict[str, Any]:
    return post(live, language, b"", "PUT")


ROWS: list[tuple[Send, str, str, str]] = [
    (
        sent(secret_key="wrong"),
        "AuthFailure.SignatureFailure",
        "The provided credentials could not be validated. Please check your signature is correct.",
        "请求签名验证失败，请检查您的签名计算是否正确。",
    ),
    (
        form(b"a=" + b"x" * 1024 * 1024),
        "AuthFailure.SignatureFailure",
        "The provided credentials could not be validated because of exceeding request size "
        "limit, please use new signature method `TC3-HMAC-SHA256`.",
        "由于请求包大小超过限制，请求签名验证失败，请使用新的签名方法 `TC3-HMAC-SHA256`。",
    ),
    (
        late,
        "AuthFailure.SignatureExpire",
        "Signature expired. Please use local time and enable NTP service for time "
        "synchronization to avoid a deviation between `Timestamp` and the server time 1706406788.",
        "签名过期。`Timestamp` 与服务器时间 1706406788 相差过大，"
        "请使用本地时间并开启 NTP 时间同步服务。",
    ),
    (
        sent(secret_id="AKIDnobody"),
        "AuthFailure.SecretIdNotFound",
        "The SecretId is not found, please ensure that your SecretId is correct.",
        "SecretId不存在，请输入正确的密钥。",
    ),
    (
        sent(secret_id="nobody"),
        "AuthFailure.InvalidSecretId",
        "Invalid key (not a TencentCloud API key type).",
        "密钥非法（不是云 API 密钥类型）。",
    ),
    (
        sent(service="cvm"),
        "AuthFailure.InvalidAuthorization",
        f"{INVALID[0]}`Service` in Credential not valid.",
        f"{INVALID[1]}Credential 中的 `Service` 无效。",
    ),
    (
        sent(date="2019-02-25"),
        "AuthFailure.InvalidAuthorization",
        f"{INVALID[0]}`Date` in Credential not valid.",
        f"{INVALID[1]}Credential 中的 `Date` 无效。",
    ),
    (
        sent(authorization="SKIP"),
        "AuthFailure.InvalidAuthorization",
        f"{INVALID[0]}`Authorization` not valid.",
        f"{INVALID[1]}`Authorization` 无效。",
    ),
    (
        sent(x_tc_token="wrong"),
        "AuthFailure.TokenFailure",
        "Token verification failed, please check if your Token is correct.",
        "Token 校验失败，请检查您的 Token 是否正确。",
    ),
    (
        denied,
        "AuthFailure.UnauthorizedOperation",
        "The operation is not authorized, please check your CAM policies.",
        "操作未授权，请检查CAM策略。",
    ),
    *(
        (
            sent(without=header),
            "MissingParameter",
            f"The request is missing a required parameter `{name}`.",
            f"请求缺少必传参数 `{name}`",
        )
        for header, name in (
            ("x-tc-timestamp", "Timestamp"),
            ("x-tc-action", "Action"),
            ("x-tc-version", "Version"),
            ("x-tc-region", "Region"),
        )
    ),
    (
        query("Timestamp=1&Action=FaceFusion&Version=2018-12-01&Region=ap-guangzhou"),
        "MissingParameter",
        "The request is missing a required parameter `SecretId`.",
        "请求缺少必传参数 `SecretId`",
    ),
    (
        with_params(ProjectId=None),
        "MissingParameter",
        "The request is missing a required parameter `ProjectId`.",
        "请求缺少必传参数 `ProjectId`",
    ),
    *(
        (
            send,
            "InvalidParameter",
            "Url key and value should be splited by `=`.",
            "Url 中的键和值应以 `=` 分隔。",
        )
        for send in (form(b"Action"), query("Action"), sent(without="authorization"))
    ),
    (
        with_params(ProjectId=5),
        "InvalidParameter",
        "The value type of parameter `ProjectId` is not valid, input type should be `string`.",
        "参数 `ProjectId` 取值类型错误。参数类型应为 `string`",
    ),
    (
        with_params(Nonsense=1),
        "UnknownParameter",
        "The parameter `Nonsense` is not recognized.",
        "未知参数 `Nonsense`。",
    ),
    (
        sent(x_tc_action="Foo"),
        "InvalidAction",
        "The request action=`Foo` is invalid or not found in service=`facefusion` "
        "and version=`2018-12-01`.",
        "请求的接口 `Foo` 在服务 `facefusion` 的版本 `2018-12-01` 中不存在。",
    ),
    (
        sent(x_tc_version="2017-01-01"),
        "NoSuchVersion",
        "The specified api version=`2017-01-01` does not exist in service=`facefusion`.",
        "指定的接口版本 `2017-01-01` 在服务 `facefusion` 中不存在。",
    ),
    (
        sent(x_tc_region="ap-tokyo"),
        "UnsupportedRegion",
        "The action not support this region.",
        "接口不支持所传地域。",
    ),
    (
        sent(x_tc_region="mars"),
        "InvalidParameterValue",
        "A value specified in `X-TC-Region` is not valid, is unsupported, or cannot be used.",
        "`X-TC-Region` 的取值无效、不受支持或不可用。",
    ),
    (
        limited,
        "RequestLimitExceeded",
        "Your current request times equals to `7` in a second, which exceeds the frequency limit "
        "`5` for a second. Please reduce the frequency of calls.",
        "您当前每秒请求 `7` 次，超过了每秒频率上限 `5`，请稍后重试。",
    ),
    (
        sent(body=bytes(10 * 1024 * 1024 + 1)),
        "RequestSizeLimitExceeded",
        "The request size exceeds the upper limit.",
        "请求包超过限制大小。",
    ),
    (
        put,
        "UnsupportedProtocol",
        "HTTP(S) request protocol error; only GET and POST requests are supported.",
        "http(s)请求协议错误，只支持GET和POST请求。",
    ),
    (
        sent(content_type="multipart/form-data; boundary=xyz", body=b"--xyz\r\nbroken"),
        "InvalidRequest",
        "The multipart format of the request body is incorrect.",
        "请求 body 的 multipart 格式错误。",
    ),
]


@pytest.mark.parametrize(("send", "code", "english", "chinese"), ROWS)
def test_code_and_text(live: Live, send: Send, code: str, english: str, chinese: str) -> None:
    assert send(live, {})["Error"] == {"Code": code, "Message": english}
    live.world.clock.advance(1)  # let rates begin anew
    assert send(live, {"x-tc-language": "en-US"})["Error"]["Message"] == english
    live.world.clock.advance(1)
    assert send(live, {"x-tc-language": "zh-CN"})["Error"] == {"Code": code, "Message": chinese}


def test_an_unknown_language_is_english(live: Live) -> None:
    for language in ("fr-FR", "", "ZH-CN"):
        message = sent(secret_id="AKIDnobody")(live, {"x-tc-language": language})["Error"]
        assert message["Message"].startswith("The SecretId is not found")


def test_a_method_is_checked_before_a_size(live: Live) -> None:
    large = bytes(10 * 1024 * 1024 + 1)
    assert code_of(post(live, {}, large, "PUT")) == "UnsupportedProtocol"
    assert code_of(post(live, {"content-type": FORM}, large)) == "RequestSizeLimitExceeded"


def test_a_trace_id_comes_back(live: Live) -> None:
    headers = {**Wire(live).signed(), "x-tc-traceid": "my-trace"}
    answer = httpx.post(f"{live.url}/", headers=headers, content=json.dumps(PROBE).encode())
    assert answer.headers["x-tc-traceid"] == "my-trace"


def test_a_long_query_is_refused(live: Live) -> None:
    for size, code in ((32 * 1024, "MissingParameter"), (33 * 1024, "RequestSizeLimitExceeded")):
        text = urlencode({"Image": "x"})
        padded = text + "y" * (size - len(text))
        assert code_of(query(padded)(live, {})) == code


def test_a_tunnel_is_refused_and_the_log_says_why(
    live: Live, caplog: pytest.LogCaptureFixture
) -> None:
    host, port = live.authority.split(":")
    with socket.create_connection((host, int(port)), 10) as wire:
        wire.sendall(b"CONNECT real.example:443 HTTP/1.1\r\nHost: real.example:443\r\n\r\n")
        answer = b"".join(iter(lambda: wire.recv(65536), b""))
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 ")
    assert body.startswith(b"CONNECT is not served")
    assert "real.example:443" in caplog.text
    assert "CONNECT is not served" in caplog.text
