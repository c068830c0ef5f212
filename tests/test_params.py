"""Parameters: the gateway's errors with the path of the culprit."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.actions.face_fusion import FaceFusionRequest
from mockserver.actions.params import parse
from mockserver.errors import ApiError

GOOD = {"ProjectId": "1", "ModelId": "2", "RspImgType": "url"}


def with_meta(meta: Any) -> dict[str, Any]:
    return {**GOOD, "FuseParam": {"ImageCodecParam": {"MetaData": meta}}}


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({**GOOD, "Foo": 1}, "The parameter `Foo` is not recognized."),
        ({"Foo": 1}, "The parameter `Foo` is not recognized."),
        (
            with_meta([{"MetaKey": "a", "MetaValue": "b", "C": 1}]),
            "The parameter `FuseParam.ImageCodecParam.MetaData.0.C` is not recognized.",
        ),
        (
            {"ProjectId": "1", "RspImgType": "url"},
            "The request is missing a required parameter `ModelId`.",
        ),
        (
            with_meta([{"MetaKey": "a", "MetaValue": "b"}, {"MetaKey": "a"}]),
            "The request is missing a required parameter "
            "`FuseParam.ImageCodecParam.MetaData.1.MetaValue`.",
        ),
        (
            {**GOOD, "ProjectId": 5},
            "The value type of parameter `ProjectId` is not valid, input type should be `string`.",
        ),
        (
            {**GOOD, "CelebrityIdentify": True},
            "The value type of parameter `CelebrityIdentify` is not valid, "
            "input type should be `int64`.",
        ),
        (
            with_meta("x"),
            "The value type of parameter `FuseParam.ImageCodecParam.MetaData` is not valid, "
            "input type should be `array`.",
        ),
        (
            with_meta([7]),
            "The value type of parameter `FuseParam.ImageCodecParam.MetaData.0` is not valid, "
            "input type should be `object`.",
        ),
        (
            {**GOOD, "FuseParam": []},
            "The value type of parameter `FuseParam` is not valid, input type should be `object`.",
        ),
    ],
)
def test_what_is_wrong_is_named(params: dict[str, Any], message: str) -> None:
    with pytest.raises(ApiError) as caught:
        parse(FaceFusionRequest, params)
    assert caught.value.message("en-US") == message


def test_null_counts_as_not_sent() -> None:
    assert parse(FaceFusionRequest, {**GOOD, "Image": None, "CelebrityIdentify": None}) == parse(
        FaceFusionRequest, GOOD
    )


def test_an_object_is_taken_for_an_array_of_one() -> None:
    pair = {"MetaKey": "a", "MetaValue": "b"}
    assert parse(FaceFusionRequest, with_meta(pair)) == parse(FaceFusionRequest, with_meta([pair]))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)
names = st.sampled_from(
    [*GOOD, "Image", "Url", "PornDetect", "CelebrityIdentify", "FuseParam", "X"]
)


@given(st.dictionaries(names, json_values))
def test_any_json_is_a_request_or_a_documented_error(params: dict[str, Any]) -> None:
    documented = {"UnknownParameter", "MissingParameter", "InvalidParameter"}
    try:
        request = parse(FaceFusionRequest, params)
    except ApiError as error:
        code = error.code
    else:
        code = ""
        assert isinstance(request.ProjectId, str)
        assert type(request.CelebrityIdentify) is int
    assert not code or code in documented
