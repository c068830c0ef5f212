"""The journal: an entry for every call, bounded, found again, without pictures and secrets."""

import base64
import hashlib
import json
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import httpx
import pytest

from mockserver.settings import Settings
from mockserver.state.journal import Entry, Filter, Journal, Picture
from mockserver.state.models import DEFAULT_SECRET_ID, DEFAULT_SECRET_KEY
from tests.live import (
    HOPPER,
    MATERIAL,
    PROJECT,
    UNPUBLISHED,
    UNPUBLISHED_MATERIAL,
    Live,
    base64_of,
    error_of,
    face_fusion,
    running,
)
from tests.wire import PASSED, Wire, post


def ask(live: Live, path: str = "", **query: Any) -> Any:
    answer = httpx.get(f"{live.url}/_mock/requests{path}", params=query)
    return answer.raise_for_status().json()


def codes(live: Live, **query: Any) -> list[str]:
    return [entry["code"] for entry in ask(live, **query)]


def test_a_fused_call_is_written_down(live: Live) -> None:
    answer = live.client().FaceFusion(face_fusion(RspImgType="url"))
    entry = ask(live, f"/{answer.RequestId}")
    expected = {
        "request_id": answer.RequestId,
        "time": live.world.clock.now(),
        "method": "POST",
        "host": live.authority,
        "client": "127.0.0.1",
        "action": "FaceFusion",
        "version": "2018-12-01",
        "region": "ap-guangzhou",
        "language": "zh-CN",
        "secret_id": DEFAULT_SECRET_ID,
        "project": PROJECT,
        "material": MATERIAL,
        "code": "OK",
        "message": "",
        "result": answer.Image,
        "diagnosis": None,
    }
    assert {name: entry[name] for name in expected} == expected
    assert entry["milliseconds"] > 0


def test_a_picture_is_described_only(live: Live) -> None:
    entry = ask(live, f"/{live.client().FaceFusion(face_fusion()).RequestId}")
    picture = HOPPER.read_bytes()
    (shown,) = entry["pictures"]
    assert shown["sha256"] == hashlib.sha256(picture).hexdigest()
    assert (shown["bytes"], shown["format"]) == (len(picture), "jpg")
    assert shown["width"] > 64
    assert shown["height"] > 64
    text = base64_of(HOPPER)
    assert entry["params"] == {
        "ProjectId": PROJECT,
        "ModelId": MATERIAL,
        "RspImgType": "base64",
        "Image": f"({len(text)} characters)",
    }


def test_no_piece_of_a_picture_and_no_secret_is_kept(live: Live) -> None:
    live.client().FaceFusion(face_fusion())
    bad = base64.b64encode(b"no picture at all, but secret" * 9).decode()
    error_of(live.client(), face_fusion(Image=bad))
    error_of(live.client(secret_key="wrong"), face_fusion())
    kept = httpx.get(f"{live.url}/_mock/requests").text
    assert len(json.loads(kept)) == 3
    for secret in (base64_of(HOPPER)[:40], bad[:40], DEFAULT_SECRET_KEY):
        assert secret not in kept


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"authorization": None}, "InvalidParameter"),
        ({"authorization": "nonsense"}, "AuthFailure.InvalidAuthorization"),
        ({"x_tc_timestamp": None}, "MissingParameter"),
        ({"x_tc_action": "Nothing"}, "InvalidAction"),
        ({"x_tc_region": "mars"}, "InvalidParameterValue"),
    ],
)
def test_a_refused_call_has_an_entry(live: Live, changes: dict[str, str | None], code: str) -> None:
    response = Wire(live).send(**changes)
    entry = ask(live, f"/{response['RequestId']}")
    assert (entry["code"], entry["message"]) == (code, response["Error"]["Message"])


def test_other_methods_and_large_bodies_have_an_entry(live: Live) -> None:
    for method, body in (("PUT", b""), ("POST", bytes(10 * 1024 * 1024 + 1))):
        response = post(live, {"content-type": "application/json"}, body, method)
        entry = ask(live, f"/{response['RequestId']}")
        assert (entry["method"], entry["code"]) == (method, response["Error"]["Code"])


def test_filters(live: Live) -> None:
    client = live.client()
    client.FaceFusion(face_fusion())
    client.FaceFusion(face_fusion(ProjectId=UNPUBLISHED, ModelId=UNPUBLISHED_MATERIAL))
    error_of(client, face_fusion(ProjectId="0", ModelId="0"))
    error_of(live.client("AKIDnobody"), face_fusion())
    Wire(live).send(x_tc_action="Nothing")
    assert codes(live) == ["InvalidAction", "AuthFailure.SecretIdNotFound", PASSED, "OK", "OK"]
    assert codes(live, code="OK") == ["OK", "OK"]
    assert codes(live, project=UNPUBLISHED) == ["OK"]
    assert codes(live, project="0") == [PASSED]
    assert codes(live, key="AKIDnobody") == ["AuthFailure.SecretIdNotFound"]
    assert codes(live, action="Nothing") == ["InvalidAction"]
    assert codes(live, action="FaceFusion", code="OK", project=PROJECT) == ["OK"]
    assert codes(live, action="FaceFusion", code="OK", project="0") == []
    assert ask(live, "/count", code="OK") == {"count": 2}
    assert ask(live, "/count") == {"count": 5}


def test_the_limit_takes_the_latest(live: Live) -> None:
    ids = [Wire(live).send()["RequestId"] for _ in range(3)]
    assert [entry["request_id"] for entry in ask(live, limit=2)] == ids[:0:-1]
    assert [entry["request_id"] for entry in ask(live)] == ids[::-1]
    for limit in (0, 10_001, "many"):
        answer = httpx.get(f"{live.url}/_mock/requests", params={"limit": limit})
        assert answer.status_code == 422


def test_clear_and_reset(live: Live) -> None:
    last = [Wire(live).send()["RequestId"] for _ in range(3)][-1]
    cleared = httpx.delete(f"{live.url}/_mock/requests").json()
    assert cleared == {"count": 3}
    assert ask(live, "/count") == {"count": 0}
    assert httpx.get(f"{live.url}/_mock/requests/{last}").status_code == 404
    Wire(live).send()
    assert ask(live, "/count") == {"count": 1}
    httpx.post(f"{live.url}/_mock/reset").raise_for_status()
    assert ask(live) == []


def test_some_calls_are_forgotten(live: Live) -> None:
    client = live.client()
    client.FaceFusion(face_fusion())
    error_of(client, face_fusion(ProjectId="0", ModelId="0"))
    error_of(live.client("AKIDnobody"), face_fusion())
    cleared = httpx.delete(f"{live.url}/_mock/requests", params={"key": "AKIDnobody"}).json()
    assert cleared == {"count": 1}
    assert codes(live) == [PASSED, "OK"]
    httpx.delete(f"{live.url}/_mock/requests", params={"code": "OK", "project": "0"})
    assert codes(live) == [PASSED, "OK"]
    httpx.delete(f"{live.url}/_mock/requests", params={"code": "OK"}).raise_for_status()
    assert codes(live) == [PASSED]


def test_an_unknown_request_id_is_not_found(live: Live) -> None:
    answer = httpx.get(f"{live.url}/_mock/requests/00000000-0000-4000-8000-000000000000")
    assert answer.status_code == 404
    assert answer.json() == {"detail": "the journal has no call with this RequestId"}


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    folder = tmp_path_factory.mktemp("results")
    settings = Settings(results_folder=folder, workers=1, journal_entries=4, journal_bytes=4000)
    with running(settings) as live:
        yield live


def test_a_server_keeps_no_more_than_its_settings_say(small: Live) -> None:
    ids = [Wire(small).send()["RequestId"] for _ in range(6)]
    assert [entry["request_id"] for entry in ask(small)] == ids[:1:-1]
    httpx.delete(f"{small.url}/_mock/requests")
    body = json.dumps({"ProjectId": "0", "ModelId": "0", "MergeInfos": ["x" * 999] * 5}).encode()
    long = [Wire(small, body=body).send()["RequestId"] for _ in range(4)]
    kept = [entry["request_id"] for entry in ask(small)]
    assert 1 <= len(kept) < 4
    assert kept == long[::-1][: len(kept)]


def entry(request_id: str, **changes: Any) -> Entry:
    texts = dict.fromkeys({field.name for field in fields(Entry)} - set(_OTHER_FIELDS), "")
    return Entry(**{**texts, **_OTHER_FIELDS, "request_id": request_id, **changes})


_OTHER_FIELDS: dict[str, Any] = {
    "time": 0,
    "milliseconds": 0,
    "params": {},
    "faults": [],
    "pictures": [Picture(sha256="0" * 64, bytes=1)],
    "result": None,
    "diagnosis": None,
}


def test_the_bound_by_count() -> None:
    journal = Journal(max_entries=3, max_bytes=10**9)
    for number in range(5):
        journal.add(entry(str(number)))
    assert [kept.request_id for kept in journal.select(Filter())] == ["4", "3", "2"]


LONG = "x" * 10_000


def test_the_bound_by_bytes() -> None:
    journal = Journal(max_entries=100, max_bytes=25_000)
    for number in range(5):
        journal.add(entry(str(number), message=LONG))
    assert [kept.request_id for kept in journal.select(Filter())] == ["4", "3"]
    journal.add(entry("5", message=2 * LONG))
    assert [kept.request_id for kept in journal.select(Filter())] == ["5"]
    journal.add(entry("6", message=3 * LONG))  # larger than the journal
    assert list(journal.select(Filter())) == []
    journal.add(entry("7"))
    assert [kept.request_id for kept in journal.select(Filter())] == ["7"]


async def test_a_call_that_is_kept_anew_counts_once_and_keeps_its_place() -> None:
    journal = Journal(max_entries=100, max_bytes=25_000)
    for _ in range(5):
        journal.add(entry("0", message=LONG))
    journal.add(entry("1"))
    journal.add(entry("0", message=LONG))
    assert [kept.request_id for kept in journal.select(Filter())] == ["1", "0"]


def test_a_text_is_cut_and_a_list_is_shortened(live: Live) -> None:
    deep: Any = "x"
    for _ in range(20):
        deep = {"a": deep}
    body = json.dumps({"ProjectId": "p" * 999, "ModelId": ["m"] * 99, "MergeInfos": deep})
    response = Wire(live, body=body.encode()).send()
    params = ask(live, f"/{response['RequestId']}")["params"]
    assert params["ProjectId"] == "p" * 256
    assert params["ModelId"] == ["m"] * 50
    assert '"..."' in json.dumps(params["MergeInfos"])


def test_the_journal_is_in_memory_only(small: Live) -> None:
    Wire(small).send()
    folder = Path(small.world.settings.results_folder)
    assert [file for file in folder.rglob("*") if file.is_file()] == []
