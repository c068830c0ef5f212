"""Rates and results by the injected clock, through the official SDK."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException

from mockserver.settings import Settings
from tests.live import (
    MATERIAL,
    PROJECT,
    UNPUBLISHED,
    UNPUBLISHED_MATERIAL,
    Live,
    face_fusion,
    running,
)

FREQUENCY = "FailedOperation.FuseFreqCtrl"


def outcomes(live: Live, calls: int, project: str, material: str) -> Counter[str]:
    """Make calls from eight threads at once and count how they ended."""

    def one(_: int) -> str:
        try:
            live.client().FaceFusion(face_fusion(ProjectId=project, ModelId=material))
        except TencentCloudSDKException as error:
            return str(error.get_code())
        return "OK"

    with ThreadPoolExecutor(8) as threads:
        return Counter(threads.map(one, range(calls)))


def advance(live: Live, seconds: float) -> None:
    httpx.post(f"{live.url}/_mock/clock", json={"advance": seconds}).raise_for_status()


def test_of_ten_calls_to_the_unpublished_project_one_passes_each_second(live: Live) -> None:
    for _ in range(2):
        got = outcomes(live, 10, UNPUBLISHED, UNPUBLISHED_MATERIAL)
        assert got == {"OK": 1, FREQUENCY: 9}
        advance(live, 1)


def test_of_eighty_calls_to_the_published_project_fifty_pass_each_second(live: Live) -> None:
    for _ in range(2):
        assert outcomes(live, 80, PROJECT, MATERIAL) == {"OK": 50, FREQUENCY: 30}
        advance(live, 1)


def test_a_rate_can_be_set(live: Live) -> None:
    project = live.world.accounts.project(live.world.accounts.any(), PROJECT)
    assert project is not None
    project.rate = 3
    assert outcomes(live, 5, PROJECT, MATERIAL) == {"OK": 3, FREQUENCY: 2}


def test_a_result_link_expires_after_seven_days(live: Live) -> None:
    link = live.client().FaceFusion(face_fusion(RspImgType="url")).Image
    advance(live, 7 * 86400 - 1)
    assert httpx.get(link).status_code == 200
    advance(live, 1)
    expired = httpx.get(link)
    assert expired.status_code == 403
    assert expired.headers["content-type"].startswith("application/xml")
    assert "<Code>AccessDenied</Code>" in expired.text
    assert "<Message>Request has expired</Message>" in expired.text


def test_a_result_that_never_was_is_not_found(live: Live) -> None:
    link = live.client().FaceFusion(face_fusion(RspImgType="url")).Image
    other = link[:-5] + ("0" if link[-5] != "0" else "1") + ".jpg"
    for address in (other, f"{live.url}/_mock/results/x.jpg", f"{live.url}/_mock/results/..%2fx"):
        assert httpx.get(address).status_code == 404


def test_disk_use_is_bounded_and_the_oldest_go_first(tmp_path: Path) -> None:
    limit = 1024 * 1024
    with running(Settings(results_folder=tmp_path, results_max_bytes=limit, workers=1)) as live:
        results = live.world.results
        names = [results.put("m", bytes(300 * 1024), "jpg") for _ in range(5)]
    kept = {file.name for file in tmp_path.iterdir()}
    assert kept == set(names[-3:])


def test_results_survive_a_restart_and_left_over_parts_do_not(tmp_path: Path) -> None:
    settings = Settings(results_folder=tmp_path, workers=1)
    with running(settings) as live:
        link = live.client().FaceFusion(face_fusion(RspImgType="url")).Image
    name = link.rsplit("/", 1)[1]
    (tmp_path / "torn.jpg.part").write_bytes(b"half")
    with running(settings) as live:
        assert httpx.get(f"{live.url}/_mock/results/{name}").status_code == 200
    assert [file.name for file in tmp_path.iterdir()] == [name]
