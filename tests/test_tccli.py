"""The official command line client, unmodified."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from mockserver.state.models import DEFAULT_SECRET_ID, DEFAULT_SECRET_KEY
from tests.live import HOPPER, MATERIAL, PROJECT, Live, base64_of
from tests.vectors import Credential, add_temporary_key
from tests.wire import PASSED, PROBE

TCCLI = [str(Path(sys.executable).with_name("tccli")), "facefusion"]
DEFAULT = Credential(DEFAULT_SECRET_ID, DEFAULT_SECRET_KEY)


def tccli(
    endpoint: str,
    home: Path,
    params: dict[str, Any],
    key: Credential = DEFAULT,
    *options: str,
    action: str = "FaceFusion",
) -> subprocess.CompletedProcess[str]:
    """Call an action with tccli."""
    file = home / "params.json"
    file.write_text(json.dumps(params))
    words = ["--cli-input-json", f"file://{file}", "--version", "2018-12-01"]
    environment = {
        "HOME": str(home),
        "PATH": "/usr/bin:/bin",
        "TENCENTCLOUD_SECRET_ID": key.secret_id,
        "TENCENTCLOUD_SECRET_KEY": key.secret_key,
        "TENCENTCLOUD_REGION": "ap-guangzhou",
        "TENCENTCLOUD_TOKEN": key.token,
    }
    return subprocess.run(
        [*TCCLI, action, *words, "--endpoint", endpoint, *options],
        capture_output=True,
        text=True,
        timeout=60,
        env={name: value for name, value in environment.items() if value},
    )


def test_tccli(live: Live, tmp_path: Path) -> None:
    params = {
        "ProjectId": PROJECT,
        "ModelId": MATERIAL,
        "RspImgType": "url",
        "Image": base64_of(HOPPER),
    }
    done = tccli(live.url, tmp_path, params)
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads(done.stdout)["Image"].startswith(f"{live.url}/_mock/results/")


def test_tccli_with_further_actions(live: Live, tmp_path: Path) -> None:
    listing = {"ActivityId": int(PROJECT), "Limit": 1, "Offset": 3}
    done = tccli(live.url, tmp_path, listing, action="DescribeMaterialList")
    assert done.returncode == 0, done.stdout + done.stderr
    [group] = json.loads(done.stdout)["MaterialInfos"]
    face = group["MaterialFaceList"][2]["FaceId"]
    params = {
        "ProjectId": PROJECT,
        "ModelId": group["MaterialId"],
        "RspImgType": "url",
        "MergeInfos": [{"Image": base64_of(HOPPER), "TemplateFaceID": face}],
    }
    done = tccli(live.url, tmp_path, params, action="FuseFace")
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads(done.stdout)["FusedImage"].startswith(f"{live.url}/_mock/results/")


def test_tccli_by_a_name_with_a_port(live: Live, tmp_path: Path) -> None:
    port = live.authority.rpartition(":")[2]
    done = tccli(f"http://localhost:{port}", tmp_path, PROBE)
    assert f"code:{PASSED} message:未查找到活动id。" in done.stdout + done.stderr


def test_tccli_asks_for_a_language(live: Live, tmp_path: Path) -> None:
    wrong = Credential(secret_key="another")
    done = tccli(live.url, tmp_path, PROBE, wrong, "--language", "en-US")
    assert done.returncode != 0
    said = done.stdout + done.stderr
    assert "code:AuthFailure.SignatureFailure message:The provided credentials could" in said


def test_tccli_with_a_temporary_key(live: Live, tmp_path: Path) -> None:
    key = add_temporary_key(live)
    done = tccli(live.url, tmp_path, PROBE, key)
    assert f"code:{PASSED} " in done.stdout + done.stderr
    done = tccli(live.url, tmp_path, PROBE, Credential(key.secret_id, key.secret_key))
    assert "code:AuthFailure.TokenFailure " in done.stdout + done.stderr
