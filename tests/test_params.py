"""Parameters: the gateway's errors with the path of the culprit."""

import dataclasses
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mockserver.actions.describe_material_list import DescribeMaterialListRequest
from mockserver.actions.face_fusion import FaceFusionRequest
from mockserver.actions.fuse_face import FuseFaceRequest
from mockserver.actions.params import parse
from mockserver.actions.types import FaceRect, MergeInfo
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


@pytest.mark.parametrize(
    ("infos", "message"),
    [
        (None, "The request is missing a required parameter `MergeInfos`."),
        ([{}, {"Foo": 1}], "The parameter `MergeInfos.1.Foo` is not recognized."),
        (
            [{"InputImageFaceRect": {"X": 1, "Y": 2, "Width": 3}}],
            "The request is missing a required parameter `MergeInfos.0.InputImageFaceRect.Height`.",
        ),
        (
            [{"Url": ""}, {"Image": 7}],
            "The value type of parameter `MergeInfos.1.Image` is not valid, "
            "input type should be `string`.",
        ),
        (
            {"Image": "an object is no list here"},
            "The value type of parameter `MergeInfos` is not valid, input type should be `array`.",
        ),
        (
            [None],
            "The value type of parameter `MergeInfos.0` is not valid, "
            "input type should be `object`.",
        ),
    ],
)
def test_what_is_wrong_in_merge_infos_is_named(infos: Any, message: str) -> None:
    with pytest.raises(ApiError) as caught:
        parse(FuseFaceRequest, {**GOOD, "MergeInfos": infos})
    assert caught.value.message("en-US") == message


def test_numbers_as_texts() -> None:
    rect = {"X": "1", "Y": "2", "Width": "30", "Height": "40"}
    texts = {**GOOD, "MergeInfos": [{"InputImageFaceRect": rect}], "FuseFaceDegree": ""}
    request = parse(FuseFaceRequest, texts, texts=True)
    expected = FaceRect(X=1, Y=2, Width=30, Height=40)
    assert request.MergeInfos == [MergeInfo(InputImageFaceRect=expected)]
    assert request.FuseFaceDegree is None


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
REQUESTS: list[type[Any]] = [FaceFusionRequest, FuseFaceRequest, DescribeMaterialListRequest]
names = st.sampled_from(
    sorted({"X", *(field.name for kind in REQUESTS for field in dataclasses.fields(kind))})
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(REQUESTS), st.dictionaries(names, json_values), st.booleans())
def test_any_json_is_a_request_or_a_documented_error(
    kind: type[Any], params: dict[str, Any], texts: bool
) -> None:
    try:
        outcome = type(parse(kind, params, texts=texts)).__name__
    except ApiError as error:
        outcome = error.code
    documented = {"UnknownParameter", "MissingParameter", "InvalidParameter"}
    assert outcome in {kind.__name__, *documented}
