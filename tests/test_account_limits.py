"""Rates of address, account and action, by the injected clock and under concurrency."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from mockserver.state.models import DEFAULT_SECRET_ID, DEFAULT_SECRET_KEY
from tests.live import Live, error_of, face_fusion
from tests.wire import PASSED, PROBE, Wire, code_of

UIN = "100000000001"
BY_ACTION = "RequestLimitExceeded"
BY_ACCOUNT = "RequestLimitExceeded.UinLimitExceeded"
BY_ADDRESS = "RequestLimitExceeded.IPLimitExceeded"
CHINESE = {"x-tc-language": "zh-CN"}


def limit(live: Live, **limits: Any) -> None:
    httpx.patch(f"{live.url}/_mock/state/limits", json=limits).raise_for_status()


def limit_account(live: Live, rate: int | None) -> None:
    url = f"{live.url}/_mock/state/accounts/{UIN}"
    httpx.patch(url, json={"rate": rate}).raise_for_status()


def errors(live: Live, calls: int, **wire: Any) -> list[dict[str, str]]:
    """The errors of calls made from eight threads at once."""

    def one(_: int) -> dict[str, str]:
        error: dict[str, str] = Wire(live, **wire).send()["Error"]
        return error

    with ThreadPoolExecutor(8) as threads:
        return list(threads.map(one, range(calls)))


def outcomes(live: Live, calls: int, **wire: Any) -> Counter[str]:
    return Counter(error["Code"] for error in errors(live, calls, **wire))


def by_sdk(live: Live, secret_id: str = DEFAULT_SECRET_ID, key: str = DEFAULT_SECRET_KEY) -> str:
    return error_of(live.client(secret_id, key), face_fusion(**PROBE))[0]


def set_limit(live: Live, code: str, rate: int | None) -> None:
    if code == BY_ACCOUNT:
        limit_account(live, rate)
    elif code == BY_ADDRESS:
        limit(live, ip=rate)
    else:
        limit(live, actions={} if rate is None else {"FaceFusion": rate})


ALL = pytest.mark.parametrize("code", [BY_ACTION, BY_ACCOUNT, BY_ADDRESS])


@ALL
def test_so_many_pass_each_second_and_no_more(live: Live, code: str) -> None:
    set_limit(live, code, 7)
    for _ in range(3):
        assert outcomes(live, 24) == {PASSED: 7, code: 17}
        live.world.clock.advance(1)


@ALL
def test_through_the_sdk(live: Live, code: str) -> None:
    set_limit(live, code, 2)
    assert [by_sdk(live) for _ in range(3)] == [PASSED, PASSED, code]
    live.world.clock.advance(1)
    assert by_sdk(live) == PASSED


@ALL
def test_a_limit_of_zero_and_none(live: Live, code: str) -> None:
    set_limit(live, code, 0)
    assert outcomes(live, 2) == {code: 2}
    set_limit(live, code, None)
    assert outcomes(live, 20) == {PASSED: 20}


def test_the_message_tells_the_count(live: Live) -> None:
    limit(live, actions={"FaceFusion": 5})
    told = Counter(error["Message"] for error in errors(live, 12) if error["Code"] == BY_ACTION)
    assert told == {
        f"Your current request times equals to `{count}` in a second, which exceeds the frequency "
        "limit `5` for a second. Please reduce the frequency of calls.": 1
        for count in range(6, 13)
    }


def test_the_message_tells_the_count_in_chinese(live: Live) -> None:
    limit(live, actions={"FaceFusion": 5})
    got = errors(live, 7, headers=CHINESE)
    told = {error["Message"] for error in got if error["Code"] == BY_ACTION}
    assert told == {
        f"您当前每秒请求 `{count}` 次，超过了每秒频率上限 `5`，请稍后重试。" for count in (6, 7)
    }


@pytest.mark.parametrize(
    ("code", "english", "chinese"),
    [
        (BY_ACCOUNT, "The requests of the account exceed the frequency limit.", "主账号限频。"),
        (BY_ADDRESS, "The requests of the IP exceed the frequency limit.", "IP限频。"),
    ],
)
def test_the_other_messages(live: Live, code: str, english: str, chinese: str) -> None:
    set_limit(live, code, 0)
    assert Wire(live).send()["Error"] == {"Code": code, "Message": english}
    assert Wire(live, headers=CHINESE).send()["Error"]["Message"] == chinese


def test_all_keys_of_an_account_count_together(live: Live) -> None:
    limit_account(live, 3)
    second = httpx.post(f"{live.url}/_mock/state/accounts/{UIN}/keys").json()
    temporary = httpx.post(f"{live.url}/_mock/state/keys/{DEFAULT_SECRET_ID}/temporary").json()
    third = Wire(live, temporary["TmpSecretId"], temporary["TmpSecretKey"])
    third.headers = {"x-tc-token": temporary["Token"]}
    assert by_sdk(live, second["secret_id"], second["secret_key"]) == PASSED
    assert by_sdk(live) == PASSED
    assert code_of(third.send()) == PASSED
    assert by_sdk(live, second["secret_id"], second["secret_key"]) == BY_ACCOUNT
    assert code_of(third.send()) == BY_ACCOUNT


def test_another_account_has_a_count_of_its_own(live: Live) -> None:
    limit_account(live, 1)
    limit(live, actions={"FaceFusion": 2})
    other = httpx.post(f"{live.url}/_mock/state/accounts", json={"uin": "2", "rate": 3}).json()
    assert outcomes(live, 3) == {PASSED: 1, BY_ACCOUNT: 2}
    assert outcomes(live, 5, **other) == {PASSED: 2, BY_ACTION: 1, BY_ACCOUNT: 2}


def test_an_address_counts_for_all_accounts(live: Live) -> None:
    limit(live, ip=3)
    other = httpx.post(f"{live.url}/_mock/state/accounts", json={"uin": "2"}).json()
    assert outcomes(live, 2) == {PASSED: 2}
    assert outcomes(live, 3, **other) == {PASSED: 1, BY_ADDRESS: 2}


def test_other_actions_are_not_limited(live: Live) -> None:
    limit(live, actions={"FuseFace": 0})
    assert outcomes(live, 3) == {PASSED: 3}


def test_a_call_over_one_limit_does_not_count_for_the_next(live: Live) -> None:
    limit(live, ip=4, actions={"FaceFusion": 2})
    limit_account(live, 3)
    got = outcomes(live, 10)
    assert got == {PASSED: 2, BY_ACTION: 1, BY_ACCOUNT: 1, BY_ADDRESS: 6}


def test_a_refused_signature_does_not_count(live: Live) -> None:
    limit_account(live, 1)
    limit(live, ip=1)
    assert outcomes(live, 5, secret_key="wrong") == {"AuthFailure.SignatureFailure": 5}
    assert outcomes(live, 2) == {PASSED: 1, BY_ADDRESS: 1}


def test_seconds_are_those_of_the_clock(live: Live) -> None:
    live.world.clock.set(1700000000.9)
    limit_account(live, 1)
    assert outcomes(live, 2) == {PASSED: 1, BY_ACCOUNT: 1}
    live.world.clock.advance(0.2)  # the next second begins
    assert outcomes(live, 2) == {PASSED: 1, BY_ACCOUNT: 1}
    live.world.clock.advance(0.5)
    assert outcomes(live, 1) == {BY_ACCOUNT: 1}


def test_reset_takes_limits_and_counts_away(live: Live) -> None:
    limit_account(live, 1)
    assert outcomes(live, 2) == {PASSED: 1, BY_ACCOUNT: 1}
    httpx.post(f"{live.url}/_mock/reset").raise_for_status()
    httpx.post(f"{live.url}/_mock/clock", json={"freeze": True}).raise_for_status()
    assert outcomes(live, 2) == {PASSED: 2}
