"""Which of several mistakes in a call is told: the order of the gateway's checks."""

import json
from typing import Any

import pytest

from tests.live import MATERIAL, PROJECT, Live
from tests.wire import PASSED, Wire, code_of

# From the first check to the last; each call fails one check and every one after it.
STEPS: list[tuple[dict[str, Any], str, str]] = [
    ({"x_tc_timestamp": None}, "MissingParameter", "`Timestamp`"),
    ({"x_tc_action": None}, "MissingParameter", "`Action`"),
    ({"x_tc_version": None}, "MissingParameter", "`Version`"),
    ({"x_tc_version": "2017-01-01"}, "NoSuchVersion", ""),
    ({"x_tc_action": "Foo"}, "InvalidAction", ""),
    ({"x_tc_region": "mars"}, "InvalidParameterValue", "`X-TC-Region`"),
    ({"authorization": "nonsense"}, "AuthFailure.InvalidAuthorization", ""),
    ({"service": "cvm"}, "AuthFailure.InvalidAuthorization", "`Service`"),
    ({"date": "2019-02-25"}, "AuthFailure.InvalidAuthorization", "`Date`"),
    ({"timestamp": -301}, "AuthFailure.SignatureExpire", ""),
    ({"secret_id": "AKIDnobody"}, "AuthFailure.SecretIdNotFound", ""),
    ({"x_tc_token": "wrong"}, "AuthFailure.TokenFailure", ""),
    ({"secret_key": "wrong"}, "AuthFailure.SignatureFailure", ""),
    ({"body": b'{"Nonsense": 1}'}, "UnknownParameter", ""),
]


@pytest.mark.parametrize("step", range(len(STEPS)))
def test_the_order_of_checks(live: Live, step: int) -> None:
    live.world.clock.set(1700000000)
    # Of two that say different things of the same header, the earlier one stands.
    wrong: dict[str, Any] = {}
    for changes, _, _ in STEPS[step:]:
        wrong = {**changes, **wrong}
    if "timestamp" in wrong:
        wrong["timestamp"] += 1700000000
    fields = {name: wrong.pop(name) for name in tuple(wrong) if name in Wire.__annotations__}
    response = Wire(live, **fields).send(**wrong)
    _, code, text = STEPS[step]
    assert code_of(response) == code
    assert text in response["Error"]["Message"]


def test_region_missing_unknown_and_unsupported_are_three_answers(live: Live) -> None:
    codes = [code_of(Wire(live).send(x_tc_region=region)) for region in (None, "mars", "ap-tokyo")]
    assert codes == ["MissingParameter", "InvalidParameterValue", "UnsupportedRegion"]
    assert code_of(Wire(live).send(x_tc_region="ap-beijing")) == PASSED


def test_a_bad_token_is_told_before_bad_parameters(live: Live) -> None:
    params = {"ProjectId": 5, "ModelId": MATERIAL, "RspImgType": "url"}
    wire = Wire(live, body=json.dumps(params).encode())
    assert code_of(wire.send(x_tc_token="wrong")) == "AuthFailure.TokenFailure"
    assert code_of(wire.send()) == "InvalidParameter"


def test_a_rate_is_counted_before_parameters_are_read(live: Live) -> None:
    live.world.accounts.limits.actions = {"FaceFusion": 1}
    wire = Wire(live, body=b"no JSON")
    assert code_of(wire.send()) == "InvalidParameter"
    assert code_of(wire.send()) == "RequestLimitExceeded"


def test_rights_are_checked_before_rates(live: Live) -> None:
    live.world.accounts.limits.actions = {"FaceFusion": 0}
    live.world.accounts.any().keys[0].denied = ["*"]
    assert code_of(Wire(live).send()) == "AuthFailure.UnauthorizedOperation"


def test_unknown_then_missing_then_ill_typed_parameters(live: Live) -> None:
    params: dict[str, Any] = {"Nonsense": 1, "ModelId": 5}
    told = []
    for fix in ({}, {"ProjectId": PROJECT, "ModelId": 5, "RspImgType": "url"}):
        params = fix or params
        told.append(code_of(Wire(live, body=json.dumps(params).encode()).send()))
    assert told == ["UnknownParameter", "InvalidParameter"]
    missing = Wire(live, body=json.dumps({"ModelId": MATERIAL}).encode()).send()
    assert code_of(missing) == "MissingParameter"
