"""FuseFace through the official SDK: what succeeds."""

import base64
import hashlib
import io
from functools import cache
from typing import Any

import httpx
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from mockserver.state.models import PictureReview
from tests import photos
from tests.live import FIXTURES, HOPPER, MATERIAL, Live, base64_of, error_of, face_fusion, fuse_face

GROUP = "qc_100646_154021_12"
IDS = [f"100646_12_{number}" for number in (1, 2, 3)]
USERS = [FIXTURES / "users" / f"{name}.jpg" for name in ("astronaut", "hopper", "einstein")]


@cache
def photo(who: int) -> str:
    return base64_of(USERS[who])


def info(who: int, face: int | None = None, **more: Any) -> dict[str, Any]:
    """A user's picture for a face of the group, or for whichever is free."""
    named = {} if face is None else {"TemplateFaceID": IDS[face]}
    return {"Image": photo(who), **named, **more}


def fused(live: Live, *infos: dict[str, Any], **changes: Any) -> bytes:
    answer = live.client().FuseFace(fuse_face(*infos, **{"ModelId": GROUP, **changes}))
    return base64.b64decode(answer.FusedImage)


def pixels(data: bytes) -> NDArray[Any]:
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"), np.int32)


def faces(live: Live, material: str = GROUP) -> list[tuple[slice, slice]]:
    """Where a material's faces are, the largest first."""
    found = live.world.accounts.material(material)
    assert found is not None
    templates = live.world.gallery.get(found[1]).faces
    return [template.region.slices for template in templates]


def change(one: NDArray[Any], other: NDArray[Any], where: tuple[slice, slice]) -> float:
    return float(np.abs(one - other)[where].mean())


def test_one_picture_is_fused_as_face_fusion_does(live: Live) -> None:
    client = live.client()
    assert client.FuseFace(fuse_face()).FusedImage == client.FaceFusion(face_fusion()).Image


@pytest.mark.parametrize("count", [1, 2, 3])
def test_each_face_is_replaced_by_its_user(live: Live, count: int) -> None:
    chosen = [(0, 2), (1, 0), (2, 1)][:count]  # which user onto which face
    result = pixels(fused(live, *(info(who, face) for who, face in chosen)))
    material = pixels((FIXTURES / "materials" / f"{GROUP}.jpg").read_bytes())
    for face, where in enumerate(faces(live)):
        who = next((who for who, onto in chosen if onto == face), None)
        if who is None:
            assert change(result, material, where) < 2  # no more than JPEG does
            continue
        alone = [change(result, pixels(fused(live, info(any_, face))), where) for any_ in range(3)]
        assert alone[who] < 1
        assert min(alone[:who] + alone[who + 1 :]) > 4


def test_absent_ids_go_to_the_faces_from_the_largest_on(live: Live) -> None:
    named = fused(live, info(0, 0), info(1, 1), info(2, 2))
    assert fused(live, info(0), info(1), info(2)) == named
    assert fused(live, info(1), info(0, 0), info(2)) == named
    assert fused(live, info(0, 0), {**info(1), "TemplateFaceID": ""}, info(2, 2)) == named


def test_the_order_of_the_pictures_does_not_matter(live: Live) -> None:
    first = fused(live, info(0, 0), info(1, 2), info(2, 1))
    assert fused(live, info(2, 1), info(0, 0), info(1, 2)) == first


def test_a_rectangle_points_at_a_face_of_the_users_picture(live: Live) -> None:
    image = photos.placed(photos.user("hopper.jpg"), 900)
    small = photos.scaled(photos.user("astronaut.jpg"), 0.4)
    image[: small.shape[0], : small.shape[1]] = small
    picture = {"Image": base64.b64encode(photos.encoded(image, "PNG")).decode()}
    box = photos.user_face("astronaut.jpg").box
    corner, sides = {"X": box.x, "Y": box.y}, {"Width": box.width, "Height": box.height}
    rect = {name: round(0.4 * value) for name, value in {**corner, **sides}.items()}
    [where] = faces(live, MATERIAL)
    alone = [pixels(fused(live, info(who), ModelId=MATERIAL)) for who in (0, 1)]
    for sent, who in ((picture, 1), ({**picture, "InputImageFaceRect": rect}, 0)):
        result = pixels(fused(live, sent, ModelId=MATERIAL))
        apart = [change(result, one, where) for one in alone]
        assert apart[who] < 0.5 * apart[1 - who]


def test_reviews_stand_in_the_order_of_the_pictures(live: Live) -> None:
    for who, confidence in ((0, 92.0), (2, 75.0)):
        sha256 = hashlib.sha256(USERS[who].read_bytes()).hexdigest()
        said = PictureReview(sha256=sha256, confidence=confidence, label=f"person {who}")
        live.world.accounts._reviews[sha256] = said
    request = fuse_face(info(2), info(1), info(0), ModelId=GROUP, CelebrityIdentify=1)
    reviews = live.client().FuseFace(request).ReviewResultSet
    assert [review.Suggestion for review in reviews] == ["REVIEW", "PASS", "BLOCK"]
    assert [review.DetailSet[0].Label for review in reviews] == ["person 2", "", "person 0"]
    request.CelebrityIdentify = 0
    assert live.client().FuseFace(request).ReviewResultSet is None


def test_absent_degrees_are_the_materials_own(live: Live) -> None:
    asked = fused(live, info(0), FuseProfileDegree=10, FuseFaceDegree=90)
    assert fused(live, info(0)) != asked
    own = {"profile_degree": 10, "face_degree": 90}
    url = f"{live.url}/_mock/state/materials/{GROUP}"
    assert httpx.patch(url, json=own).json()["face_degree"] == 90
    assert fused(live, info(0)) == asked
    by_face_fusion = live.client().FaceFusion(face_fusion(ModelId=GROUP, Image=photo(0)))
    assert base64.b64decode(by_face_fusion.Image) == asked


def test_a_url_wins_and_meta_data_travels(live: Live) -> None:
    hosted = live.world.results.put("user", HOPPER.read_bytes(), "jpg")
    pair = {"MetaKey": "作者", "MetaValue": "a b"}
    more = {"FuseParam": {"ImageCodecParam": {"MetaData": [pair]}}}
    by_image = fused(live, info(1), **more)
    url = {"Url": f"{live.url}/_mock/results/{hosted}", "Image": "not base64 at all"}
    assert fused(live, url, **more) == by_image
    assert "作者".encode() in by_image


def test_by_get_and_by_multipart(live: Live) -> None:
    hosted = live.world.results.put("user", HOPPER.read_bytes(), "jpg")
    url = f"{live.url}/_mock/results/{hosted}"
    rect = {"X": 150, "Y": 60, "Width": 220, "Height": 260}
    infos: list[dict[str, Any]] = [
        {"Url": url, "TemplateFaceID": IDS[1], "InputImageFaceRect": rect},
        {"Url": url},
    ]
    request = fuse_face(*infos, ModelId=GROUP, FuseFaceDegree=20)
    plain = live.client().FuseFace(request).FusedImage
    profile = live.profile()
    profile.httpProfile.reqMethod = "GET"
    assert live.client(httpProfile=profile.httpProfile).FuseFace(request).FusedImage == plain
    # The SDK's multipart writer cannot bear numbers at the top.
    fields = {**request._serialize(allow_none=False), "FuseFaceDegree": "20"}
    answer = live.client().call_json("FuseFace", fields, options={"IsMultipart": True})
    assert answer["Response"]["FusedImage"] == plain


def test_the_journal_has_every_picture_and_the_link(live: Live) -> None:
    request = fuse_face(info(0), info(2), ModelId=GROUP, RspImgType="url")
    answer = live.client().FuseFace(request)
    assert httpx.get(answer.FusedImage).content.startswith(b"\xff\xd8")
    entry = httpx.get(f"{live.url}/_mock/requests/{answer.RequestId}").json()
    hashes = [hashlib.sha256(USERS[who].read_bytes()).hexdigest() for who in (0, 2)]
    assert [picture["sha256"] for picture in entry["pictures"]] == hashes
    assert entry["result"] == answer.FusedImage
    assert photo(0)[:100] not in str(entry)


def test_a_rule_for_the_second_picture(live: Live) -> None:
    sha256 = hashlib.sha256(USERS[2].read_bytes()).hexdigest()
    rule = {"match": {"picture": sha256}, "act": {"error": "FailedOperation.RpcFail"}}
    httpx.post(f"{live.url}/_mock/faults", json=rule).raise_for_status()
    assert fused(live, info(0), info(1))
    request = fuse_face(info(0), info(2), ModelId=GROUP)
    assert error_of(live.client(), request)[0] == "FailedOperation.RpcFail"


def test_a_fault_by_name_and_a_fault_of_the_result(live: Live) -> None:
    request = fuse_face(ModelId="mock-error:FailedOperation.ServerError")
    assert error_of(live.client(), request)[0] == "FailedOperation.ServerError"
    whole = Image.open(io.BytesIO(fused(live, info(0), info(1)))).size
    rule = {"match": {"action": "FuseFace"}, "act": {"result": "wrong_size"}}
    httpx.post(f"{live.url}/_mock/faults", json=rule).raise_for_status()
    halved = Image.open(io.BytesIO(fused(live, info(0), info(1)))).size
    assert halved == (-(-whole[0] // 2), -(-whole[1] // 2))


def test_a_sandboxs_copy_has_face_ids_of_its_own(live: Live) -> None:
    made = httpx.post(f"{live.url}/_mock/state/sandboxes", json={"projects": ["100646"]}).json()
    project = made["projects"]["100646"]
    copied = project["materials"][GROUP]
    client = live.client(made["secret_id"], made["secret_key"])
    face = f"{project['id']}_12_3"
    own = {"ProjectId": project["id"], "ModelId": copied}
    request = fuse_face({"Image": photo(0), "TemplateFaceID": face}, **own)
    assert base64.b64decode(client.FuseFace(request).FusedImage) == fused(live, info(0, 2))
    request = fuse_face(info(0, 2), **own)
    assert error_of(client, request)[0] == "FailedOperation.TemplateFaceIDNotExist"
