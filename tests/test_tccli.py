"""The official command line client, unmodified."""

import json
import subprocess
import sys
from pathlib import Path

from mockserver.state.models import DEFAULT_SECRET_ID, DEFAULT_SECRET_KEY
from tests.live import HOPPER, MATERIAL, PROJECT, Live, base64_of

TCCLI = [str(Path(sys.executable).with_name("tccli")), "facefusion", "FaceFusion"]


def tccli(live: Live, home: Path, **params: str) -> dict[str, object]:
    """Call FaceFusion with tccli and return its output."""
    picture = home / "picture.json"
    picture.write_text(json.dumps(params))
    words = [
        *TCCLI,
        "--cli-unfold-argument" if not params else "--cli-input-json",
        f"file://{picture}",
        "--version",
        "2018-12-01",
        "--endpoint",
        live.url,
    ]
    environment = {
        "HOME": str(home),
        "PATH": "/usr/bin:/bin",
        "TENCENTCLOUD_SECRET_ID": DEFAULT_SECRET_ID,
        "TENCENTCLOUD_SECRET_KEY": DEFAULT_SECRET_KEY,
        "TENCENTCLOUD_REGION": "ap-guangzhou",
    }
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, env=environment)
    assert done.returncode == 0, done.stdout + done.stderr
    answer: dict[str, object] = json.loads(done.stdout)
    return answer


def test_tccli(live: Live, tmp_path: Path) -> None:
    answer = tccli(
        live,
        tmp_path,
        ProjectId=PROJECT,
        ModelId=MATERIAL,
        RspImgType="url",
        Image=base64_of(HOPPER),
    )
    assert str(answer["Image"]).startswith(f"{live.url}/_mock/results/")
