"""Sandboxes: several test suites on one server, which do not touch each other."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException

from tests.live import HOPPER, MATERIAL, PROJECT, Live, base64_of, error_of, face_fusion
from tests.wire import Wire, code_of

BUSY = "FailedOperation.ServerError"
GONE = "AuthFailure.SecretIdNotFound"


def ask(live: Live, method: str, path: str, body: Any = None) -> httpx.Response:
    return httpx.request(method, f"{live.url}/_mock{path}", json=body, timeout=30)


class Suite:
    """A test suite with a sandbox of its own."""

    def __init__(self, live: Live, **wanted: Any) -> None:
        self.live = live
        made = ask(live, "POST", "/state/sandboxes", wanted)
        assert made.status_code == 201, made.text
        self.told: dict[str, Any] = made.json()
        self.uin, self.secret_id = self.told["uin"], self.told["secret_id"]
        self.project, self.materials = self.of(PROJECT)
        self.client = live.client(self.secret_id, self.told["secret_key"])

    def of(self, original: str) -> tuple[str, dict[str, str]]:
        """A copied project's id, and its materials' by the original ones."""
        copied = self.told["projects"][original]
        return copied["id"], copied["materials"]

    def request(self, material: str = MATERIAL, **changes: Any) -> Any:
        own = {"ProjectId": self.project, "ModelId": self.materials[material]}
        return face_fusion(**{**own, **changes})

    def outcome(self, **changes: Any) -> str:
        return error_of(self.client, self.request(**changes))[0]

    def count(self) -> int:
        answer = ask(self.live, "GET", f"/requests/count?key={self.secret_id}")
        number: int = answer.json()["count"]
        return number

    def rule(self) -> None:
        rule = {"match": {"secret_id": self.secret_id}, "act": {"error": BUSY}}
        ask(self.live, "POST", "/faults", rule).raise_for_status()

    def remove(self) -> int:
        return ask(self.live, "DELETE", f"/state/sandboxes/{self.uin}").status_code


def test_a_sandbox_is_a_copy_under_other_ids(live: Live) -> None:
    held = dict(live.world.gallery._prepared)
    suite = Suite(live)
    seed = live.world.accounts.any()
    assert list(suite.told["projects"]) == [project.id for project in seed.projects]
    for original in seed.projects:
        new_id, materials = suite.of(original.id)
        owned = live.world.accounts.owned_project(new_id)
        assert owned is not None
        account, project = owned
        assert (account.uin, account.billing) == (suite.uin, "normal")
        changed = {"id": new_id, "materials": project.materials}
        assert project == original.model_copy(update=changed)
        for before, after in zip(original.materials, project.materials, strict=True):
            assert materials[before.id] == after.id
            assert after == before.model_copy(update={"id": after.id})
            assert after.id.startswith(f"qc_{new_id}_")
    assert suite.materials[MATERIAL].endswith("_154021_9")
    assert live.world.gallery._prepared == held  # nothing was prepared again
    assert suite.client.FaceFusion(suite.request()).Image
    assert suite.outcome(ProjectId=PROJECT) == "InvalidParameterValue.ActivityIdNotFound"
    assert suite.outcome(ModelId=MATERIAL) == "FailedOperation.FuseMaterialNotExist"


def test_only_the_projects_that_are_wanted(live: Live) -> None:
    suite = Suite(live, projects=[PROJECT, "100647", PROJECT])
    assert list(suite.told["projects"]) == [PROJECT, "100647"]
    unknown = ask(live, "POST", "/state/sandboxes", {"projects": [PROJECT, "none"]})
    assert unknown.status_code == 404


@pytest.mark.parametrize(
    "body", [{"seconds": 0}, {"seconds": True}, {"projects": "100646"}, {"project": []}, []]
)
def test_a_mistaken_wish_is_refused(live: Live, body: Any) -> None:
    before = ask(live, "GET", "/state").json()
    assert ask(live, "POST", "/state/sandboxes", body).status_code == 422
    assert ask(live, "GET", "/state").json() == before


def test_two_suites_at_the_same_time(live: Live) -> None:
    calls = 4
    one, two = Suite(live), Suite(live)
    one.rule()
    path = f"/state/projects/{two.project}"
    ask(live, "PATCH", path, {"state": "unpublished"}).raise_for_status()

    def run(suite: Suite) -> list[str]:
        return [end_of(suite) for _ in range(calls)]

    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(run, (one, two))
    assert first == [BUSY] * calls
    assert second == ["OK"] + ["FailedOperation.FuseFreqCtrl"] * (calls - 1)
    assert (one.count(), two.count()) == (calls, calls)
    assert live.client().FaceFusion(face_fusion()).Image
    for suite in (one, two):
        entries = ask(live, "GET", f"/requests?key={suite.secret_id}").json()
        assert {entry["project"] for entry in entries} == {suite.project}


def end_of(suite: Suite, **changes: Any) -> str:
    body = {
        **{"ProjectId": suite.project, "ModelId": suite.materials[MATERIAL]},
        **{"RspImgType": "base64", "Image": base64_of(HOPPER)},
        **changes,
    }
    try:
        suite.client.call_json("FaceFusion", body)
    except TencentCloudSDKException as error:
        return str(error.get_code())
    return "OK"


def test_quotas_are_counted_apart(live: Live) -> None:
    one, two = Suite(live), Suite(live)
    for suite in (one, two):
        path = f"/state/projects/{suite.project}"
        ask(live, "PATCH", path, {"quota": 1}).raise_for_status()
    assert one.client.FaceFusion(one.request()).Image
    assert one.outcome() == "FailedOperation.ProjectNotAuth"
    assert two.client.FaceFusion(two.request()).Image
    assert live.client().FaceFusion(face_fusion()).Image


def test_a_removed_sandbox_leaves_nothing(live: Live) -> None:
    before = ask(live, "GET", "/state").json()
    one, two = Suite(live), Suite(live)
    for suite in (one, two):
        suite.rule()
        by_project = {"match": {"project": suite.project}, "act": {"latency": 0.001}}
        ask(live, "POST", "/faults", by_project).raise_for_status()
        assert suite.outcome() == BUSY
    assert one.remove() == 204
    assert (one.count(), two.count()) == (0, 1)
    assert one.outcome() == GONE
    assert two.outcome() == BUSY
    rules = [entry["rule"]["match"] for entry in ask(live, "GET", "/faults").json()]
    assert [match["secret_id"] or match["project"] for match in rules] == [
        *(two.secret_id, two.project)
    ]
    assert two.remove() == 204
    assert ask(live, "GET", "/faults").json() == []
    assert ask(live, "GET", "/state").json() == before
    assert one.remove() == 404
    assert ask(live, "DELETE", "/state/sandboxes/100000000001").status_code == 404


def test_other_calls_stay_in_the_journal_in_their_order(live: Live) -> None:
    suite = Suite(live)
    wanted = []
    for _ in range(3):
        wanted.append(Wire(live).send()["RequestId"])
        suite.client.FaceFusion(suite.request())
    assert suite.remove() == 204
    kept = [entry["request_id"] for entry in ask(live, "GET", "/requests").json()]
    assert kept == wanted[::-1]


def test_a_sandbox_is_thrown_away_when_its_time_is_over(live: Live) -> None:
    suite, other = Suite(live, seconds=60), Suite(live)
    assert suite.told["expires"] == live.world.clock.now() + 60
    assert other.told["expires"] is None
    suite.rule()
    live.world.clock.advance(59)
    assert suite.outcome() == BUSY
    live.world.clock.advance(1)
    assert suite.outcome() == GONE
    uins = [account["uin"] for account in ask(live, "GET", "/state").json()["accounts"]]
    assert suite.uin not in uins
    assert other.uin in uins
    assert ask(live, "GET", "/faults").json() == []
    assert suite.remove() == 404


def test_sandboxes_are_bounded_and_make_room_by_expiring(
    live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mockserver.admin.sandboxes.MAX_SANDBOXES", 1)
    Suite(live, seconds=1)
    assert ask(live, "POST", "/state/sandboxes").status_code == 409
    live.world.clock.advance(1)
    assert ask(live, "POST", "/state/sandboxes").status_code == 201


def test_the_last_account_stays_though_it_is_a_sandbox(live: Live) -> None:
    suite = Suite(live, seconds=1)
    for account in live.world.accounts.all():
        if account.uin != suite.uin:
            ask(live, "DELETE", f"/state/accounts/{account.uin}").raise_for_status()
    assert suite.remove() == 409
    assert ask(live, "DELETE", f"/state/accounts/{suite.uin}").status_code == 409
    live.world.clock.advance(1)
    assert len(ask(live, "GET", "/state").json()["accounts"]) == 1
    assert code_of(Wire(live).send()) == GONE


def test_new_ids_of_materials_never_meet(live: Live) -> None:
    for name in ("qc_a_1_1", "qc_b_1_1"):
        body = {"id": name, "image": base64_of(HOPPER)}
        ask(live, "POST", f"/state/projects/{PROJECT}/materials", body).raise_for_status()
    suite = Suite(live)
    assert len(set(suite.materials.values())) == len(suite.materials) == 10
    assert suite.client.FaceFusion(suite.request("qc_b_1_1")).Image
