"""Projects and materials, made and changed while the server runs."""

import base64
import io
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from mockserver.admin.bounded import MAX_BODY
from mockserver.settings import Settings
from tests.live import FIXTURES, HOPPER, MATERIAL, PROJECT, Live, error_of, face_fusion, running

UIN = "100000000001"
THREE_FACES = FIXTURES / "materials" / "qc_100646_154021_12.jpg"
OVERSIZE = FIXTURES / "materials" / "oversize_1200.jpg"


def ask(live: Live, method: str, path: str, body: Any = None) -> httpx.Response:
    return httpx.request(method, f"{live.url}/_mock/state{path}", json=body, timeout=30)


def text_of(file: Path) -> str:
    return base64.b64encode(file.read_bytes()).decode()


def state(live: Live) -> Any:
    return httpx.get(f"{live.url}/_mock/state").raise_for_status().json()


def send(live: Live, file: Path, project: str = PROJECT, **more: Any) -> httpx.Response:
    body = {"image": text_of(file), **more}
    return ask(live, "POST", f"/projects/{project}/materials", body)


def outcome(live: Live, **changes: Any) -> str:
    return error_of(live.client(), face_fusion(**changes))[0]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"state": "stopped"}, "FailedOperation.ProjectNotAuth"),
        ({"quota": 0}, "FailedOperation.ProjectNotAuth"),
        ({"rate": 0}, "FailedOperation.FuseFreqCtrl"),
        ({"rate": 0.0}, "FailedOperation.FuseFreqCtrl"),
    ],
)
def test_a_changed_project(live: Live, changes: dict[str, Any], code: str) -> None:
    changed = ask(live, "PATCH", f"/projects/{PROJECT}", changes)
    assert changed.status_code == 200
    assert {name: changed.json()[name] for name in changes} == changes
    assert outcome(live) == code
    back = {"state": "published", "quota": None, "rate": None}
    ask(live, "PATCH", f"/projects/{PROJECT}", back).raise_for_status()
    assert live.client().FaceFusion(face_fusion()).Image


def test_a_project_that_is_unpublished_has_one_call_a_second(live: Live) -> None:
    ask(live, "PATCH", f"/projects/{PROJECT}", {"state": "unpublished"}).raise_for_status()
    assert live.client().FaceFusion(face_fusion()).Image
    assert outcome(live) == "FailedOperation.FuseFreqCtrl"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"audit": "pending"}, "FailedOperation.FuseMaterialNotAuth"),
        ({"audit": "rejected"}, "FailedOperation.FuseMaterialNotAuth"),
        ({"deleted": True}, "FailedOperation.FuseMaterialNotExist"),
    ],
)
def test_a_changed_material(live: Live, changes: dict[str, Any], code: str) -> None:
    ask(live, "PATCH", f"/materials/{MATERIAL}", changes).raise_for_status()
    assert outcome(live) == code
    back = {"audit": "approved", "deleted": False}
    ask(live, "PATCH", f"/materials/{MATERIAL}", back).raise_for_status()
    assert live.client().FaceFusion(face_fusion()).Image


def test_a_materials_review(live: Live) -> None:
    for review, suggestion in (({"confidence": 92}, "BLOCK"), (None, "PASS")):
        ask(live, "PATCH", f"/materials/{MATERIAL}", {"review": review}).raise_for_status()
        answer = live.client().FaceFusion(face_fusion(CelebrityIdentify=1))
        assert answer.ReviewResultSet[0].Suggestion == suggestion


def test_a_project_with_a_material_that_was_sent(live: Live) -> None:
    made = ask(live, "POST", f"/accounts/{UIN}/projects", {"id": "mine", "quota": 1})
    assert made.status_code == 201
    assert made.json() == {
        **{"id": "mine", "state": "published", "rate": None, "quota": 1, "materials": []}
    }
    material = send(live, HOPPER, "mine")
    assert material.status_code == 201
    name = material.json()["id"]
    assert name == "qc_mine_1_1"
    assert live.client().FaceFusion(face_fusion(ProjectId="mine", ModelId=name)).Image
    assert outcome(live, ProjectId="mine", ModelId=name) == "FailedOperation.ProjectNotAuth"
    assert ask(live, "DELETE", "/projects/mine").status_code == 204
    gone = outcome(live, ProjectId="mine", ModelId=name)
    assert gone == "InvalidParameterValue.ActivityIdNotFound"
    assert outcome(live, ModelId=name) == "InvalidParameterValue.MaterialIdNotFound"


def test_what_is_told_of_a_material(live: Live) -> None:
    told = send(live, THREE_FACES, audit="pending").json()
    with Image.open(THREE_FACES) as picture:
        assert (told["width"], told["height"]) == picture.size
    assert (told["id"], told["project"]) == ("qc_100646_154021_17", PROJECT)
    assert (told["format"], told["audit"]) == ("jpg", "pending")
    faces = told["faces"]
    assert [face["id"] for face in faces] == [f"100646_17_{n}" for n in (1, 2, 3)]
    areas = [face["width"] * face["height"] for face in faces]
    assert areas == sorted(areas, reverse=True)
    assert min(areas) > 34 * 34
    assert outcome(live, ModelId=told["id"]) == "FailedOperation.FuseMaterialNotAuth"


def test_a_material_with_an_id_of_its_own(live: Live) -> None:
    made = send(live, HOPPER, id="qc_100646_7_5")
    assert made.json()["faces"][0]["id"] == "100646_5_1"
    assert live.client().FaceFusion(face_fusion(ModelId="qc_100646_7_5")).Image
    assert send(live, HOPPER, id="qc_100646_7_5").status_code == 409
    assert ask(live, "DELETE", "/materials/qc_100646_7_5").status_code == 204
    unknown = outcome(live, ModelId="qc_100646_7_5")
    assert unknown == "InvalidParameterValue.MaterialIdNotFound"


def gif() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (200, 200)).save(out, "GIF")
    return out.getvalue()


def blank() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (200, 200), "grey").save(out, "PNG")
    return out.getvalue()


@pytest.mark.parametrize(
    ("picture", "code"),
    [
        (OVERSIZE.read_bytes(), "FailedOperation.ImagePixelExceed"),
        (gif(), "FailedOperation.ImageDecodeFailed"),
        (blank(), "FailedOperation.FuseDetectNoFace"),
        (HOPPER.read_bytes()[:2000], "FailedOperation.FuseImageError"),
    ],
)
def test_a_picture_of_no_use_is_refused(live: Live, picture: bytes, code: str) -> None:
    before = state(live)
    image = base64.b64encode(picture).decode()
    answer = ask(live, "POST", f"/projects/{PROJECT}/materials", {"image": image})
    assert answer.status_code == 409
    assert answer.json()["detail"].startswith("image: ")
    assert answer.json()["detail"].endswith(f"({code})")
    assert state(live) == before


@pytest.mark.parametrize(
    ("method", "path", "body", "code"),
    [
        ("PATCH", f"/projects/{PROJECT}", {"state": "stopped", "rate": -1}, 422),
        ("PATCH", f"/projects/{PROJECT}", {"state": "stopped", "quota": 1.5}, 422),
        ("PATCH", f"/projects/{PROJECT}", {"state": "open"}, 422),
        ("PATCH", f"/projects/{PROJECT}", {"rate": 1, "id": "x"}, 422),
        ("PATCH", "/projects/none", {"rate": 1}, 404),
        ("DELETE", "/projects/none", None, 404),
        ("POST", f"/accounts/{UIN}/projects", {"id": PROJECT}, 409),
        ("POST", f"/accounts/{UIN}/projects", {"id": "a b"}, 422),
        ("POST", "/accounts/999/projects", {}, 404),
        ("PATCH", f"/materials/{MATERIAL}", {"deleted": True, "audit": "maybe"}, 422),
        ("PATCH", f"/materials/{MATERIAL}", {"audit": None}, 422),
        ("PATCH", f"/materials/{MATERIAL}", {"review": {"confidence": 101}}, 422),
        ("PATCH", "/materials/none", {"deleted": True}, 404),
        ("DELETE", "/materials/none", None, 404),
        ("POST", f"/projects/{PROJECT}/materials", {}, 422),
        ("POST", f"/projects/{PROJECT}/materials", {"image": ""}, 422),
        ("POST", f"/projects/{PROJECT}/materials", {"image": "?"}, 409),
        ("POST", f"/projects/{PROJECT}/materials", {"image": "é"}, 409),
        ("POST", f"/projects/{PROJECT}/materials", {"image": "aaaa", "id": "own"}, 422),
        ("POST", "/projects/none/materials", {"image": "aaaa"}, 404),
    ],
)
def test_a_refused_change_changes_nothing(
    live: Live, method: str, path: str, body: Any, code: int
) -> None:
    before = state(live)
    answer = ask(live, method, path, body)
    assert answer.status_code == code
    assert answer.json()["detail"]
    assert state(live) == before


def test_a_picture_over_the_limit_and_a_body_over_it(live: Live) -> None:
    url = f"{live.url}/_mock/state/projects/{PROJECT}/materials"
    image = "a" * (MAX_BODY - 32 * 1024)
    answer = httpx.post(url, json={"image": image}, timeout=30)
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"] == ["body", "image"]
    assert httpx.post(url, json={"image": image * 2}, timeout=30).status_code == 413


def test_a_picture_sent_twice_is_prepared_and_held_once(live: Live) -> None:
    held = live.world.gallery._prepared
    before = set(held)
    names = [send(live, HOPPER).json()["id"] for _ in range(2)]
    (file,) = set(held) - before
    assert ask(live, "DELETE", f"/materials/{names[0]}").status_code == 204
    assert file in held
    assert ask(live, "DELETE", f"/materials/{names[1]}").status_code == 204
    assert set(held) == before


def test_pictures_that_were_sent_are_bounded(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mockserver.materials.MAX_SENT", 1)
    assert send(live, HOPPER).status_code == 201
    full = send(live, THREE_FACES)
    assert (full.status_code, "are held" in full.json()["detail"]) == (409, True)
    assert send(live, HOPPER).status_code == 201


def test_reset_forgets_what_was_sent(live: Live) -> None:
    before = state(live)
    name = send(live, HOPPER).json()["id"]
    ask(live, "DELETE", "/projects/100647").raise_for_status()
    httpx.post(f"{live.url}/_mock/reset").raise_for_status()
    assert state(live) == before
    assert outcome(live, ModelId=name) == "InvalidParameterValue.MaterialIdNotFound"


SEED = """
accounts:
  - projects: [{id: "1", materials: [{id: m, file: face.jpg}]}]
"""
RULE = "faults: [{id: late, act: {latency: 0.001}}]\n"


def test_reset_reads_changed_files_anew_or_changes_nothing(tmp_path: Path) -> None:
    seed = tmp_path / "seed.yaml"
    seed.write_text(SEED)
    face = tmp_path / "face.jpg"
    face.write_bytes(HOPPER.read_bytes())
    settings = Settings(seed=tmp_path, results_folder=tmp_path / "results", workers=1)
    with running(settings) as live:
        size = material_size(live)
        face.write_bytes(THREE_FACES.read_bytes())
        assert material_size(live) == size
        httpx.post(f"{live.url}/_mock/reset").raise_for_status()
        with Image.open(THREE_FACES) as picture:
            assert material_size(live) == picture.size != size
        ask(live, "PATCH", "/projects/1", {"quota": 5}).raise_for_status()
        before = state(live)
        face.write_bytes(blank())
        refused = httpx.post(f"{live.url}/_mock/reset")
        assert refused.status_code == 409
        assert "material m" in refused.json()["detail"]
        assert state(live) == before
        face.write_bytes(HOPPER.read_bytes())
        seed.write_text(SEED.replace('id: "1"', 'id: "1", quota: 7') + RULE)
        assert state(live) == before
        httpx.post(f"{live.url}/_mock/reset").raise_for_status()
        before = state(live)
        assert before["accounts"][0]["projects"][0]["quota"] == 7
        rules = httpx.get(f"{live.url}/_mock/faults").json()
        assert [entry["rule"]["id"] for entry in rules] == ["late"]
        seed.write_text(SEED.replace('id: "1"', 'id: "1", state: open'))
        refused = httpx.post(f"{live.url}/_mock/reset")
        assert refused.status_code == 409
        assert "seed.yaml:3: accounts.0.projects.0.state" in refused.json()["detail"]
        assert "'published', 'unpublished' or 'stopped'" in refused.json()["detail"]
        assert state(live) == before
        assert httpx.get(f"{live.url}/_mock/faults").json() == rules


def material_size(live: Live) -> tuple[int, int]:
    answer = live.client().FaceFusion(face_fusion(ProjectId="1", ModelId="m"))
    return Image.open(io.BytesIO(base64.b64decode(answer.Image))).size
