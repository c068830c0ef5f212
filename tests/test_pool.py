"""The pool: one engine a thread, warm before use, an API error when it is gone."""

import asyncio
import os
import subprocess
import sys
import threading

import pytest

from mockserver.errors import ApiError
from mockserver.imaging.codec import Pixels
from mockserver.imaging.face import Candidate, FaceEngine, Landmarks
from mockserver.imaging.pool import FusePool
from mockserver.imaging.quiet import quiet_stderr


class CountingEngine(FaceEngine):
    """Remembers its thread and how often it was used."""

    def __init__(self) -> None:
        self.thread = threading.get_ident()
        self.calls = 0

    def detect(self, image: Pixels) -> list[Candidate]:
        assert threading.get_ident() == self.thread
        self.calls += 1
        return []

    def landmarks(self, image: Pixels, candidate: Candidate) -> Landmarks | None:
        return None

    def refine(self, image: Pixels, face: Landmarks) -> Landmarks:
        return face


class Factory:
    """Makes engines and keeps them."""

    def __init__(self) -> None:
        self.made: list[CountingEngine] = []

    def __call__(self) -> CountingEngine:
        engine = CountingEngine()
        self.made.append(engine)
        return engine


def broken() -> FaceEngine:
    raise OSError("no model")


def test_warm_starts_every_worker_once() -> None:
    factory = Factory()
    pool = FusePool(factory, workers=4)
    pool.warm()
    assert len({engine.thread for engine in factory.made}) == 4
    assert [engine.calls for engine in factory.made] == [1] * 4
    pool.warm()
    assert len(factory.made) == 4
    pool.close()


async def _identities(pool: FusePool, tasks: int) -> list[int]:
    return await asyncio.gather(*(pool.run(id) for _ in range(tasks)))


def test_work_gets_the_engine_of_its_thread() -> None:
    factory = Factory()
    pool = FusePool(factory, workers=2)
    used = asyncio.run(_identities(pool, 40))
    pool.close()
    assert set(used) <= {id(engine) for engine in factory.made}
    assert len(factory.made) <= 2


def test_errors_of_the_work_pass_through() -> None:
    def fail(engine: FaceEngine) -> None:
        raise ApiError("FailedOperation.FaceShapeFailed")

    pool = FusePool(Factory(), workers=1)
    with pytest.raises(ApiError, match="FaceShapeFailed"):
        asyncio.run(pool.run(fail))
    pool.close()


def test_a_pool_without_engines_is_an_api_error() -> None:
    pool = FusePool(broken, workers=2)
    with pytest.raises(OSError, match="no model"):
        pool.warm()
    with pytest.raises(ApiError, match=r"FailedOperation\.RpcFail"):
        asyncio.run(pool.run(id))
    pool.close()


def test_a_closed_pool_is_an_api_error() -> None:
    pool = FusePool(Factory(), workers=1)
    pool.close()
    with pytest.raises(ApiError, match=r"FailedOperation\.RpcFail"):
        asyncio.run(pool.run(id))


def test_quiet_stderr_silences_native_writes_only_meanwhile(
    capfd: pytest.CaptureFixture[str],
) -> None:
    with quiet_stderr(), quiet_stderr():
        os.write(2, b"hidden\n")
    os.write(2, b"shown\n")
    assert capfd.readouterr().err == "shown\n"


def test_quiet_stderr_is_restored_after_an_error(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(KeyError), quiet_stderr():
        raise KeyError
    os.write(2, b"shown\n")
    assert capfd.readouterr().err == "shown\n"


@pytest.mark.parametrize("ending", ["pool.close()", "pass"])
def test_nothing_is_written_on_the_way_to_the_exit(ending: str) -> None:
    program = (
        "from mockserver.imaging.engine import MeshEngine\n"
        "from mockserver.imaging.pool import FusePool\n"
        f"pool = FusePool(MeshEngine, workers=2)\npool.warm()\n{ending}\n"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert run.stdout + run.stderr == b""
