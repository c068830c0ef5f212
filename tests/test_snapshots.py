"""Snapshots: the state held, and put back."""

import time
from typing import Any

import httpx
import pytest

from tests.live import HOPPER, PROJECT, Live, base64_of, error_of, face_fusion
from tests.wire import PASSED, Wire, code_of

BUSY = "FailedOperation.ServerError"
UIN = "100000000001"


def ask(live: Live, method: str, path: str, body: Any = None) -> httpx.Response:
    return httpx.request(method, f"{live.url}/_mock{path}", json=body, timeout=30)


def take(live: Live) -> str:
    made = ask(live, "POST", "/state/snapshots")
    assert made.status_code == 201
    return str(made.json()["id"])


def restore(live: Live, snapshot: str) -> None:
    answer = ask(live, "POST", f"/state/snapshots/{snapshot}/restore")
    assert (answer.status_code, answer.json()) == (200, {"id": snapshot})


def seen(live: Live) -> Any:
    """All that a snapshot holds, as it is told."""
    return [ask(live, "GET", path).json() for path in ("/state", "/faults", "/clock")]


def upset(live: Live) -> None:
    """Change all that a snapshot holds."""
    ask(live, "PATCH", f"/state/projects/{PROJECT}", {"quota": 0}).raise_for_status()
    ask(live, "DELETE", "/state/projects/100647").raise_for_status()
    ask(live, "PATCH", f"/state/accounts/{UIN}", {"billing": "frozen"}).raise_for_status()
    ask(live, "PATCH", "/state/limits", {"ip": 0}).raise_for_status()
    ask(live, "POST", "/state/accounts", {"uin": "5"}).raise_for_status()
    ask(live, "DELETE", "/faults").raise_for_status()
    ask(live, "POST", "/clock", {"advance": 1000, "freeze": False}).raise_for_status()


def test_all_is_put_back_as_often_as_wanted(live: Live) -> None:
    ask(live, "PATCH", f"/state/projects/{PROJECT}", {"quota": 7}).raise_for_status()
    ask(live, "PATCH", "/state/limits", {"actions": {"FaceFusion": 9}}).raise_for_status()
    for rule in (
        {"id": "a", "act": {"latency": 0.001}, "when": {"times": 3}},
        {"id": "b", "sequence": [None, {"error": BUSY}, None]},
    ):
        ask(live, "POST", "/faults", rule).raise_for_status()
    assert code_of(Wire(live).send()) == PASSED
    before = seen(live)
    snapshot = take(live)
    for _ in range(2):
        assert code_of(Wire(live).send()) == BUSY
        assert live.client().FaceFusion(face_fusion()).Image
        upset(live)
        assert seen(live) != before
        restore(live, snapshot)
        assert seen(live) == before


def test_a_rules_own_chance_goes_on_from_where_it_was(live: Live) -> None:
    chance = {"probability": 0.5, "seed": 7}
    ask(live, "POST", "/faults", {"act": {"error": BUSY}, "when": chance}).raise_for_status()
    [code_of(Wire(live).send()) for _ in range(5)]
    snapshot = take(live)
    runs = []
    for _ in range(2):
        runs.append([code_of(Wire(live).send()) for _ in range(20)])
        restore(live, snapshot)
    assert runs[0] == runs[1]
    assert set(runs[0]) == {BUSY, PASSED}


def test_the_rate_windows_begin_anew(live: Live) -> None:
    unpublished = face_fusion(ProjectId="100647", ModelId="qc_100647_154022_1")
    snapshot = take(live)
    for _ in range(2):
        assert live.client().FaceFusion(unpublished).Image
        assert error_of(live.client(), unpublished)[0] == "FailedOperation.FuseFreqCtrl"
        restore(live, snapshot)


def test_a_running_clock_runs_on(live: Live) -> None:
    ask(live, "POST", "/clock", {"freeze": False, "set": 1_000_000_000}).raise_for_status()
    ahead = live.world.clock.now() - time.time()
    snapshot = take(live)
    ask(live, "POST", "/clock", {"freeze": True, "set": 5}).raise_for_status()
    restore(live, snapshot)
    assert not live.world.clock.frozen
    assert live.world.clock.now() - time.time() == pytest.approx(ahead, abs=1e-3)


def test_a_picture_that_was_sent_is_kept_with_the_snapshot(live: Live) -> None:
    path = f"/state/projects/{PROJECT}/materials"
    name = ask(live, "POST", path, {"image": base64_of(HOPPER)}).json()["id"]
    held = set(live.world.gallery._prepared)
    snapshot = take(live)
    ask(live, "DELETE", f"/state/materials/{name}").raise_for_status()
    restore(live, snapshot)
    assert live.client().FaceFusion(face_fusion(ModelId=name)).Image
    ask(live, "DELETE", f"/state/materials/{name}").raise_for_status()
    assert set(live.world.gallery._prepared) == held
    assert ask(live, "DELETE", f"/state/snapshots/{snapshot}").status_code == 204
    assert len(live.world.gallery._prepared) == len(held) - 1


def test_a_sandbox_that_was_made_later_is_gone(live: Live) -> None:
    early = ask(live, "POST", "/state/sandboxes", {"seconds": 60}).json()
    snapshot = take(live)
    late = ask(live, "POST", "/state/sandboxes").json()
    restore(live, snapshot)
    for told, code in ((early, PASSED), (late, "AuthFailure.SecretIdNotFound")):
        wire = Wire(live, secret_id=told["secret_id"], secret_key=told["secret_key"])
        assert code_of(wire.send()) == code
    live.world.clock.advance(60)
    wire = Wire(live, secret_id=early["secret_id"], secret_key=early["secret_key"])
    assert code_of(wire.send()) == "AuthFailure.SecretIdNotFound"


def test_snapshots_are_bounded_and_a_reset_forgets_them(
    live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mockserver.admin.snapshots.MAX_SNAPSHOTS", 1)
    first = take(live)
    assert ask(live, "POST", "/state/snapshots").status_code == 409
    assert ask(live, "DELETE", f"/state/snapshots/{first}").status_code == 204
    second = take(live)
    assert first != second
    httpx.post(f"{live.url}/_mock/reset").raise_for_status()
    for gone in (first, second):
        assert ask(live, "POST", f"/state/snapshots/{gone}/restore").status_code == 404
        assert ask(live, "DELETE", f"/state/snapshots/{gone}").status_code == 404
