"""Fault rules: what is injected, when, and in which order."""

import asyncio
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from random import Random
from typing import Any

import httpx
import pytest
from pydantic import TypeAdapter
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException

from mockserver.errors import catalogue
from mockserver.faults.rule import Rule
from tests.live import MATERIAL, PROJECT, Live, asking, error_of, face_fusion
from tests.test_network_faults import read, request
from tests.vectors import connected
from tests.wire import PASSED, Wire, code_of

BUSY = "FailedOperation.FuseInnerError"


def add(live: Live, rule: dict[str, Any]) -> str:
    answer = httpx.post(f"{live.url}/_mock/faults", json=rule)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["rule"]["id"])


def counts(live: Live, rule: str) -> tuple[int, int]:
    state = httpx.get(f"{live.url}/_mock/faults/{rule}").json()
    return state["hits"], state["fired"]


def codes(live: Live, calls: int) -> list[str]:
    return [code_of(Wire(live).send()) for _ in range(calls)]


@pytest.fixture(params=["zh-CN", "en-US"])
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


both_actions = pytest.mark.parametrize("action", ["FaceFusion", "FuseFace"])


def expected(code: str, language: str) -> str:
    entry = catalogue()[code]
    return entry.message("zh-CN" if language == "zh-CN" else "en-US", "", {})


@both_actions
def test_every_code_by_the_magic_material(live: Live, language: str, action: str) -> None:
    client = live.client(language=language)
    for code in catalogue():
        got = error_of(client, asking(action, Image="", ModelId=f"mock-error:{code}"))
        assert got == (code, expected(code, language))


@both_actions
def test_every_code_by_a_header(live: Live, language: str, action: str) -> None:
    client = live.client(language=language)
    for code in catalogue():
        request = asking(action, Image="")
        request.headers = {"X-Mock-Fault": code}
        assert error_of(client, request) == (code, expected(code, language))


@both_actions
def test_every_code_by_a_rule(live: Live, language: str, action: str) -> None:
    client = live.client(language=language)
    sequence = [{"error": code} for code in catalogue()]
    rule = add(live, {"match": {"action": action}, "sequence": sequence})
    for code in catalogue():
        assert error_of(client, asking(action, Image="")) == (code, expected(code, language))
    assert counts(live, rule) == (len(catalogue()), len(catalogue()))


def test_a_code_that_is_none_is_said_to_be_none(live: Live) -> None:
    code, message = error_of(live.client(language="en-US"), face_fusion(ModelId="mock-error:Nope"))
    assert code == "InvalidParameterValue"
    assert "`Nope`" in message


def test_the_text_can_be_overridden(live: Live) -> None:
    add(live, {"act": {"error": BUSY, "message": "out for lunch"}})
    assert error_of(live.client(), face_fusion()) == (BUSY, "out for lunch")


@pytest.mark.parametrize(
    ("match", "fires"),
    [
        ({}, True),
        ({"action": "FaceFusion", "version": "2018-12-01", "region": "ap-guangzhou"}, True),
        ({"action": "FuseFace"}, False),
        ({"project": "0", "material": "0"}, True),
        ({"project": PROJECT}, False),
        ({"secret_id": "AKIDother"}, False),
        ({"headers": {"X-Test": "a"}}, True),
        ({"headers": {"X-Test": "b"}}, False),
        ({"client": "127.0.0.0/8"}, True),
        ({"client": "10.0.0.0/8"}, False),
    ],
)
def test_what_a_rule_is_for(live: Live, match: dict[str, Any], fires: bool) -> None:
    add(live, {"match": match, "act": {"error": BUSY}})
    got = code_of(Wire(live, headers={"x-test": "a"}).send())
    assert got == (BUSY if fires else PASSED)


def test_a_picture_is_matched_by_its_hash(live: Live) -> None:
    client = live.client()
    client.FaceFusion(face_fusion())
    [entry] = httpx.get(f"{live.url}/_mock/requests").json()
    add(live, {"match": {"picture": entry["pictures"][0]["sha256"]}, "act": {"error": BUSY}})
    assert error_of(client, face_fusion())[0] == BUSY
    assert client.FaceFusion(face_fusion(Image=_other_picture())).Image


def test_a_result_fault_for_one_picture(live: Live) -> None:
    client = live.client()
    client.FaceFusion(face_fusion())
    [entry] = httpx.get(f"{live.url}/_mock/requests").json()
    match = {"picture": entry["pictures"][0]["sha256"]}
    add(live, {"match": match, "act": {"result": "expired"}})
    links = [
        client.FaceFusion(face_fusion(RspImgType="url", **picture)).Image
        for picture in ({}, {"Image": _other_picture()})
    ]
    assert [httpx.get(link).status_code for link in links] == [403, 200]


def test_a_network_fault_for_one_picture(live: Live) -> None:
    live.client().FaceFusion(face_fusion())
    [entry] = httpx.get(f"{live.url}/_mock/requests").json()
    match = {"picture": entry["pictures"][0]["sha256"]}
    add(live, {"match": match, "act": {"answer": "http_503"}})
    with pytest.raises(TencentCloudSDKException, match="503"):
        live.client().FaceFusion(face_fusion())


def _other_picture() -> str:
    from tests.live import FIXTURES, base64_of

    return base64_of(FIXTURES / "users" / "astronaut.jpg")


@pytest.mark.parametrize(
    ("when", "pattern"),
    [
        ({"times": 2}, "xx...."),
        ({"skip": 2}, "..xxxx"),
        ({"every": 2}, "x.x.x."),
        ({"skip": 1, "every": 2, "times": 2}, ".x.x.."),
        ({"probability": 0}, "......"),
    ],
)
def test_when_a_rule_acts(live: Live, when: dict[str, Any], pattern: str) -> None:
    add(live, {"act": {"error": BUSY}, "when": when})
    assert codes(live, 6) == [BUSY if mark == "x" else PASSED for mark in pattern]


def test_a_sequence_runs_once_or_again(live: Live) -> None:
    sequence = [{"error": BUSY}, {"error": "FailedOperation.RpcFail"}, None]
    rule = add(live, {"sequence": sequence})
    turn = [BUSY, "FailedOperation.RpcFail", PASSED]
    assert codes(live, 5) == [*turn, PASSED, PASSED]
    httpx.delete(f"{live.url}/_mock/faults/{rule}").raise_for_status()
    add(live, {"sequence": sequence, "repeat": True})
    assert codes(live, 6) == turn * 2


def test_a_time_window_and_a_time_to_live_follow_the_clock(live: Live) -> None:
    now = live.world.clock.now()
    add(live, {"act": {"error": BUSY}, "when": {"after": now + 10, "until": now + 20}})
    add(live, {"act": {"error": "FailedOperation.RpcFail"}, "when": {"ttl": 5}})
    seen = []
    for _ in range(5):
        seen += codes(live, 1)
        live.world.clock.advance(5)
    assert seen == ["FailedOperation.RpcFail", PASSED, BUSY, BUSY, PASSED]


def test_the_same_seed_gives_the_same_outcome_over_ten_thousand_calls(live: Live) -> None:
    def outcome() -> list[bool]:
        live.world.faults.clear()
        add(live, {"act": {"error": BUSY}, "when": {"probability": 0.3, "seed": 42}})
        call = _call(live)
        return [live.world.faults.judge(call).final is not None for _ in range(10_000)]

    first = outcome()
    assert first == outcome()
    assert 2_800 < sum(first) < 3_200


def _call(live: Live) -> Any:
    from mockserver.gateway.call import Call

    return Call("POST", "http", "", {}, "127.0.0.1", "id", live.world.clock.now())


def test_ten_thousand_calls_of_fifty_clients_are_counted_exactly(live: Live) -> None:
    """Calls meet three rules in turn: three times, by chance with a seed, and a sequence."""
    calls, chance = 10_000, Random(42)
    thrice = add(live, {"act": {"error": "FailedOperation.RpcFail"}, "when": {"times": 3}})
    when = {"probability": 0.3, "seed": 42}
    sometimes = add(live, {"act": {"error": "FailedOperation.InnerError"}, "when": when})
    sequence = add(live, {"sequence": [{"error": BUSY}, {"error": BUSY}, None], "repeat": True})
    by_chance = sum(chance.random() < 0.3 for _ in range(calls - 3))
    left = calls - 3 - by_chance
    with ThreadPoolExecutor(50) as threads:
        got = sum(threads.map(lambda _: pipelined(live, calls // 50), range(50)), Counter())
    assert got == {
        "FailedOperation.RpcFail": 3,
        "FailedOperation.InnerError": by_chance,
        BUSY: left - left // 3,
        PASSED: left // 3,
    }
    assert counts(live, thrice) == (calls, 3)
    assert counts(live, sometimes) == (calls - 3, by_chance)
    assert counts(live, sequence) == (left, left)


def pipelined(live: Live, calls: int, at_once: int = 20) -> Counter[str]:
    """Make calls over one connection, some at once; count how they end."""
    got: Counter[str] = Counter()
    raw = request(live)
    with connected(live.authority) as connection, connection.makefile("rb") as stream:
        for _ in range(calls // at_once):
            connection.sendall(raw * at_once)
            got.update(read(stream).code for _ in range(at_once))
    return got


def test_the_first_final_rule_wins_and_latencies_add(live: Live) -> None:
    slow = [add(live, {"act": {"latency": 0.02}}) for _ in range(2)]
    first = add(live, {"act": {"error": BUSY}})
    behind = add(live, {"act": {"error": "FailedOperation.RpcFail"}})
    assert codes(live, 1) == [BUSY]
    assert [counts(live, rule) for rule in (*slow, first, behind)] == [(1, 1)] * 3 + [(0, 0)]
    [entry] = httpx.get(f"{live.url}/_mock/requests").json()
    assert entry["faults"] == [*slow, first]
    assert entry["milliseconds"] >= 38  # each wait may end a millisecond early
    httpx.post(f"{live.url}/_mock/faults/order", json={"ids": [behind]}).raise_for_status()
    assert codes(live, 1) == ["FailedOperation.RpcFail"]


def test_a_rule_can_be_switched_replaced_and_removed(live: Live) -> None:
    url = f"{live.url}/_mock/faults/{add(live, {'id': 'mine', 'act': {'error': BUSY}})}"
    assert url.endswith("/mine")
    assert httpx.patch(url, json={"enabled": False}).json()["rule"]["enabled"] is False
    assert codes(live, 1) == [PASSED]
    httpx.put(url, json={"act": {"error": "FailedOperation.RpcFail"}}).raise_for_status()
    assert codes(live, 1) == ["FailedOperation.RpcFail"]
    assert httpx.delete(url).status_code == 204
    assert codes(live, 1) == [PASSED]
    assert [httpx.request(m, url).status_code for m in ("GET", "DELETE")] == [404, 404]


def test_reset_forgets_all_rules(live: Live) -> None:
    add(live, {"act": {"error": BUSY}})
    httpx.post(f"{live.url}/_mock/reset").raise_for_status()
    assert httpx.get(f"{live.url}/_mock/faults").json() == []


@pytest.mark.parametrize(
    ("rule", "field", "says"),
    [
        ({}, "act", "Field required"),
        ({"act": {"error": "Nope"}}, "error", "not in the catalogue"),
        ({"act": {"network": "flood"}}, "network", "'reset', 'empty', 'hang'"),
        ({"act": {"latency": -1}}, "latency", "greater than or equal to 0"),
        ({"act": {}}, "act", "an act needs"),
        ({"act": {"error": BUSY}, "when": {"probability": 2}}, "probability", "less than or equal"),
        ({"act": {"error": BUSY}, "match": {"projekt": "1"}}, "projekt", "not permitted"),
        ({"act": {"error": BUSY}, "id": "a b"}, "id", "pattern"),
        ({"act": {"error": BUSY}, "match": {"client": "home"}}, "client", "'home' does not appear"),
        ({"act": {"error": BUSY}, "when": {"times": 0}}, "times", "greater than or equal to 1"),
        ({"act": {"error": BUSY}, "enabled": "no"}, "enabled", "valid boolean"),
        ({"sequence": []}, "sequence", "at least 1 item"),
        ({"sequence": [None, {"network": "cut"}]}, "network", "'reset', 'empty', 'hang'"),
        ({"sequence": [None], "act": {"error": BUSY}}, "act", "not permitted"),
    ],
)
def test_a_malformed_rule_is_refused_with_its_field(
    live: Live, rule: dict[str, Any], field: str, says: str
) -> None:
    answer = httpx.post(f"{live.url}/_mock/faults", json=rule)
    assert answer.status_code == 422
    mistakes = answer.json()["detail"]
    assert any(field in one["loc"] and says in one["msg"] for one in mistakes), mistakes
    assert httpx.get(f"{live.url}/_mock/faults").json() == []


@pytest.mark.parametrize(
    ("method", "path", "body", "code"),
    [
        ("PUT", "/a", {"act": {"error": "Nope"}}, 422),
        ("PUT", "/c", {"act": {"error": BUSY}}, 404),
        ("PATCH", "/a", {"enabled": "no"}, 422),
        ("PATCH", "/a", {"enabled": False, "times": 1}, 422),
        ("PATCH", "/c", {"enabled": False}, 404),
        ("POST", "/order", {"ids": ["b", "c"]}, 404),
        ("POST", "/order", {"ids": "b"}, 422),
        ("DELETE", "/c", None, 404),
    ],
)
def test_a_refused_change_of_rules_changes_nothing(
    live: Live, method: str, path: str, body: Any, code: int
) -> None:
    for name in ("a", "b"):
        add(live, {"id": name, "act": {"latency": 0}})
    codes(live, 1)
    before = httpx.get(f"{live.url}/_mock/faults").json()
    answer = httpx.request(method, f"{live.url}/_mock/faults{path}", json=body)
    assert answer.status_code == code
    assert answer.json()["detail"]
    assert httpx.get(f"{live.url}/_mock/faults").json() == before


def test_an_id_that_is_taken_is_refused(live: Live) -> None:
    add(live, {"id": "mine", "act": {"error": BUSY}})
    again = httpx.post(f"{live.url}/_mock/faults", json={"id": "mine", "act": {"error": BUSY}})
    assert again.status_code == 409


def test_a_result_link_that_has_expired(live: Live) -> None:
    add(live, {"act": {"result": "expired"}})
    link = live.client().FaceFusion(face_fusion(RspImgType="url")).Image
    assert httpx.get(link).status_code == 403


def test_a_result_of_the_wrong_size_and_a_torn_one(live: Live) -> None:
    import base64
    import io

    from PIL import Image

    right = Image.open(io.BytesIO(base64.b64decode(live.client().FaceFusion(face_fusion()).Image)))
    add(live, {"act": {"result": "wrong_size"}, "when": {"times": 1}})
    half = Image.open(io.BytesIO(base64.b64decode(live.client().FaceFusion(face_fusion()).Image)))
    assert half.size == (right.width // 2, right.height // 2)
    add(live, {"act": {"result": "torn"}})
    torn = Image.open(io.BytesIO(base64.b64decode(live.client().FaceFusion(face_fusion()).Image)))
    with pytest.raises(OSError, match="truncated"):
        torn.load()


def test_rules_of_one_key_do_not_touch_another(live: Live) -> None:
    uin = live.world.accounts.any().uin
    pair = httpx.post(f"{live.url}/_mock/state/accounts/{uin}/keys").json()
    add(live, {"match": {"secret_id": pair["secret_id"]}, "act": {"error": BUSY}})
    mine = Wire(live, secret_id=pair["secret_id"], secret_key=pair["secret_key"])
    assert code_of(mine.send()) == BUSY
    assert codes(live, 1) == [PASSED]
    scoped = {"secret_id": pair["secret_id"]}
    assert len(httpx.get(f"{live.url}/_mock/faults", params=scoped).json()) == 1
    httpx.delete(f"{live.url}/_mock/faults", params=scoped).raise_for_status()
    assert code_of(mine.send()) == PASSED


def test_the_sdk_retries_what_a_sequence_lets_pass_at_last(live: Live) -> None:
    rule = {"sequence": [{"error": "RequestLimitExceeded"}, None]}
    add(live, rule)
    client = live.client()
    with pytest.raises(TencentCloudSDKException):
        client.FaceFusion(face_fusion(ModelId=MATERIAL))
    assert client.FaceFusion(face_fusion()).Image


async def test_a_thousand_rules_are_looked_at(live: Live) -> None:
    for number in range(1000):
        rule = {"match": {"project": f"p{number}"}, "act": {"error": BUSY}}
        live.world.faults.add(TypeAdapter(Rule).validate_python(rule))
    assert await asyncio.to_thread(codes, live, 2) == [PASSED, PASSED]
