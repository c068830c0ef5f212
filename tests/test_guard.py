"""Who may ask /_mock: neither foreign pages nor, where a token is set, strangers."""

from collections.abc import Iterator

import httpx
import pytest

from mockserver.settings import Settings
from tests.live import Live, running
from tests.wire import PASSED, Wire, code_of

TOKEN = "a-secret-token"
OPEN = ("/_mock/health/live", "/_mock/health/ready")
GUARDED = ("/_mock/clock", "/_mock/requests", "/_mock/state", "/_mock/docs", "/_mock/openapi.json")


def status(live: Live, path: str, **headers: str) -> int:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.get(f"{live.url}{path}", headers=named).status_code


@pytest.mark.parametrize("path", GUARDED)
@pytest.mark.parametrize(
    "host",
    [
        "evil.com",
        "evil.com:8670",
        "127.0.0.1.nip.io",
        "localhost.evil.com",
        "127.0.0.1.",
        "[::1",
        "",
    ],
)
def test_a_foreign_host_is_refused(live: Live, path: str, host: str) -> None:
    assert status(live, path, host=host) == 403


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "localhost:8670",
        "LOCALHOST",
        "mock.localhost",
        "127.0.0.1",
        "127.0.0.1:1",
        "192.168.1.20:8670",
        "[::1]",
        "[::1]:8670",
        "facefusion-mock",
        "facefusion-mock:8670",
    ],
)
def test_a_near_host_is_served(live: Live, host: str) -> None:
    assert status(live, "/_mock/state", host=host) == 200


@pytest.mark.parametrize(
    "origin",
    ["http://evil.com", "https://evil.com:8670", "null", "http://127.0.0.1:1", "http://localhost"],
)
def test_a_foreign_origin_is_refused(live: Live, origin: str) -> None:
    assert status(live, "/_mock/clock", origin=origin) == 403
    url = f"{live.url}/_mock/clock"
    posted = httpx.post(url, json={"set": 0}, headers={"origin": origin})
    assert posted.status_code == 403
    assert live.world.clock.now() != 0


@pytest.mark.parametrize(("site", "code"), [("cross-site", 403), ("same-site", 403)])
def test_a_foreign_page_is_refused(live: Live, site: str, code: int) -> None:
    assert status(live, "/_mock/clock", sec_fetch_site=site) == code


@pytest.mark.parametrize("site", ["same-origin", "none"])
def test_its_own_page_is_served(live: Live, site: str) -> None:
    assert status(live, "/_mock/clock", origin=live.url, sec_fetch_site=site) == 200


@pytest.mark.parametrize("path", OPEN)
def test_health_is_for_everyone(live: Live, path: str) -> None:
    foreign = {"host": "evil.com", "origin": "http://evil.com", "sec_fetch_site": "cross-site"}
    assert status(live, path, **foreign) == 200


def test_results_are_for_everyone(live: Live) -> None:
    name = live.world.results.put("m", b"picture", "jpg")
    path = f"/_mock/results/{name}"
    foreign = {"host": "evil.com", "origin": "http://evil.com", "sec_fetch_site": "cross-site"}
    assert status(live, path, **foreign) == 200
    assert status(live, "/_mock/results/%2e%2e/state", **foreign) == 404


def test_the_emulated_api_is_not_guarded(live: Live) -> None:
    wire = Wire(live)
    wire.headers = {"host": "facefusion.tencentcloudapi.com", "origin": "http://evil.com"}
    assert code_of(wire.send()) == PASSED


def test_a_further_host_can_be_allowed(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("results")
    allowed = Settings(results_folder=folder, workers=1, admin_hosts=["mock.example.com"])
    with running(allowed) as live:
        assert status(live, "/_mock/state", host="mock.example.com:8670") == 200
        assert status(live, "/_mock/state", host="other.example.com") == 403


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    folder = tmp_path_factory.mktemp("results")
    with running(Settings(results_folder=folder, workers=1, admin_token=TOKEN)) as live:
        yield live


@pytest.mark.parametrize("path", ["/_mock/clock", "/_mock/requests", "/_mock/state"])
@pytest.mark.parametrize(
    "sent", ["", TOKEN, f"Basic {TOKEN}", "Bearer", "Bearer x", f"Bearer {TOKEN}x", "Bearer é"]
)
def test_without_the_token_it_is_refused(guarded: Live, path: str, sent: str) -> None:
    headers = {b"authorization": sent.encode()} if sent else {}
    answer = httpx.get(f"{guarded.url}{path}", headers=headers)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert TOKEN not in answer.text


def test_a_refused_request_changes_nothing(guarded: Live) -> None:
    before = guarded.world.accounts
    assert httpx.post(f"{guarded.url}/_mock/reset").status_code == 401
    assert httpx.post(f"{guarded.url}/_mock/clock", json={"set": 0}).status_code == 401
    assert guarded.world.accounts is before
    assert guarded.world.clock.now() > 1


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_with_the_token_it_is_served(guarded: Live, scheme: str) -> None:
    assert status(guarded, "/_mock/state", authorization=f"{scheme} {TOKEN}") == 200


def test_a_foreign_page_is_refused_even_with_the_token(guarded: Live) -> None:
    token = f"Bearer {TOKEN}"
    assert status(guarded, "/_mock/state", authorization=token, host="evil.com") == 403
    assert status(guarded, "/_mock/state", authorization=token, origin="http://evil.com") == 403


@pytest.mark.parametrize(
    "path", [*OPEN, "/_mock/docs", "/_mock/openapi.json", "/_mock/static/docs.js"]
)
def test_health_and_documentation_want_no_token(guarded: Live, path: str) -> None:
    assert status(guarded, path) == 200


def test_the_emulated_api_wants_no_admin_token(guarded: Live) -> None:
    assert code_of(Wire(guarded).send()) == PASSED
