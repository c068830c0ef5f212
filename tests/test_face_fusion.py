"""FaceFusion through the official SDK: what succeeds."""

import base64
import hashlib
import io
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from xml.etree import ElementTree as ET

import httpx
import numpy as np
import pytest
from PIL import Image
from tencentcloud.common.credential import Credential
from tencentcloud.facefusion.v20181201 import models
from tencentcloud.facefusion.v20181201.facefusion_client_async import (
    FacefusionClient as AsyncClient,
)

from mockserver.settings import Settings
from mockserver.state.models import DEFAULT_SECRET_ID, DEFAULT_SECRET_KEY, PictureReview
from tests.live import FIXTURES, HOPPER, MATERIAL, Live, base64_of, face_fusion, running


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def meta_data(data: bytes) -> list[tuple[str | None, str | None]]:
    """MetaKey and MetaValue as a common tool finds them in the file."""
    packet = ET.fromstring(opened(data).info["xmp"])
    keys = [node.text for node in packet.iter() if node.tag.endswith("}MetaKey")]
    values = [node.text for node in packet.iter() if node.tag.endswith("}MetaValue")]
    return list(zip(keys, values, strict=True))


def test_by_url(live: Live) -> None:
    answer = live.client().FaceFusion(face_fusion(RspImgType="url"))
    assert answer.Image.startswith(f"{live.url}/_mock/results/{MATERIAL}_")
    picture = httpx.get(answer.Image)
    assert picture.status_code == 200
    assert picture.headers["content-type"] == "image/jpeg"
    assert opened(picture.content).format == "JPEG"


def test_by_base64_in_the_size_of_the_material_and_changed_only_at_the_face(live: Live) -> None:
    answer = live.client().FaceFusion(face_fusion())
    material = np.asarray(Image.open(FIXTURES / "materials" / f"{MATERIAL}.jpg"), int)
    result = np.asarray(opened(base64.b64decode(answer.Image)), int)
    assert result.shape == material.shape
    change = np.abs(result - material).mean(axis=2)
    assert change[:20].max() < 40  # only JPEG noise at the edge
    assert (change > 25).mean() > 0.005


def test_a_png_material_gives_a_png_with_its_alpha(live: Live) -> None:
    answer = live.client().FaceFusion(face_fusion(ModelId="qc_100646_154021_10"))
    result = opened(base64.b64decode(answer.Image))
    material = Image.open(FIXTURES / "materials" / "qc_100646_154021_10.png")
    assert (result.format, result.mode, result.size) == ("PNG", "RGBA", material.size)
    assert result.getchannel("A").tobytes() == material.getchannel("A").tobytes()


def test_url_and_image_lead_to_the_same_picture_and_url_wins(live: Live) -> None:
    hosted = live.world.results.put("user", HOPPER.read_bytes(), "jpg")
    by_image = live.client().FaceFusion(face_fusion())
    url = f"{live.url}/_mock/results/{hosted}"
    by_url = live.client().FaceFusion(face_fusion(Url=url, Image="not base64 at all"))
    assert by_url.Image == by_image.Image


@pytest.mark.parametrize("material", [MATERIAL, "qc_100646_154021_10"])
def test_meta_data_travels_in_the_file(live: Live, material: str) -> None:
    pairs = [("AIGC", '{"Label":"1"}'), ("作者", "<测试> & ☃")]
    listed = [{"MetaKey": key, "MetaValue": value} for key, value in pairs]
    request = face_fusion(ModelId=material, FuseParam={"ImageCodecParam": {"MetaData": listed}})
    data = base64.b64decode(live.client().FaceFusion(request).Image)
    assert meta_data(data) == pairs


def test_every_result_says_that_it_is_synthetic(live: Live) -> None:
    data = base64.b64decode(live.client().FaceFusion(face_fusion()).Image)
    packet = opened(data).info["xmp"].decode()
    assert "compositeSynthetic" in packet
    assert "facefusion-mock" in packet


def test_no_review_unless_asked(live: Live) -> None:
    assert live.client().FaceFusion(face_fusion()).ReviewResultSet is None


def test_a_review_passes_by_default(live: Live) -> None:
    [review] = live.client().FaceFusion(face_fusion(CelebrityIdentify=1)).ReviewResultSet
    assert (review.Code, review.CodeDescription, review.Suggestion) == ("0", "OK", "PASS")
    assert review.DetailSet[0].Suggestion == "PASS"


def test_the_seed_decides_on_a_review_by_material(live: Live) -> None:
    request = face_fusion(ModelId="qc_100646_154021_16", CelebrityIdentify=1)
    [review] = live.client().FaceFusion(request).ReviewResultSet
    assert (review.Suggestion, review.DetailSet[0].Confidence) == ("BLOCK", 92)


def test_the_seed_decides_on_a_review_by_the_pictures_hash(live: Live) -> None:
    sha256 = hashlib.sha256(HOPPER.read_bytes()).hexdigest()
    said = PictureReview(sha256=sha256, confidence=75.0, label="somebody")
    live.world.accounts._reviews[sha256] = said
    [review] = live.client().FaceFusion(face_fusion(CelebrityIdentify=1)).ReviewResultSet
    assert (review.Suggestion, review.DetailSet[0].Label) == ("REVIEW", "somebody")


def test_porn_detect_is_accepted_and_ignored(live: Live) -> None:
    client = live.client()
    plain = client.FaceFusion(face_fusion()).Image
    assert client.FaceFusion(face_fusion(PornDetect=1)).Image == plain


async def test_the_asynchronous_client(live: Live) -> None:
    key = Credential(DEFAULT_SECRET_ID, DEFAULT_SECRET_KEY)
    async with AsyncClient(key, "ap-guangzhou", live.profile()) as client:
        answer = await client.FaceFusion(face_fusion())
    assert opened(base64.b64decode(answer.Image)).format == "JPEG"


def test_the_same_request_gives_the_same_bytes_also_after_a_restart(
    live: Live, tmp_path: Path
) -> None:
    pictures = {live.client().FaceFusion(face_fusion()).Image for _ in range(3)}
    with running(Settings(results_folder=tmp_path, workers=1)) as another:
        pictures.add(another.client().FaceFusion(face_fusion()).Image)
    assert len(pictures) == 1


def test_the_same_request_gives_the_same_bytes_beside_others(tmp_path: Path) -> None:
    users = [FIXTURES / "users" / name for name in ("hopper.jpg", "astronaut.jpg", "einstein.jpg")]
    requests = [face_fusion(Image=base64_of(user)) for user in users] * 4
    # No face is remembered: each is looked for again.
    settings = Settings(results_folder=tmp_path, known_faces=0)
    with running(settings) as live, ThreadPoolExecutor(len(requests)) as threads:
        client = live.client()
        pictures = list(threads.map(lambda one: client.FaceFusion(one).Image, requests))
    assert pictures == pictures[: len(users)] * 4
    assert len(set(pictures)) == len(users)


def test_request_ids_and_names_repeat_with_a_seed_and_a_frozen_clock(tmp_path: Path) -> None:
    settings = Settings(results_folder=tmp_path, random_seed=7)
    answers: list[models.FaceFusionResponse] = []
    with running(settings) as live:
        for _ in range(2):
            httpx.post(f"{live.url}/_mock/reset").raise_for_status()
            now = {"set": 1700000000, "freeze": True}
            httpx.post(f"{live.url}/_mock/clock", json=now).raise_for_status()
            live.world.settings.clock_skew_seconds = 10**10
            answers.append(live.client().FaceFusion(face_fusion(RspImgType="url")))
    first, second = answers
    assert first.RequestId == second.RequestId
    assert first.Image == second.Image
