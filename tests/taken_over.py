"""Run by test_taken_over.py in namespaces of its own: the real names lead to the mock.

Prints what became of calls by SDKs with nothing but their defaults.
"""

import asyncio
import json
import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import certifi
import requests
from tencentcloud.common.credential import Credential
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.facefusion.v20181201 import facefusion_client, facefusion_client_async

from mockserver.faults.rule import Act, ActRule, When
from mockserver.gateway.names import service_names
from mockserver.settings import Settings
from mockserver.state.journal import Filter
from mockserver.state.models import DEFAULT_SECRET_ID, DEFAULT_SECRET_KEY
from tests.alone import is_alone, raise_loopback
from tests.live import HOPPER, MATERIAL, PROJECT, Live, base64_of, face_fusion, running
from tests.node_sdk import run

KEY = Credential(DEFAULT_SECRET_ID, DEFAULT_SECRET_KEY)
REGION = "ap-guangzhou"
PICTURE = {"ProjectId": PROJECT, "ModelId": MATERIAL, "RspImgType": "url"}


def take_names_over(folder: Path) -> None:
    """Let this namespace's hosts file say that every name is this machine."""
    lines = (f"127.0.0.1 {name}\n" for name in ("localhost", *service_names()))
    _put_before("/etc/hosts", "".join(lines), folder / "hosts")


def trust(ca: Path, folder: Path) -> None:
    """Trust an authority as docs/tls.md says: Python's SDK has a bundle of its own, not a variable.

    The bundle is appended to, in this namespace only.
    """
    bundle = Path(certifi.where())
    _put_before(str(bundle), bundle.read_text() + ca.read_text(), folder / "bundle.pem")
    os.environ["SSL_CERT_FILE"] = str(ca)  # the asynchronous SDK's


def _put_before(path: str, text: str, file: Path) -> None:
    file.write_text(text)
    subprocess.run(["mount", "--bind", file, path], check=True)


def fused(link: str) -> str:
    """The link's beginning, once the picture behind it has been fetched."""
    assert requests.get(link, timeout=10, verify=certifi.where()).content.startswith(b"\xff\xd8")
    return link.partition("/_mock/")[0]


def by_python() -> str:
    """The synchronous SDK."""
    client = facefusion_client.FacefusionClient(KEY, REGION)
    return fused(client.FaceFusion(face_fusion(RspImgType="url")).Image)


async def by_async_python() -> str:
    """The asynchronous SDK."""
    async with facefusion_client_async.FacefusionClient(KEY, REGION) as client:
        return fused((await client.FaceFusion(face_fusion(RspImgType="url"))).Image)


def by_node(ca: Path) -> str:
    """The Node SDK."""
    key = {"secretId": DEFAULT_SECRET_ID, "secretKey": DEFAULT_SECRET_KEY}
    job = {
        "config": {"credential": key, "region": REGION},
        "action": "FaceFusion",
        "params": {**PICTURE, "Image": base64_of(HOPPER)},
        "absent": [],
        "options": {},
    }
    return fused(run(job, {"NODE_EXTRA_CA_CERTS": str(ca)})["answer"]["Image"])


def by_tccli(folder: Path) -> str:
    """The command line client."""
    file = folder / "params.json"
    file.write_text(json.dumps({**PICTURE, "Image": base64_of(HOPPER)}))
    words = ["facefusion", "FaceFusion", "--version", "2018-12-01"]
    done = subprocess.run(
        [Path(sys.executable).with_name("tccli"), *words, "--cli-input-json", f"file://{file}"],
        env={
            "HOME": str(folder),
            "TENCENTCLOUD_SECRET_ID": DEFAULT_SECRET_ID,
            "TENCENTCLOUD_SECRET_KEY": DEFAULT_SECRET_KEY,
            "TENCENTCLOUD_REGION": REGION,
        },
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return fused(json.loads(done.stdout)["Image"])


def by_breaker(live: Live) -> list[tuple[str, str | None]]:
    """Names and their kinds, as Python's region breaker turns away from one that fails."""
    live.world.journal.clear()
    act = Act(network="reset")
    live.world.faults.add(ActRule(act=act, when=When(times=6)))
    profile = ClientProfile(disable_region_breaker=False)
    client = facefusion_client.FacefusionClient(KEY, REGION, profile)
    for _ in range(8):
        with suppress(Exception):  # the breaker swallows the failure and trips over nothing
            client.FaceFusion(face_fusion())
    calls = reversed(list(live.world.journal.select(Filter())))
    return list(dict.fromkeys((call.server_name, call.failover) for call in calls))


def main(folder: Path) -> dict[str, Any]:
    """Serve on the port of HTTPS, call, and say how it went."""
    raise_loopback()
    assert is_alone()
    take_names_over(folder)
    settings = Settings(
        results_folder=folder / "results", tls=True, tls_port=443, tls_folder=folder / "tls"
    )
    with running(settings) as live:
        ca = folder / "tls" / "ca.pem"
        trust(ca, folder)
        return {
            "python": by_python(),
            "async python": asyncio.run(by_async_python()),
            "node": by_node(ca),
            "tccli": by_tccli(folder),
            "breaker": by_breaker(live),
        }


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]))))
