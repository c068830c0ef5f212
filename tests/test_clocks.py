"""Clocks of keys' own: one test suite moves time, and nobody else notices."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from tests.live import UNPUBLISHED, UNPUBLISHED_MATERIAL, Live
from tests.natural import changed
from tests.test_sandboxes import BUSY, GONE, Suite, ask, end_of
from tests.wire import PASSED, Wire, code_of

EXPIRED = "AuthFailure.SignatureExpire"
WEEK = 7 * 86400


def set_clock(suite: Suite, **change: Any) -> dict[str, Any]:
    answer = ask(suite.live, "POST", f"/clock?secret_id={suite.secret_id}", change)
    told: dict[str, Any] = answer.raise_for_status().json()
    return told


def clock(live: Live, secret_id: str = "") -> dict[str, Any]:
    path = f"/clock?secret_id={secret_id}" if secret_id else "/clock"
    told: dict[str, Any] = ask(live, "GET", path).raise_for_status().json()
    return told


def probe(suite: Suite, ahead: float = 0) -> str:
    """How a call that is signed at the key's own time, or some seconds ahead, ends."""
    moment = int(clock(suite.live, suite.secret_id)["now"] + ahead)
    pair = (suite.told["secret_id"], suite.told["secret_key"])
    return code_of(Wire(suite.live, *pair, timestamp=moment).send())


def test_a_clock_of_its_own_begins_as_the_servers(live: Live) -> None:
    one, two = Suite(live), Suite(live)
    shared = clock(live)
    assert shared == {**clock(live, one.secret_id), "secret_id": None}
    own = set_clock(one, advance=3600)
    assert (own["now"], own["frozen"]) == (shared["now"] + 3600, True)
    assert own["secret_id"] == one.secret_id
    assert clock(live, one.secret_id) == own
    assert clock(live) == clock(live, two.secret_id) == shared
    ask(live, "POST", "/clock", {"set": 5}).raise_for_status()
    assert clock(live, one.secret_id) == own
    assert ask(live, "DELETE", f"/clock?secret_id={one.secret_id}").status_code == 204
    assert clock(live, one.secret_id) == clock(live)


def test_signatures_expire_by_it(live: Live) -> None:
    one, two = Suite(live), Suite(live)
    set_clock(one, set=1_000_000_000)
    assert (probe(one), probe(one, 300), probe(one, 301)) == (PASSED, PASSED, EXPIRED)
    assert (probe(two), code_of(Wire(live).send())) == (PASSED, PASSED)
    assert code_of(Wire(live, one.secret_id, one.told["secret_key"]).send()) == EXPIRED
    entry = ask(live, "GET", f"/requests?key={one.secret_id}&code={PASSED}").json()[0]
    assert entry["time"] == 1_000_000_000


def test_it_counts_where_signatures_do_not(live: Live) -> None:
    one = Suite(live)
    set_clock(one, set=1_000_000_000)
    with changed(live.world.settings, "verify_signatures", False):
        assert code_of(Wire(live, one.secret_id, "whatever").send()) == PASSED
    [entry] = ask(live, "GET", f"/requests?key={one.secret_id}").json()
    assert entry["time"] == 1_000_000_000


def test_rate_windows_pass_by_it(live: Live) -> None:
    one, two = Suite(live), Suite(live)
    frequency = "FailedOperation.FuseFreqCtrl"

    def outcomes(suite: Suite) -> list[str]:
        project, materials = suite.of(UNPUBLISHED)
        own = {"ProjectId": project, "ModelId": materials[UNPUBLISHED_MATERIAL]}
        return [end_of(suite, **own) for _ in range(2)]

    for suite in (one, two):
        set_clock(suite, advance=0)
        assert outcomes(suite) == ["OK", frequency]
    set_clock(one, advance=1)
    assert outcomes(one) == ["OK", frequency]
    assert outcomes(two) == [frequency, frequency]


def test_keys_of_one_account_have_windows_of_their_own(live: Live) -> None:
    uin = live.world.accounts.any().uin
    ask(live, "PATCH", f"/state/accounts/{uin}", {"rate": 1}).raise_for_status()
    pair = ask(live, "POST", f"/state/accounts/{uin}/keys").json()
    ask(live, "POST", f"/clock?secret_id={pair['secret_id']}", {"freeze": True}).raise_for_status()
    limited = "RequestLimitExceeded.UinLimitExceeded"
    for wire in (Wire(live), Wire(live, **pair)):
        assert [code_of(wire.send()) for _ in range(2)] == [PASSED, limited]


def test_links_expire_by_it(live: Live) -> None:
    one, two = Suite(live), Suite(live)
    links = [suite.client.FaceFusion(suite.request(RspImgType="url")).Image for suite in (one, two)]
    set_clock(one, advance=WEEK)
    assert [httpx.get(link).status_code for link in links] == [403, 200]
    ask(live, "POST", "/clock", {"advance": WEEK}).raise_for_status()
    set_clock(one, advance=-1)
    assert [httpx.get(link).status_code for link in links] == [200, 403]


def test_tokens_expire_by_the_clock_of_the_key_that_issued_them(live: Live) -> None:
    one, two = Suite(live), Suite(live)
    keys = [
        ask(live, "POST", f"/state/keys/{suite.secret_id}/temporary", {"seconds": 60}).json()
        for suite in (one, two)
    ]

    def outcome(key: dict[str, Any]) -> str:
        moment = int(clock(live, key["TmpSecretId"])["now"])
        token = {"x-tc-token": key["Token"]}
        pair = (key["TmpSecretId"], key["TmpSecretKey"])
        return code_of(Wire(live, *pair, timestamp=moment, headers=token).send())

    set_clock(one, advance=59)
    assert [outcome(key) for key in keys] == [PASSED, PASSED]
    set_clock(one, advance=1)
    assert [outcome(key) for key in keys] == ["AuthFailure.TokenFailure", PASSED]
    path = f"/clock?secret_id={keys[0]['TmpSecretId']}"
    ask(live, "POST", path, {"advance": -1}).raise_for_status()
    assert outcome(keys[0]) == PASSED


def test_a_sandbox_ends_by_it(live: Live) -> None:
    one, two = Suite(live, seconds=60), Suite(live, seconds=60)
    set_clock(one, advance=60)
    assert code_of(Wire(live, one.secret_id, one.told["secret_key"]).send()) == GONE
    assert probe(two) == PASSED
    uins = [account["uin"] for account in ask(live, "GET", "/state").json()["accounts"]]
    assert (one.uin in uins, two.uin in uins) == (False, True)
    assert live.world.clocks.own() == {}


def test_rules_act_and_die_by_it(live: Live) -> None:
    now = live.world.clock.now()
    one, two = Suite(live), Suite(live)
    window = {"act": {"error": BUSY}, "when": {"after": now + 10, "until": now + 20}}
    ask(live, "POST", "/faults", window).raise_for_status()
    set_clock(one, advance=10)
    assert (probe(one), probe(two)) == (BUSY, PASSED)
    set_clock(one, advance=10)
    assert probe(one) == PASSED
    for suite in (one, two):
        rule = {"match": {"secret_id": suite.secret_id}, "act": {"error": BUSY}}
        ask(live, "POST", "/faults", {**rule, "when": {"ttl": 30}}).raise_for_status()
    set_clock(one, advance=29)
    assert (probe(one), probe(two)) == (BUSY, BUSY)
    set_clock(one, advance=1)
    assert (probe(one), probe(two)) == (PASSED, BUSY)


def test_two_suites_move_time_at_once(live: Live) -> None:
    before = clock(live)["now"]

    def run(seconds: int) -> list[str]:
        suite = Suite(live)
        seen = []
        for _ in range(20):
            set_clock(suite, advance=seconds)
            seen.append(probe(suite))
        assert clock(live, suite.secret_id)["now"] == before + 20 * seconds
        return seen

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(run, (1000, -1000))) == [[PASSED] * 20] * 2
    assert clock(live)["now"] == before


def test_a_discarded_sandbox_a_removed_key_and_a_reset_leave_no_clock(live: Live) -> None:
    one, two = Suite(live), Suite(live)
    for suite in (one, two):
        set_clock(suite, advance=5)
    assert one.remove() == 204
    assert list(live.world.clocks.own()) == [two.secret_id]
    ask(live, "DELETE", f"/state/keys/{two.secret_id}").raise_for_status()
    assert live.world.clocks.own() == {}
    set_clock(Suite(live), advance=5)
    httpx.post(f"{live.url}/_mock/reset").raise_for_status()
    assert live.world.clocks.own() == {}


def test_a_snapshot_holds_it(live: Live) -> None:
    one, two = Suite(live), Suite(live)
    own = set_clock(one, set=1_000_000_000)
    snapshot = ask(live, "POST", "/state/snapshots").json()["id"]
    set_clock(one, freeze=False, advance=100)
    set_clock(two, advance=100)
    ask(live, "POST", f"/state/snapshots/{snapshot}/restore").raise_for_status()
    assert clock(live, one.secret_id) == own
    assert clock(live, two.secret_id) == clock(live)


@pytest.mark.parametrize(
    ("method", "query", "body", "code", "field"),
    [
        ("POST", "?secret_id=nobody", {"advance": 1}, 422, "secret_id"),
        ("GET", "?secret_id=nobody", None, 422, "secret_id"),
        ("DELETE", "", None, 422, "secret_id"),
        ("POST", "?secret_id=AKIDnobody", {"advance": 1}, 404, "AKIDnobody"),
        ("GET", "?secret_id=AKIDnobody", None, 404, "AKIDnobody"),
        ("DELETE", "?secret_id=AKIDnobody", None, 404, "AKIDnobody"),
        ("POST", "?secret_id=OWN", {"advance": 1, "freeze": 1}, 422, "freeze"),
        ("POST", "?secret_id=OWN", {"advance": 1, "stop": True}, 422, "stop"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_changes(
    live: Live, method: str, query: str, body: Any, code: int, field: str
) -> None:
    suite = Suite(live)
    answer = ask(live, method, f"/clock{query.replace('OWN', suite.secret_id)}", body)
    assert answer.status_code == code
    assert field in answer.text
    assert live.world.clocks.own() == {}


def test_clocks_are_bounded(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mockserver.admin.clock.MAX_CLOCKS", 1)
    one, two = Suite(live), Suite(live)
    set_clock(one, advance=1)
    set_clock(one, advance=1)
    refused = ask(live, "POST", f"/clock?secret_id={two.secret_id}", {"advance": 1})
    assert refused.status_code == 409
