"""The official Python SDK, unmodified, in both its kinds: every way of sending that it has."""

from base64 import b64decode
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from tencentcloud.common import credential
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.facefusion.v20181201 import facefusion_client, facefusion_client_async, models

from tests.live import HOPPER, MATERIAL, Live, base64_of, face_fusion
from tests.vectors import Credential, add_temporary_key, small_picture
from tests.wire import PASSED, PROBE

FAILURE = "AuthFailure.SignatureFailure"
TOO_LARGE = "RequestSizeLimitExceeded"
META_DATA = {"ImageCodecParam": {"MetaData": [{"MetaKey": "作者", "MetaValue": "a b&c=d"}]}}
PERMANENT = Credential()

Answer = models.FaceFusionResponse
Send = Callable[..., Awaitable[Any]]


def profile_of(live: Live, method: str = "POST", **changes: Any) -> ClientProfile:
    """A profile for this server; `changes` are those of the HTTP profile when it has them."""
    profile = live.profile()
    profile.httpProfile.reqMethod = method
    for name, value in changes.items():
        holder = profile.httpProfile if hasattr(profile.httpProfile, name) else profile
        setattr(holder, name, value)
    return profile


def credential_of(key: Credential) -> credential.Credential:
    return credential.Credential(key.secret_id, key.secret_key, key.token or None)


async def send_sync(
    profile: ClientProfile,
    request: models.FaceFusionRequest,
    key: Credential = PERMANENT,
    options: dict[str, Any] | None = None,
) -> Any:
    client = facefusion_client.FacefusionClient(credential_of(key), "ap-guangzhou", profile)
    if options is None:
        return client.FaceFusion(request)
    answer = Answer()
    answer._deserialize(
        client.call_json("FaceFusion", sent_fields(request), options=options)["Response"]
    )
    return answer


async def send_async(
    profile: ClientProfile,
    request: models.FaceFusionRequest,
    key: Credential = PERMANENT,
    options: dict[str, Any] | None = None,
) -> Any:
    client = facefusion_client_async.FacefusionClient(credential_of(key), "ap-guangzhou", profile)
    async with client:
        if options is None:
            return await client.FaceFusion(request)
        return await client.call_and_deserialize(
            "FaceFusion", sent_fields(request), Answer, opts=options
        )


def sent_fields(request: models.FaceFusionRequest) -> dict[str, Any]:
    """The fields that are set: the SDK's own multipart writer cannot bear the others."""
    fields = request._serialize(allow_none=False)
    return dict(fields)


def probe(**changes: Any) -> models.FaceFusionRequest:
    """A request without a picture, which ends at its unknown project."""
    return face_fusion(**{"Image": "", **PROBE, **changes})


async def error_of(sending: Awaitable[Any]) -> tuple[str, str]:
    """Code and message of the error that a call ends with."""
    with pytest.raises(TencentCloudSDKException) as raised:
        await sending
    assert len(raised.value.get_request_id()) == 36
    return raised.value.get_code(), raised.value.get_message()


both_kinds = pytest.mark.parametrize("send", [send_sync, send_async])
by_post_and_get = pytest.mark.parametrize("method", ["POST", "GET"])


@both_kinds
@by_post_and_get
@pytest.mark.parametrize("unsigned", [False, True])
async def test_a_picture_is_fused(live: Live, send: Send, method: str, unsigned: bool) -> None:
    profile = profile_of(live, method, unsignedPayload=unsigned)
    answer = await send(profile, face_fusion(Image=small_picture()))
    assert answer.Image.startswith("/9j/")


@both_kinds
@by_post_and_get
async def test_a_picture_behind_a_url_is_fused(live: Live, send: Send, method: str) -> None:
    first = await send(profile_of(live), face_fusion(RspImgType="url"))
    second = await send(profile_of(live, method), face_fusion(RspImgType="url", Url=first.Image))
    assert second.Image.startswith(f"{live.url}/_mock/results/{MATERIAL}_")
    assert second.Image != first.Image
    assert httpx.get(second.Image).content.startswith(b"\xff\xd8")


async def test_a_get_carries_no_large_picture(live: Live) -> None:
    """The asynchronous kind's HTTP library refuses such an address by itself."""
    request = face_fusion(Image=base64_of(HOPPER))
    assert (await error_of(send_sync(profile_of(live, "GET"), request)))[0] == TOO_LARGE


@both_kinds
async def test_a_get_may_have_32_kilobytes(live: Live, send: Send) -> None:
    fixed = "ProjectId=0&ModelId=0&Image=&RspImgType=url"
    for size, expected in ((32 * 1024, PASSED), (32 * 1024 + 1, TOO_LARGE)):
        request = probe(Image="A" * (size - len(fixed)))
        assert (await error_of(send(profile_of(live, "GET"), request)))[0] == expected


@both_kinds
@by_post_and_get
@pytest.mark.parametrize(
    ("language", "message"),
    [
        ("zh-CN", "请求签名验证失败，请检查您的签名计算是否正确。"),
        ("en-US", "The provided credentials"),
    ],
)
async def test_the_language(
    live: Live, send: Send, method: str, language: str, message: str
) -> None:
    wrong = Credential(secret_key="another")
    profile = profile_of(live, method, language=language)
    code, told = await error_of(send(profile, probe(), wrong))
    assert code == FAILURE
    assert told.startswith(message)


@both_kinds
@by_post_and_get
async def test_a_temporary_key(live: Live, send: Send, method: str) -> None:
    key, profile = add_temporary_key(live), profile_of(live, method)
    answer = await send(profile, face_fusion(Image=small_picture()), key)
    assert answer.Image
    for token in ("another", ""):
        wrong = Credential(key.secret_id, key.secret_key, token)
        code, _ = await error_of(send(profile, probe(), wrong))
        assert code == "AuthFailure.TokenFailure"


@both_kinds
async def test_a_temporary_key_expires(live: Live, send: Send) -> None:
    key = add_temporary_key(live, seconds=60)
    assert (await error_of(send(profile_of(live), probe(), key)))[0] == PASSED
    live.world.clock.advance(60)
    code, _ = await error_of(send(profile_of(live), probe(), key))
    assert code == "AuthFailure.TokenFailure"


@both_kinds
@by_post_and_get
async def test_nested_parameters(live: Live, send: Send, method: str) -> None:
    request = face_fusion(Image=small_picture(), FuseParam=META_DATA)
    answer = await send(profile_of(live, method), request)
    assert "作者".encode() in b64decode(answer.Image)


@both_kinds
@pytest.mark.parametrize("binary", [[], ["Image"]])
async def test_multipart(live: Live, send: Send, binary: list[str]) -> None:
    request = face_fusion(FuseParam=META_DATA)
    options = {"IsMultipart": True, "BinaryParams": binary}
    answer = await send(profile_of(live), request, options=options)
    assert "作者".encode() in b64decode(answer.Image)


@both_kinds
async def test_multipart_is_signed_as_v3_whatever_the_profile_says(live: Live, send: Send) -> None:
    profile = profile_of(live, signMethod="HmacSHA1")
    request = probe()
    assert (await error_of(send(profile, request, options={"IsMultipart": True})))[0] == PASSED


async def test_an_octet_stream_is_signed_but_no_parameters(live: Live) -> None:
    key = credential_of(PERMANENT)
    client = facefusion_client.FacefusionClient(key, "ap-guangzhou", profile_of(live))
    with pytest.raises(TencentCloudSDKException) as raised:
        client.call_octet_stream("FaceFusion", {}, b"\xff\xd8\xff\x00")
    assert raised.value.get_code() == "InvalidParameter"
    wrong = credential_of(Credential(secret_key="another"))
    client = facefusion_client.FacefusionClient(wrong, "ap-guangzhou", profile_of(live))
    with pytest.raises(TencentCloudSDKException) as raised:
        client.call_octet_stream("FaceFusion", {}, b"\xff\xd8\xff\x00")
    assert raised.value.get_code() == FAILURE


@by_post_and_get
async def test_an_endpoint_with_its_scheme(live: Live, method: str) -> None:
    port = live.authority.rpartition(":")[2]
    profile = profile_of(live, method, endpoint=f"http://localhost:{port}")
    answer = await send_sync(profile, face_fusion(Image=small_picture(), RspImgType="url"))
    assert answer.Image.startswith(f"http://localhost:{port}/_mock/results/")


@both_kinds
@by_post_and_get
async def test_skipping_the_signature_is_refused(live: Live, send: Send, method: str) -> None:
    options = {"SkipSign": True}
    sending = send(profile_of(live, method), probe(), options=options)
    assert (await error_of(sending))[0] == "AuthFailure.InvalidAuthorization"


@both_kinds
@by_post_and_get
@pytest.mark.parametrize("algorithm", ["HmacSHA1", "HmacSHA256"])
async def test_v1_is_refused_by_name(live: Live, send: Send, method: str, algorithm: str) -> None:
    profile = profile_of(live, method, signMethod=algorithm)
    code, message = await error_of(send(profile, probe(FuseParam=META_DATA)))
    assert code == FAILURE
    assert "TC3-HMAC-SHA256" in message
    wrong = Credential(secret_key="another")
    code, message = await error_of(send(profile, probe(), wrong))
    assert code == FAILURE
    assert "TC3-HMAC-SHA256" not in message


@by_post_and_get
async def test_the_server_as_a_proxy(live: Live, method: str) -> None:
    profile = profile_of(live, method, endpoint="facefusion.tencentcloudapi.com", proxy=live.url)
    answer = await send_sync(profile, face_fusion(Image=small_picture()))
    assert answer.Image.startswith("/9j/")


@by_post_and_get
async def test_the_server_as_a_proxy_of_the_async_client(
    live: Live, method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", live.url)
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    profile = profile_of(live, method, endpoint="facefusion.tencentcloudapi.com")
    answer = await send_async(profile, face_fusion(Image=small_picture()))
    assert answer.Image.startswith("/9j/")
