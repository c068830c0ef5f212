"""Authentication against a live server: what passes, and the code of each refusal."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mockserver.settings import Settings
from tests.live import Live, error_of, face_fusion, running
from tests.wire import PASSED, PROBE, Wire, code_of, post

FAILURE = "AuthFailure.SignatureFailure"
INVALID = "AuthFailure.InvalidAuthorization"
with_a_server = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def test_a_signed_request_passes(live: Live) -> None:
    assert code_of(Wire(live).send()) == PASSED


def test_further_headers_may_be_signed(live: Live) -> None:
    names = ("content-type", "host", "x-tc-action")
    assert code_of(Wire(live, signed_names=names).send()) == PASSED


@with_a_server
@given(position=st.integers(0, 10**6), change=st.integers(1, 255))
def test_a_changed_byte_of_the_body_is_refused(live: Live, position: int, change: int) -> None:
    wire = Wire(live)
    headers = wire.signed()
    body = bytearray(wire.body)
    body[position % len(body)] ^= change
    assert code_of(post(live, headers, bytes(body))) == FAILURE


@with_a_server
@given(position=st.integers(0, 63), digit=st.sampled_from("0123456789abcdef"))
def test_a_changed_digit_of_the_signature_is_refused(live: Live, position: int, digit: str) -> None:
    authorization = Wire(live).signed()["authorization"]
    at = len(authorization) - 64 + position
    changed = authorization[:at] + digit + authorization[at + 1 :]
    expected = PASSED if changed == authorization else FAILURE
    assert code_of(Wire(live).send(authorization=changed)) == expected


def test_a_changed_content_type_or_host_is_refused(live: Live) -> None:
    assert code_of(Wire(live).send(content_type="application/json; charset=utf-8")) == FAILURE
    assert code_of(Wire(live).send(host="example.com")) == FAILURE


def test_a_changed_signed_header_is_refused(live: Live) -> None:
    wire = Wire(
        live,
        signed_names=("content-type", "host", "x-tc-region"),
        headers={"x-tc-region": "ap-guangzhou"},
    )
    assert code_of(wire.send()) == PASSED
    assert code_of(wire.send(x_tc_region="ap-beijing")) == FAILURE


def test_another_timestamp_than_the_signed_one_is_refused(live: Live) -> None:
    later = str(int(live.world.clock.now()) + 1)
    assert code_of(Wire(live).send(x_tc_timestamp=later)) in {FAILURE, INVALID}


def test_the_wrong_key_is_refused(live: Live) -> None:
    assert code_of(Wire(live, secret_key="other").send()) == FAILURE


def test_an_unknown_secret_id(live: Live) -> None:
    assert code_of(Wire(live, secret_id="AKIDunknown").send()) == "AuthFailure.SecretIdNotFound"
    assert code_of(Wire(live, secret_id="nothing").send()) == "AuthFailure.InvalidSecretId"


@pytest.mark.parametrize(("seconds", "refused"), [(300, False), (301, True)])
@pytest.mark.parametrize("sign", [1, -1])
def test_the_skew_is_300_seconds(live: Live, seconds: int, refused: bool, sign: int) -> None:
    live.world.clock.set(1700000000)
    got = Wire(live, timestamp=1700000000 + sign * seconds).send()
    assert code_of(got) == ("AuthFailure.SignatureExpire" if refused else PASSED)
    assert not refused or "server time 1700000000" in got["Error"]["Message"]


def test_the_scope_is_checked(live: Live) -> None:
    wrong_service = Wire(live, service="cvm").send()
    assert code_of(wrong_service) == INVALID
    assert "`Service` in Credential not valid" in wrong_service["Error"]["Message"]
    wrong_date = Wire(live, date="2019-02-25").send()
    assert code_of(wrong_date) == INVALID
    assert "`Date` in Credential not valid" in wrong_date["Error"]["Message"]


@pytest.mark.parametrize("text", ["SKIP", "Bearer abc", "TC3-HMAC-SHA256 Credential=a/b"])
def test_a_malformed_authorization(live: Live, text: str) -> None:
    assert code_of(Wire(live).send(authorization=text)) == INVALID


@pytest.mark.parametrize("name", ["content-type", "host"])
def test_what_must_be_signed(live: Live, name: str) -> None:
    assert code_of(Wire(live, signed_names=(name,)).send()) == INVALID


@pytest.mark.parametrize(
    ("removed", "missing"),
    [
        (("x-tc-timestamp", "x-tc-action", "x-tc-version"), "Timestamp"),
        (("x-tc-action", "x-tc-version"), "Action"),
        (("x-tc-version",), "Version"),
    ],
)
def test_missing_common_parameters(live: Live, removed: tuple[str, ...], missing: str) -> None:
    got = Wire(live).send(**dict.fromkeys(removed))
    assert code_of(got) == "MissingParameter"
    message = f"The request is missing a required parameter `{missing}`."
    assert got["Error"]["Message"] == message


def test_unknown_action_and_version(live: Live) -> None:
    got = Wire(live).send(x_tc_action="Foo")
    assert got["Error"] == {
        "Code": "InvalidAction",
        "Message": "The request action=`Foo` is invalid or not found in service=`facefusion` "
        "and version=`2018-12-01`.",
    }
    got = Wire(live).send(x_tc_version="2017-01-01")
    assert got["Error"] == {
        "Code": "NoSuchVersion",
        "Message": "The specified api version=`2017-01-01` does not exist in service=`facefusion`.",
    }


def test_other_methods(live: Live) -> None:
    for method in ("PUT", "DELETE", "PATCH", "OPTIONS"):
        assert code_of(post(live, {}, b"", method)) == "UnsupportedProtocol"


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff", b"[" * 100_000])
def test_a_body_that_is_no_json_object(live: Live, body: bytes) -> None:
    assert code_of(Wire(live, body=body).send()) == "InvalidParameter"


def test_the_language_and_the_trace_id(live: Live) -> None:
    chinese = Wire(live, headers={"x-tc-language": "zh-CN"}).send()
    assert chinese["Error"]["Message"] == "未查找到活动id。"


def test_verification_can_be_switched_off(tmp_path: Path) -> None:
    off = Settings(results_folder=tmp_path, workers=1, verify_signatures=False)
    with running(off) as live:
        client = live.client("AKIDnobody", "wrong")
        code, _ = error_of(client, face_fusion(**PROBE))
        assert code == PASSED
        assert code_of(Wire(live).send(authorization=None)) == PASSED
