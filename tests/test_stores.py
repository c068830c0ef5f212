"""One contract for every store: in memory or on disk, and in a real Valkey."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from itertools import chain
from pathlib import Path
from random import Random

import pytest
from valkey import Valkey as Client

from mockserver.gateway.ratelimit import MemoryRateLimiter, RateLimiter
from mockserver.state.clock import Clocks, MockClock
from mockserver.state.models import Project
from mockserver.state.quotas import MemoryQuotas, Quotas
from mockserver.state.results import (
    DirectoryResults,
    Names,
    ResultExpiredError,
    ResultNotFoundError,
    ResultStore,
)
from mockserver.state.shared import ValkeyQuotas, ValkeyRateLimiter, ValkeyResults
from mockserver.state.valkey import Valkey
from tests.shared import valkey_running

CLIENTS, CALLS = 50, 20
KIB = 1024
DAY = 86400


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with valkey_running() as url:
        yield url


@asynccontextmanager
async def connected(address: str) -> AsyncIterator[Valkey]:
    """A connection to a Valkey with nothing in it."""
    valkey = Valkey(address)
    await valkey.run("redis.call('FLUSHALL')", ())
    yield valkey
    await valkey.close()


@pytest.fixture(params=["memory", "valkey"])
async def limiter(request: pytest.FixtureRequest, address: str) -> AsyncIterator[RateLimiter]:
    if request.param == "memory":
        yield MemoryRateLimiter()
        return
    async with connected(address) as valkey:
        yield ValkeyRateLimiter(valkey)


@pytest.fixture(params=["memory", "valkey"])
async def quotas(request: pytest.FixtureRequest, address: str) -> AsyncIterator[Quotas]:
    if request.param == "memory":
        yield MemoryQuotas()
        return
    async with connected(address) as valkey:
        yield ValkeyQuotas(valkey)


@pytest.fixture
def clocks() -> Clocks:
    """Clocks that stand still at a second's beginning."""
    clocks = Clocks()
    clocks.shared.freeze()
    clocks.shared.set(1_700_000_000)
    return clocks


@pytest.fixture(params=["directory", "valkey"])
async def results(
    request: pytest.FixtureRequest, address: str, clocks: Clocks, tmp_path: Path
) -> AsyncIterator[ResultStore]:
    """A store for 1000 KiB, where links are valid for a day."""
    names = Names(clock_of=clocks.of, random=Random(7), days=1)
    if request.param == "directory":
        directory = DirectoryResults(tmp_path, names, max_bytes=1000 * KIB)
        directory.open()
        yield directory
        return
    async with connected(address) as valkey:
        yield ValkeyResults(valkey, names, max_bytes=1000 * KIB)


async def test_a_window_is_a_second_of_the_clock(limiter: RateLimiter, clocks: Clocks) -> None:
    clock = clocks.shared
    assert [await limiter.hit("a", clock) for _ in range(3)] == [1, 2, 3]
    clock.advance(0.999)
    assert (await limiter.hit("a", clock), await limiter.hit("b", clock)) == (4, 1)
    clock.advance(0.001)
    assert (await limiter.hit("a", clock), await limiter.hit("b", clock)) == (1, 1)


async def test_a_clock_has_windows_of_its_own(limiter: RateLimiter, clocks: Clocks) -> None:
    own = clocks.part("AKIDone", clocks.shared)
    for expected in (1, 2):
        assert await limiter.hit("a", clocks.shared) == expected
        assert await limiter.hit("a", own) == expected
    own.advance(-1000)
    assert (await limiter.hit("a", own), await limiter.hit("a", clocks.shared)) == (1, 3)


async def test_counts_can_be_forgotten(limiter: RateLimiter, clocks: Clocks) -> None:
    await limiter.hit("a", clocks.shared)
    await limiter.clear()
    assert await limiter.hit("a", clocks.shared) == 1


async def test_hits_are_exact_under_fifty_clients(limiter: RateLimiter, clocks: Clocks) -> None:
    async def client() -> list[int]:
        return [await limiter.hit("a", clocks.shared) for _ in range(CALLS)]

    counts = await asyncio.gather(*(client() for _ in range(CLIENTS)))
    assert sorted(chain.from_iterable(counts)) == list(range(1, CLIENTS * CALLS + 1))


async def test_a_quota_is_used_up(quotas: Quotas) -> None:
    few, endless = Project(id="few", quota=2), Project(id="endless")
    assert await quotas.left([few, endless]) == [2, None]
    assert [await quotas.take(few) for _ in range(3)] == [True, True, False]
    assert [await quotas.take(endless) for _ in range(3)] == [True, True, True]
    assert await quotas.left([few, endless]) == [0, None]
    assert await quotas.left([]) == []


async def test_many_quotas_at_once(quotas: Quotas) -> None:
    projects = [Project(id=str(number), quota=number % 7 or None) for number in range(20_000)]
    await quotas.put(projects)
    assert await quotas.left(projects) == [project.quota for project in projects]


@pytest.mark.parametrize("quota", [0, 5, None])
async def test_a_quota_can_be_set(quotas: Quotas, quota: int | None) -> None:
    project = Project(id="p", quota=2)
    assert await quotas.take(project)
    project.quota = quota
    await quotas.put([project])
    assert await quotas.left([project]) == [quota]
    assert await quotas.take(project) == (quota != 0)


async def test_a_quota_is_exact_under_fifty_clients(quotas: Quotas) -> None:
    project = Project(id="p", quota=300)

    async def client() -> int:
        return [await quotas.take(project) for _ in range(CALLS)].count(True)

    taken = await asyncio.gather(*(client() for _ in range(CLIENTS)))
    assert sum(taken) == 300
    assert await quotas.left([project]) == [0]


async def get(results: ResultStore, name: str) -> bytes | str:
    try:
        return await asyncio.to_thread(results.get, name)
    except (ResultExpiredError, ResultNotFoundError) as error:
        return type(error).__name__


async def test_a_picture_comes_back_until_it_expires(results: ResultStore, clocks: Clocks) -> None:
    data = Random(1).randbytes(100 * KIB) + b"\n\x00\xff"
    name = results.put("qc_1_2_3", data, "jpg")
    assert name.startswith("qc_1_2_3_1700000000000000000_")
    assert name.endswith(".jpg")
    clocks.shared.advance(DAY - 1)
    assert await get(results, name) == data
    clocks.shared.advance(1)
    assert await get(results, name) == "ResultExpiredError"
    clocks.shared.advance(-1)
    assert await get(results, name) == data


async def test_a_key_with_its_own_clock_decides_alone(results: ResultStore, clocks: Clocks) -> None:
    mine = results.put("m", b"mine", "png", secret_id="AKIDone")
    other = results.put("m", b"other", "png", secret_id="AKIDtwo")
    clocks.part("AKIDone", clocks.shared).advance(DAY)
    assert await get(results, mine) == "ResultExpiredError"
    assert await get(results, other) == b"other"
    clocks.shared.advance(DAY)
    clocks.part("AKIDone", clocks.shared).advance(-1)
    assert await get(results, mine) == b"mine"
    assert await get(results, other) == "ResultExpiredError"


async def test_a_picture_may_be_expired_from_the_start(results: ResultStore) -> None:
    assert await get(results, results.put("m", b"x", "jpg", expired=True)) == "ResultExpiredError"


@pytest.mark.parametrize("name", ["", "x.jpg", "../m_1_0.jpg", f"m_{10**19}_{'0' * 32}.jpg"])
async def test_what_never_was_is_not_found(results: ResultStore, name: str) -> None:
    assert await get(results, name) == "ResultNotFoundError"


async def test_what_expired_long_ago_is_still_told_apart(results: ResultStore) -> None:
    assert await get(results, f"m_1_{'0' * 32}.jpg") == "ResultExpiredError"


async def test_the_oldest_make_room(results: ResultStore) -> None:
    names = [results.put("m", bytes([n]) * 300 * KIB, "jpg") for n in range(5)]
    kept = [await get(results, name) for name in names]
    assert kept[:2] == ["ResultNotFoundError"] * 2
    assert kept[2:] == [bytes([n]) * 300 * KIB for n in (2, 3, 4)]


async def test_fifty_clients_store_and_read(results: ResultStore) -> None:
    def client(number: int) -> bool:
        pictures = [bytes([number, n]) * 50 for n in range(CALLS)]
        names = [results.put("m", data, "jpg") for data in pictures]
        return [results.get(name) for name in names] == pictures

    with ThreadPoolExecutor(CLIENTS) as threads:
        assert all(threads.map(client, range(CLIENTS)))


async def test_two_connections_share_their_counts(address: str, clocks: Clocks) -> None:
    project = Project(id="p", quota=1)
    async with connected(address) as one:
        two = Valkey(address)
        limiters = [ValkeyRateLimiter(valkey) for valkey in (one, two)]
        assert [await limiter.hit("a", clocks.shared) for limiter in limiters] == [1, 2]
        counts = [ValkeyQuotas(valkey) for valkey in (one, two)]
        assert [await quotas.take(project) for quotas in counts] == [True, False]
        await two.close()


async def test_a_store_that_refuses_a_picture(address: str, clocks: Clocks) -> None:
    names = Names(clock_of=clocks.of, random=Random(7), days=1)
    with Client.from_url(address) as client:
        client.config_set("maxmemory", 1)
        try:
            async with connected(address) as valkey:
                with pytest.raises(OSError, match="refuses"):
                    ValkeyResults(valkey, names, max_bytes=1000 * KIB).put("m", b"x", "jpg")
        finally:
            client.config_set("maxmemory", 0)


def test_a_clock_that_is_gone_takes_its_windows_along() -> None:
    limiter = MemoryRateLimiter()

    async def hit_with_a_fresh_clock() -> None:
        await limiter.hit("a", MockClock("AKIDone"))

    asyncio.run(hit_with_a_fresh_clock())
    assert len(limiter._windows) == 0
