"""The official Node SDK, unmodified: POST, GET, multipart, tokens, languages, errors."""

from typing import Any

import httpx
import pytest

from tests.live import HOPPER, MATERIAL, PROJECT, Live, base64_of
from tests.node_sdk import install, run
from tests.vectors import Credential, add_temporary_key, small_picture
from tests.wire import PASSED

FAILURE = "AuthFailure.SignatureFailure"
# Characters that its query encoder leaves as they are, and such as it does not.
UNKNOWN_PROJECT = {"ProjectId": "0", "ModelId": "a b/人&=+*!()~'", "RspImgType": "url"}
META_DATA = {"ImageCodecParam": {"MetaData": [{"MetaKey": "作者", "MetaValue": "a b"}]}}
GROUP = "qc_100646_154021_12"
PICTURE = {"ProjectId": PROJECT, "ModelId": MATERIAL, "RspImgType": "url"}

PERMANENT = Credential()

by_post_and_get = pytest.mark.parametrize("method", ["POST", "GET"])
packages = pytest.fixture(scope="module", autouse=True)(install)


def call(
    live: Live,
    params: dict[str, Any],
    *,
    action: str = "FaceFusion",
    key: Credential = PERMANENT,
    endpoint: str = "",
    absent: tuple[str, ...] = (),
    options: dict[str, Any] | None = None,
    http: dict[str, Any] | None = None,
    **profile: str,
) -> dict[str, Any]:
    """Call an action; `absent` names parameters that are undefined."""
    http = {"protocol": "http://", "endpoint": endpoint or live.authority, **(http or {})}
    job = {
        "config": {
            "credential": {
                "secretId": key.secret_id,
                "secretKey": key.secret_key,
                "token": key.token or None,
            },
            "region": "ap-guangzhou",
            "profile": {**profile, "httpProfile": http},
        },
        "action": action,
        "params": params,
        "absent": absent,
        "options": options or {},
    }
    return run(job, {})


def code_of(outcome: dict[str, Any]) -> str:
    return str(outcome["error"]["code"])


@by_post_and_get
def test_a_picture_is_fused(live: Live, method: str) -> None:
    params = {**PICTURE, "Image": small_picture(), "FuseParam": META_DATA}
    answer = call(live, params, http={"reqMethod": method})["answer"]
    assert answer["Image"].startswith(f"{live.url}/_mock/results/{MATERIAL}_")
    assert httpx.get(answer["Image"]).content.startswith(b"\xff\xd8")


@by_post_and_get
def test_two_faces_are_fused(live: Live, method: str) -> None:
    first = call(live, {**PICTURE, "Image": base64_of(HOPPER)})["answer"]["Image"]
    rect = {"X": 100, "Y": 60, "Width": 600, "Height": 800}
    infos = [{"Url": first}, {"Url": first, "InputImageFaceRect": rect}]
    params = {**PICTURE, "ModelId": GROUP, "MergeInfos": infos, "FuseFaceDegree": 30}
    outcome = call(live, params, action="FuseFace", http={"reqMethod": method})
    assert outcome["answer"]["FusedImage"].startswith(f"{live.url}/_mock/results/{GROUP}_")


def test_a_picture_behind_a_url_is_fused(live: Live) -> None:
    first = call(live, {**PICTURE, "Image": base64_of(HOPPER)})["answer"]["Image"]
    params = {**PICTURE, "RspImgType": "base64", "Url": first}
    answer = call(live, params, http={"reqMethod": "GET"})["answer"]
    assert answer["Image"].startswith("/9j/")


@by_post_and_get
def test_an_error_has_its_code_message_and_ids(live: Live, method: str) -> None:
    error = call(live, UNKNOWN_PROJECT, http={"reqMethod": method}, language="zh-CN")["error"]
    assert (error["code"], error["message"]) == (PASSED, "未查找到活动id。")
    assert len(error["requestId"]) == 36
    assert len(error["traceId"]) == 36


def test_the_trace_id_is_the_one_sent(live: Live) -> None:
    http = {"headers": {"X-TC-TraceId": "mine"}}
    assert call(live, UNKNOWN_PROJECT, http=http)["error"]["traceId"] == "mine"


@by_post_and_get
def test_an_undefined_parameter_is_not_sent(live: Live, method: str) -> None:
    undefined = ("Url", "FuseParam", "CelebrityIdentify")
    got = call(live, UNKNOWN_PROJECT, http={"reqMethod": method}, absent=undefined)
    assert code_of(got) == PASSED


@by_post_and_get
@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_the_signed_host_lacks_the_port(live: Live, method: str, host: str) -> None:
    endpoint = f"{host}:{live.authority.rpartition(':')[2]}"
    got = call(live, UNKNOWN_PROJECT, endpoint=endpoint, http={"reqMethod": method})
    assert code_of(got) == PASSED


@by_post_and_get
def test_a_wrong_key_is_refused(live: Live, method: str) -> None:
    wrong = Credential(secret_key="another")
    got = call(live, UNKNOWN_PROJECT, key=wrong, http={"reqMethod": method})
    assert code_of(got) == FAILURE


def test_a_temporary_key(live: Live) -> None:
    key = add_temporary_key(live)
    assert code_of(call(live, UNKNOWN_PROJECT, key=key)) == PASSED
    without = Credential(key.secret_id, key.secret_key)
    assert code_of(call(live, UNKNOWN_PROJECT, key=without)) == "AuthFailure.TokenFailure"


def test_multipart(live: Live) -> None:
    multipart = {"multipart": True}
    assert code_of(call(live, UNKNOWN_PROJECT, options=multipart)) == PASSED
    params = {**PICTURE, "Image": small_picture()}
    assert "answer" in call(live, params, options=multipart)


def test_skipping_the_signature_is_refused(live: Live) -> None:
    got = call(live, UNKNOWN_PROJECT, options={"skipSign": True})
    assert code_of(got) == "AuthFailure.InvalidAuthorization"


@by_post_and_get
@pytest.mark.parametrize("algorithm", ["HmacSHA1", "HmacSHA256"])
def test_v1_is_refused_by_name(live: Live, method: str, algorithm: str) -> None:
    http = {"reqMethod": method}
    error = call(live, UNKNOWN_PROJECT, http=http, signMethod=algorithm)["error"]
    assert error["code"] == FAILURE
    assert "TC3-HMAC-SHA256" in error["message"]
