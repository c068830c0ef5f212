"""Many callers at once, and a server that is killed in the middle."""

import asyncio
import io
import json
import re
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import httpx
from PIL import Image

from mockserver.client import Caller
from mockserver.errors import catalogue
from mockserver.settings import Settings
from mockserver.state.models import DEFAULT_SECRET_ID, DEFAULT_SECRET_KEY
from tests.live import HOPPER, MATERIAL, PROJECT, Live, base64_of, running

CALLS, CONNECTIONS = 500, 100


def signed(endpoint: str, now: float) -> tuple[dict[str, str], bytes]:
    """Headers and body of one FaceFusion call."""
    caller = Caller(endpoint, DEFAULT_SECRET_ID, DEFAULT_SECRET_KEY)
    params = {"ProjectId": PROJECT, "ModelId": MATERIAL, "RspImgType": "url"}
    body = json.dumps({**params, "Image": base64_of(HOPPER)}).encode()
    signature, moment = caller.sign(body, int(now))
    headers = {
        "authorization": signature.authorization,
        "content-type": "application/json",
        "x-tc-action": "FaceFusion",
        "x-tc-version": "2018-12-01",
        "x-tc-timestamp": str(moment),
        "x-tc-region": "ap-guangzhou",
    }
    return headers, body


async def many(live: Live) -> Counter[str]:
    """Send all calls at once over a hundred connections; count outcomes."""
    headers, body = signed(live.url, live.world.clock.now())
    limits = httpx.Limits(max_connections=CONNECTIONS)

    async def one() -> str:
        answer = await client.post(live.url, headers=headers, content=body)
        response = answer.json()["Response"]
        return str(response["Error"]["Code"]) if "Error" in response else "OK"

    async with httpx.AsyncClient(limits=limits, timeout=100) as client:
        return Counter(await asyncio.gather(*(one() for _ in range(CALLS))))


async def test_five_hundred_calls_at_once_are_all_answered(live: Live) -> None:
    outcomes = await many(live)
    assert sum(outcomes.values()) == CALLS
    assert outcomes == {"OK": 50, "FailedOperation.FuseFreqCtrl": 450}


async def test_more_work_than_the_deadline_allows_is_refused_as_documented(tmp_path: Path) -> None:
    settings = Settings(results_folder=tmp_path, workers=1, deadline_seconds=1)
    with running(settings) as live:
        project = live.world.accounts.project(live.world.accounts.any(), PROJECT)
        assert project is not None
        project.rate = CALLS
        outcomes = await many(live)
    assert sum(outcomes.values()) == CALLS
    assert outcomes["OK"] > 0
    assert set(outcomes) <= set(catalogue()) | {"OK"}


def test_nothing_is_torn_after_a_kill(tmp_path: Path) -> None:
    server = subprocess.Popen(
        [sys.executable, "-m", "mockserver", "serve", "--port", "0"],
        stdout=subprocess.PIPE,
        text=True,
        env={
            "FACEFUSION_MOCK_RESULTS_FOLDER": str(tmp_path),
            "FACEFUSION_MOCK_LOG_LEVEL": "error",
        },
    )
    assert server.stdout is not None
    ready = re.search(r"ready at (\S+)", server.stdout.readline())
    assert ready is not None

    async def call_until_killed() -> None:
        now = httpx.get(f"{ready[1]}/_mock/clock").json()["now"]
        headers, body = signed(ready[1], now)
        async with httpx.AsyncClient(timeout=30) as client:
            calls = [client.post(ready[1], headers=headers, content=body) for _ in range(40)]
            done = asyncio.as_completed(calls)
            for _ in range(5):
                await next(done)
            server.send_signal(signal.SIGKILL)
            await asyncio.gather(*done, return_exceptions=True)

    asyncio.run(call_until_killed())
    server.wait()
    server.stdout.close()
    whole = list(tmp_path.glob("*.jpg"))
    assert len(whole) >= 5
    for file in whole:
        Image.open(io.BytesIO(file.read_bytes())).load()
