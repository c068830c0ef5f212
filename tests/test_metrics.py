"""Prometheus metrics: what is counted, of which server, and only where it is asked for."""

import subprocess
import sys
from collections.abc import Iterator

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from mockserver.settings import Settings
from tests.live import HOPPER, Live, base64_of, error_of, face_fusion, running

CODE = "FailedOperation.FuseFreqCtrl"
STAGES = {"check", "queue", "decode", "landmarks", "warp", "blend", "encode", "store"}


@pytest.fixture(scope="module")
def counting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    folder = tmp_path_factory.mktemp("results")
    with running(Settings(results_folder=folder, workers=1, metrics=True)) as live:
        yield live


Samples = dict[tuple[str, tuple[str, ...]], float]


def samples(live: Live) -> Samples:
    """Every sample by its name and its labels' values."""
    answer = httpx.get(f"{live.url}/_mock/metrics").raise_for_status()
    assert answer.headers["content-type"].startswith("text/plain; version=")
    families = text_string_to_metric_families(answer.text)
    return {
        (sample.name.removeprefix("facefusion_mock_"), tuple(sample.labels.values())): sample.value
        for family in families
        for sample in family.samples
    }


def gained(before: Samples, after: Samples) -> Samples:
    """What has grown, of the samples that count."""
    grown = {key: value - before.get(key, 0.0) for key, value in after.items()}
    return {
        key: value for key, value in grown.items() if value and key[0].endswith(("total", "count"))
    }


def test_a_fused_call_is_counted_with_its_stages(counting: Live) -> None:
    before = samples(counting)
    counting.client().FaceFusion(face_fusion(RspImgType="url"))
    got = gained(before, samples(counting))
    assert got["calls_total", ("FaceFusion", "OK")] == 1
    assert got["call_seconds_count", ("FaceFusion",)] == 1
    assert {labels[0] for name, labels in got if name == "stage_seconds_count"} >= STAGES
    assert samples(counting)["queue", ()] == 0


def test_faults_and_limits_are_counted(counting: Live) -> None:
    rule = {"act": {"error": CODE}, "when": {"times": 2}}
    httpx.post(f"{counting.url}/_mock/faults", json=rule).raise_for_status()
    before = samples(counting)
    codes = [error_of(counting.client(), face_fusion())[0] for _ in range(2)]
    got = gained(before, samples(counting))
    assert codes == [CODE, CODE]
    assert got["faults_total", ()] == 2
    assert got["rate_limited_total", (CODE,)] == 2
    assert got["calls_total", ("FaceFusion", CODE)] == 2


def test_what_callers_invent_makes_no_new_series(counting: Live) -> None:
    for number in range(3):
        httpx.post(counting.url, headers={"x-tc-action": f"Nothing{number}"})
    assert {labels[0] for name, labels in samples(counting) if name == "calls_total"} <= {
        "FaceFusion",
        "other",
    }


def test_a_reset_keeps_what_was_counted(counting: Live) -> None:
    before = samples(counting)
    httpx.post(f"{counting.url}/_mock/reset").raise_for_status()
    assert samples(counting) == before


def test_without_the_setting_there_are_none(live: Live) -> None:
    answer = httpx.get(f"{live.url}/_mock/metrics")
    assert (answer.status_code, "FACEFUSION_MOCK_METRICS" in answer.text) == (404, True)


def test_without_the_library_the_start_says_how_to_get_it() -> None:
    hidden = (
        "import sys; sys.modules['prometheus_client'] = None\n"
        "from mockserver.commands.serve import run_server\n"
        "sys.exit(run_server({'metrics': True, 'port': 0}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", hidden], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "pip install 'facefusion-mock[metrics]'" in done.stderr


def test_the_journal_tells_the_stages(live: Live) -> None:
    httpx.post(f"{live.url}/_mock/faults", json={"act": {"latency": 0.01}}).raise_for_status()
    live.client().FaceFusion(face_fusion(RspImgType="url", Image=base64_of(HOPPER)))
    (entry,) = httpx.get(f"{live.url}/_mock/requests").json()
    assert {"fault", "decode", "warp", "blend", "encode"} <= set(entry["stages"])
    assert sum(entry["stages"].values()) <= entry["milliseconds"] + 1
