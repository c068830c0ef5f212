"""DescribeMaterialList through the official SDK."""

import io
from typing import Any

import httpx
import pytest
from PIL import Image
from tencentcloud.facefusion.v20181201 import models

from tests.live import HOPPER, MATERIAL, Live, base64_of, error_of, material_list

VALUE = "InvalidParameterValue.ParameterValueError"
UNKNOWN = "InvalidParameterValue.MaterialIdNotFound"
GROUP, OVERSIZE, PENDING = (f"qc_100646_154021_{m}" for m in (12, 13, 14))
LISTED = [f"qc_100646_154021_{m}" for m in (9, 10, 11, 12, 13, 14, 16)]  # 15 is deleted


@pytest.fixture(autouse=True)
def without_limit(live: Live) -> None:
    live.world.accounts.limits.actions = {}


def listed(live: Live, **changes: Any) -> models.DescribeMaterialListResponse:
    return live.client().DescribeMaterialList(material_list(**changes))


def ids(answer: models.DescribeMaterialListResponse) -> list[str]:
    return [info.MaterialId for info in answer.MaterialInfos]


def test_every_material_but_the_deleted(live: Live) -> None:
    answer = listed(live)
    assert (ids(answer), answer.Count) == (LISTED, len(LISTED))
    statuses = {info.MaterialId: info.MaterialStatus for info in answer.MaterialInfos}
    assert statuses.pop(PENDING) == 0
    assert set(statuses.values()) == {1}


@pytest.mark.parametrize(
    ("limit", "offset", "expected"),
    [(3, 0, LISTED[:3]), (3, 3, LISTED[3:6]), (3, 6, LISTED[6:]), (100, 7, []), (1, 2**63 - 1, [])],
)
def test_pages(live: Live, limit: int, offset: int, expected: list[str]) -> None:
    answer = listed(live, Limit=limit, Offset=offset)
    assert (ids(answer), answer.Count) == (expected, len(LISTED))


def test_twenty_by_default(live: Live) -> None:
    account = live.world.accounts.any()
    project = live.world.accounts.project(account, "100646")
    assert project is not None
    for number in range(30):
        copy = project.materials[0].model_copy(update={"id": f"qc_100646_1_{number}"})
        live.world.accounts.add_material(project, copy)
    answer = listed(live)
    assert (len(ids(answer)), answer.Count) == (20, 37)


def test_one_material_with_its_faces(live: Live) -> None:
    answer = listed(live, MaterialId=GROUP)
    assert (ids(answer), answer.Count) == ([GROUP], 1)
    [info] = answer.MaterialInfos
    assert (info.BlendParamPtu, info.BlendParamYoutu) == (50, 50)
    assert (info.PositionParamPtu, info.PositionParamYoutu) == (50, 50)
    assert [face.FaceId for face in info.MaterialFaceList] == [f"100646_12_{n}" for n in (1, 2, 3)]
    rects = [face.FaceInfo for face in info.MaterialFaceList]
    areas = [rect.Width * rect.Height for rect in rects]
    assert areas == sorted(areas, reverse=True)
    picture = Image.open(io.BytesIO(httpx.get(info.Url).content))
    assert picture.format == "JPEG"
    for rect in rects:
        assert 0 <= rect.X < rect.X + rect.Width <= picture.width
        assert 0 <= rect.Y < rect.Y + rect.Height <= picture.height


def test_the_link_is_known_to_nobody_else(live: Live) -> None:
    url = listed(live, MaterialId=MATERIAL).MaterialInfos[0].Url
    other = listed(live, MaterialId=GROUP).MaterialInfos[0].Url
    assert httpx.head(url).status_code == 200
    for wrong in (url.replace(MATERIAL, GROUP), f"{url[:-5]}.jpg", url.replace(MATERIAL, "none")):
        assert (answer := httpx.get(wrong)).status_code == 404, wrong
        assert "NoSuchKey" in answer.text
    assert url.rpartition("/")[2] != other.rpartition("/")[2]


def test_a_png_keeps_its_alpha(live: Live) -> None:
    url = listed(live, MaterialId="qc_100646_154021_10").MaterialInfos[0].Url
    picture = Image.open(io.BytesIO(httpx.get(url).content))
    assert (picture.format, picture.mode) == ("PNG", "RGBA")


def test_a_material_over_the_size_limit_has_no_faces(live: Live) -> None:
    [info] = listed(live, MaterialId=OVERSIZE).MaterialInfos
    assert (info.MaterialFaceList, info.Url) == ([], "")


def test_times_and_degrees_of_a_material_that_is_made_and_changed(live: Live) -> None:
    state = f"{live.url}/_mock/state"
    [seeded] = listed(live, MaterialId=MATERIAL).MaterialInfos
    assert seeded.CreateTime == seeded.UpdateTime == "2020-01-01T00:00:00.000Z"
    live.world.clock.set(1893456000.25)
    live.world.settings.clock_skew_seconds, usual = 10**10, live.world.settings.clock_skew_seconds
    new = {"image": base64_of(HOPPER), "profile_degree": 0, "face_degree": 100}
    made = httpx.post(f"{state}/projects/100646/materials", json=new).json()["id"]
    live.world.clock.advance(60)
    changed = {"audit": "rejected", "face_degree": 20}
    httpx.patch(f"{state}/materials/{made}", json=changed).raise_for_status()
    answer = listed(live, Offset=len(LISTED))
    live.world.settings.clock_skew_seconds = usual
    assert ids(answer) == [made]
    [info] = answer.MaterialInfos
    assert (info.CreateTime, info.UpdateTime) == (
        "2030-01-01T00:00:00.250Z",
        "2030-01-01T00:01:00.250Z",
    )
    assert (info.MaterialStatus, info.BlendParamPtu, info.PositionParamPtu) == (2, 0, 20)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"Limit": 0}, VALUE),
        ({"Limit": 101}, VALUE),
        ({"Offset": -1}, VALUE),
        ({"Offset": 2**63}, VALUE),
        ({"ActivityId": 999999}, "InvalidParameterValue.ActivityIdNotFound"),
        ({"ActivityId": "100646"}, "InvalidParameter"),
        ({"ActivityId": None}, "MissingParameter"),
        ({"MaterialId": "qc_100646_0_0"}, UNKNOWN),
        ({"MaterialId": "qc_100646_154021_15"}, UNKNOWN),
        ({"MaterialId": "qc_100647_154022_1"}, UNKNOWN),
    ],
)
def test_refusals(live: Live, changes: dict[str, Any], code: str) -> None:
    assert error_of(live.client(), material_list(**changes))[0] == code


def test_by_get(live: Live) -> None:
    profile = live.profile()
    profile.httpProfile.reqMethod = "GET"
    client = live.client(httpProfile=profile.httpProfile)
    answer = client.DescribeMaterialList(material_list(Limit=2, Offset=1, MaterialId=""))
    assert ids(answer) == LISTED[1:3]


def test_the_default_seed_allows_one_a_second(live: Live) -> None:
    httpx.post(f"{live.url}/_mock/reset").raise_for_status()
    httpx.post(f"{live.url}/_mock/clock", json={"freeze": True}).raise_for_status()
    listed(live)
    assert error_of(live.client(), material_list())[0] == "RequestLimitExceeded"
    live.world.clock.advance(1)
    assert listed(live).Count
