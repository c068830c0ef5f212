"""The console without a browser: what it refuses, its headers, its log-in."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from mockserver.admin.sessions import COOKIE, Sessions
from mockserver.settings import Settings
from mockserver.state.journal import Filter
from tests.live import HOPPER, MATERIAL, PROJECT, Live, running

TOKEN = "a-secret-token é"
CONSOLE = "/_mock/console"


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    folder = tmp_path_factory.mktemp("results")
    with running(Settings(results_folder=folder, workers=1, admin_token=TOKEN)) as live:
        yield live


def send(live: Live, path: str, **options: Any) -> httpx.Response:
    return httpx.post(f"{live.url}{CONSOLE}{path}", **options)


def trial(live: Live, picture: bytes, material: str = MATERIAL, **form: str) -> httpx.Response:
    files = {"picture": ("photo.jpg", picture)}
    return send(live, "/try", data={"material": material, **form}, files=files)


def browser(live: Live) -> httpx.Client:
    """A client that says where its changes come from, as browsers do."""
    return httpx.Client(base_url=live.url, headers={"origin": live.url})


@pytest.mark.parametrize(
    ("path", "form", "status", "reason"),
    [
        ("/faults", {"error": "Nothing"}, 422, "Nothing is not in the catalogue"),
        ("/faults", {}, 422, "an act needs one of"),
        ("/faults", {"error": "FailedOperation", "times": "0"}, 422, "times: "),
        ("/faults/none/switch", {"enabled": "true"}, 404, "there is no rule none"),
        ("/faults/none/remove", {}, 404, "there is no rule none"),
        ("/clock", {"set": "tomorrow"}, 422, "set"),
        ("/clock", {"advance": "1e30"}, 422, "advance: "),
        ("/clock", {"run": "away"}, 422, "run: "),
        (f"/projects/{PROJECT}", {"state": "gone"}, 422, "state: "),
        (f"/projects/{PROJECT}", {"state": "stopped", "quota": "-1"}, 422, "quota: "),
        ("/projects/none", {"state": "stopped"}, 404, "there is no project none"),
        ("/projects/accounts/1", {"billing": "normal"}, 404, "there is no account 1"),
        (f"/materials/{MATERIAL}", {"audit": "never"}, 422, "audit: "),
        (f"/materials/{MATERIAL}", {"audit": "pending", "confidence": "101"}, 422, "confidence: "),
        ("/materials/none", {"audit": "pending"}, 404, "there is no material none"),
    ],
)
def test_a_mistake_is_told_and_changes_nothing(
    live: Live, path: str, form: dict[str, str], status: int, reason: str
) -> None:
    before = httpx.get(f"{live.url}/_mock/state").json()
    answer = send(live, path, data=form)
    assert answer.status_code == status
    assert reason in answer.text
    assert "<html" in answer.text
    assert httpx.get(f"{live.url}/_mock/state").json() == before
    assert len(live.world.faults) == 0


def test_a_part_of_a_page_is_told_of_a_mistake_alone(live: Live) -> None:
    answer = trial(live, b"", material="<script>")
    assert "<html" in answer.text
    part = send(live, "/clock", data={"run": "away"}, headers={"hx-request": "true"})
    assert part.status_code == 422
    assert "<html" not in part.text


def test_a_material_is_added_and_removed(live: Live) -> None:
    made = send(live, "/projects/accounts/100000000001/projects", data={"id": "mine"})
    assert made.headers["location"] == f"{CONSOLE}/projects#project-mine"
    files = {"picture": ("photo.jpg", HOPPER.read_bytes())}
    added = send(live, "/projects/mine/materials", data={"audit": "pending"}, files=files)
    (material,) = live.world.accounts.owned_project("mine")[1].materials  # type: ignore[index]
    assert added.headers["location"] == f"{CONSOLE}/materials/{material.id}"
    assert material.audit == "pending"
    assert httpx.get(f"{live.url}{CONSOLE}/materials/{material.id}/picture").is_success
    send(live, f"/materials/{material.id}/remove")
    assert live.world.accounts.material(material.id) is None
    send(live, "/projects/mine/remove")
    assert live.world.accounts.owned_project("mine") is None


def test_a_picture_of_no_use_is_no_material(live: Live) -> None:
    files = {"picture": ("photo.jpg", b"no picture")}
    answer = send(live, f"/projects/{PROJECT}/materials", data={"audit": "approved"}, files=files)
    assert answer.status_code == 409
    assert "FailedOperation.ImageDecodeFailed" in answer.text


def test_a_key_is_changed(live: Live) -> None:
    key = live.world.accounts.any().keys[0]
    send(live, f"/projects/keys/{key.secret_id}", data={"mfa": "true", "denied": "FuseFace *"})
    assert (key.enabled, key.mfa, key.denied) == (False, True, ["FuseFace", "*"])
    refused = send(live, f"/projects/keys/{key.secret_id}", data={"denied": "no/action"})
    assert refused.status_code == 422


@pytest.mark.parametrize("path", ["/calls/none", "/materials/none", "/materials/none/picture"])
def test_what_does_not_exist_is_said_so(live: Live, path: str) -> None:
    answer = httpx.get(f"{live.url}{CONSOLE}{path}")
    assert answer.status_code == 404
    assert "none" in answer.text or "RequestId" in answer.text


def test_another_method_is_told_which_one_there_is(live: Live) -> None:
    answer = httpx.put(f"{live.url}{CONSOLE}/calls")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET")


@pytest.mark.parametrize("path", ["/calls", "/calls/none", "/calls/list", "/login", "/status"])
def test_every_page_says_what_it_may_load(live: Live, path: str) -> None:
    headers = httpx.get(f"{live.url}{CONSOLE}{path}").headers
    policy = headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'; ")
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "no-store"


def test_a_list_that_was_seen_is_not_sent_again(live: Live) -> None:
    page = httpx.get(f"{live.url}{CONSOLE}/calls").text
    address = page.partition('hx-get="/_mock/console/calls/list?')[2].partition('"')[0]
    again = f"{live.url}{CONSOLE}/calls/list?{address}"
    assert httpx.get(again).status_code == 204
    trial(live, HOPPER.read_bytes())
    assert httpx.get(again).status_code == 200


@pytest.mark.parametrize(
    ("sent", "language"),
    [
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh-CN"),
        ("en-US,en;q=0.9,zh;q=0.8", "en"),
        ("fr,zh-TW;q=0.5", "zh-CN"),
        ("fr", "en"),
        ("", "en"),
    ],
)
def test_the_language_is_the_browsers(live: Live, sent: str, language: str) -> None:
    page = httpx.get(f"{live.url}{CONSOLE}/clock", headers={"accept-language": sent}).text
    assert f'<html lang="{language}">' in page


def test_a_call_to_try_is_one_like_others(live: Live) -> None:
    answer = trial(live, HOPPER.read_bytes(), landmarks="on")
    assert answer.status_code == 200
    (entry,) = httpx.get(f"{live.url}/_mock/requests").json()
    assert (entry["code"], entry["material"], entry["project"]) == ("OK", MATERIAL, PROJECT)
    assert f'src="/_mock/results/{MATERIAL}_' in answer.text


def test_the_journal_is_emptied_and_the_server_put_back(live: Live) -> None:
    trial(live, HOPPER.read_bytes())
    send(live, "/calls/clear")
    assert list(live.world.journal.select(Filter())) == []
    send(live, "/faults", data={"error": "FailedOperation"})
    send(live, "/faults/clear")
    assert len(live.world.faults) == 0
    send(live, f"/projects/{PROJECT}", data={"state": "stopped"})
    send(live, "/reset")
    project = live.world.accounts.owned_project(PROJECT)
    assert project is not None
    assert project[1].state == "published"


def test_a_call_to_try_is_limited_and_refused_as_others(live: Live) -> None:
    live.world.accounts.any().rate = 1
    trial(live, HOPPER.read_bytes())
    assert "RequestLimitExceeded.UinLimitExceeded" in trial(live, HOPPER.read_bytes()).text
    live.world.accounts.any().rate = None
    for picture, code in (
        (b"", "InvalidParameterValue.ImageEmpty"),
        (b"GIF89a", "FailedOperation.ImageDecodeFailed"),
        (bytes(4_000_000), "FailedOperation.ImageSizeExceed"),
        (bytes(7_000_000), "FailedOperation.RequestEntityTooLarge"),
        (bytes(9_000_000), "RequestSizeLimitExceeded"),
    ):
        assert f">{code}</span>" in trial(live, picture).text, code


def test_a_call_to_try_ends_when_its_page_is_left(live: Live) -> None:
    rule = {"act": {"latency": 3600}}
    httpx.post(f"{live.url}/_mock/faults", json=rule).raise_for_status()
    files = {"picture": ("photo.jpg", HOPPER.read_bytes())}
    with pytest.raises(httpx.ReadTimeout):
        send(live, "/try", data={"material": MATERIAL}, files=files, timeout=0.5)
    while not (entries := list(live.world.journal.select(Filter()))):
        pass
    assert [entry.code for entry in entries] == ["fault:client_left"]


@pytest.mark.parametrize("degree", ["101", "much", "-1"])
def test_a_wrong_degree_is_refused_as_the_api_does(live: Live, degree: str) -> None:
    answer = trial(live, HOPPER.read_bytes(), action="FuseFace", FuseFaceDegree=degree)
    assert 'class="code bad">InvalidParameter' in answer.text


def test_an_upload_is_bounded(live: Live) -> None:
    assert trial(live, bytes(30_000_000)).status_code == 413
    assert send(live, "/try", content=b"no form").status_code == 400


def test_without_a_log_in_every_page_leads_there(guarded: Live) -> None:
    answer = httpx.get(f"{guarded.url}{CONSOLE}/calls")
    assert (answer.status_code, answer.headers["location"]) == (303, f"{CONSOLE}/login")
    part = httpx.get(f"{guarded.url}{CONSOLE}/status", headers={"hx-request": "true"})
    assert (part.status_code, part.headers["hx-redirect"]) == (401, f"{CONSOLE}/login")
    assert httpx.get(f"{guarded.url}{CONSOLE}/login").status_code == 200
    assert send(guarded, "/clock", data={"run": "freeze"}).status_code == 303
    assert not guarded.world.clock.frozen


@pytest.mark.parametrize("token", ["", "wrong", TOKEN + "x"])
def test_a_wrong_token_begins_no_session(guarded: Live, token: str) -> None:
    answer = send(guarded, "/login", data={"token": token})
    assert (answer.status_code, answer.cookies.get(COOKIE)) == (401, None)
    assert TOKEN not in answer.text


def test_the_cookie_is_for_the_consoles_pages_alone(guarded: Live) -> None:
    with browser(guarded) as client:
        answer = client.post(f"{CONSOLE}/login", data={"token": TOKEN})
        assert answer.status_code == 303
        cookie = answer.headers["set-cookie"]
        for part in ("HttpOnly", "Path=/_mock/console", "SameSite=strict"):
            assert part in cookie
        assert TOKEN not in cookie
        assert client.get(f"{CONSOLE}/calls").status_code == 200
        name = client.cookies[COOKIE]
        state = client.get("/_mock/state", headers={"cookie": f"{COOKIE}={name}"})
        assert state.status_code == 401


def test_a_change_must_say_where_it_comes_from(guarded: Live) -> None:
    with browser(guarded) as client:
        client.post(f"{CONSOLE}/login", data={"token": TOKEN})
        cookie = {"cookie": f"{COOKIE}={client.cookies[COOKIE]}"}
    frozen = {"data": {"run": "freeze"}}
    for headers in ({}, {"origin": "null"}, {"origin": "http://evil.com"}):
        answer = send(guarded, "/clock", headers={**cookie, **headers}, **frozen)
        assert answer.status_code in (303, 403)
        assert not guarded.world.clock.frozen
    answer = send(guarded, "/clock", headers={**cookie, "origin": guarded.url}, **frozen)
    assert answer.headers["location"] == f"{CONSOLE}/clock"
    assert guarded.world.clock.frozen


def test_a_session_that_was_ended_is_none(guarded: Live) -> None:
    with browser(guarded) as client:
        client.post(f"{CONSOLE}/login", data={"token": TOKEN})
        cookie = {"cookie": f"{COOKIE}={client.cookies[COOKIE]}"}
        client.post(f"{CONSOLE}/logout")
    assert httpx.get(f"{guarded.url}{CONSOLE}/calls", headers=cookie).status_code == 303


def test_the_oldest_session_goes_when_there_are_too_many() -> None:
    sessions = Sessions(TOKEN)
    names = [sessions.begin() for _ in range(101)]
    assert not sessions.knows(names[0])
    assert all(sessions.knows(name) for name in names[1:])
