"""The command line as a user types it."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.live import FIXTURES, HOPPER

COMMAND = [sys.executable, "-m", "mockserver"]


def run(*arguments: object, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    words = [*COMMAND, *map(str, arguments)]
    return subprocess.run(words, capture_output=True, text=True, timeout=60, cwd=cwd)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server started by the command itself; checks how it stops."""
    words = [*COMMAND, "serve", "--port", "0"]
    results = str(tmp_path_factory.mktemp("results"))
    server = subprocess.Popen(
        words,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={"FACEFUSION_MOCK_RESULTS_FOLDER": results, "FACEFUSION_MOCK_LOG_LEVEL": "warning"},
    )
    assert server.stdout is not None
    ready = re.search(r"ready at (\S+)", server.stdout.readline())
    assert ready is not None, server.stderr.read() if server.stderr else ""
    yield ready[1]
    server.send_signal(signal.SIGTERM)
    _, noise = server.communicate(timeout=30)
    assert (server.returncode, noise) == (0, "")


def test_help_names_every_verb() -> None:
    shown = run("--help").stdout
    for verb in ("serve", "call", "fuse", "errors", "status", "reset", "sign"):
        assert re.search(rf"^  {verb} ", shown, re.MULTILINE)


@pytest.mark.parametrize("response", ["url", "base64"])
def test_call_saves_the_result_and_a_before_after(
    served: str, tmp_path: Path, response: str
) -> None:
    done = run("call", HOPPER, "--endpoint", served, "--response", response, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert {file.name for file in tmp_path.iterdir()} == {"fused.jpg", "fused-compare.jpg"}


def test_call_shows_an_error_with_its_request_id(served: str, tmp_path: Path) -> None:
    options = ("--project", "999", "--endpoint", served)
    done = run("call", HOPPER, *options, cwd=tmp_path)
    assert done.returncode == 1
    assert "InvalidParameterValue.ActivityIdNotFound" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_call_without_a_server_says_how_to_start_one(tmp_path: Path) -> None:
    done = run("call", HOPPER, "--endpoint", "http://127.0.0.1:9", cwd=tmp_path)
    assert done.returncode == 1
    assert "facefusion-mock serve" in done.stderr


def test_fuse_needs_no_server_and_makes_no_noise(tmp_path: Path) -> None:
    material = FIXTURES / "materials" / "qc_100646_154021_10.png"
    done = run("fuse", HOPPER, material, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert {file.name for file in tmp_path.iterdir()} == {"fused.png", "fused-compare.jpg"}


def test_a_reader_that_leaves_is_no_mistake(tmp_path: Path) -> None:
    material = FIXTURES / "materials" / "qc_100646_154021_9.jpg"
    words = [*COMMAND, "fuse", str(HOPPER), str(material)]
    gone, output = os.pipe()
    os.close(gone)
    with os.fdopen(output, "w") as nobody:
        done = subprocess.run(
            words, stdout=nobody, stderr=subprocess.PIPE, text=True, timeout=60, cwd=tmp_path
        )
    assert done.stderr == ""
    assert (tmp_path / "fused.jpg").exists()


def test_fuse_names_the_documented_error(tmp_path: Path) -> None:
    landscape = FIXTURES / "errors" / "no_face_landscape.jpg"
    done = run("fuse", landscape, HOPPER, cwd=tmp_path)
    assert done.returncode == 1
    assert "FailedOperation.FuseDetectNoFace" in done.stderr


def test_status_and_reset(served: str) -> None:
    done = run("status", "--endpoint", served)
    assert done.returncode == 0
    assert re.search(r"^status +ready$", done.stdout, re.MULTILINE)
    assert run("reset", "--endpoint", served).returncode == 0
    assert run("status", "--endpoint", "http://127.0.0.1:9").returncode == 1


def test_errors_lists_the_catalogue_and_explains_a_code() -> None:
    assert len(run("errors").stdout.splitlines()) > 80
    shown = run("errors", "FailedOperation.FuseDetectNoFace").stdout
    assert "未检测到人脸." in shown
    assert "no_face_landscape.jpg" in shown
    assert run("errors", "Nothing").returncode == 1


def test_sign_prints_what_the_server_accepts(tmp_path: Path) -> None:
    body = tmp_path / "body.json"
    body.write_text("{}")
    done = run("sign", body, "--timestamp", "1551113065", "--endpoint", "http://localhost:8670")
    assert "POST\n/\n\ncontent-type:application/json\nhost:localhost:8670\n" in done.stdout
    assert "TC3-HMAC-SHA256\n1551113065\n2019-02-25/facefusion/tc3_request\n" in done.stdout
    assert re.search(r"^Authorization: TC3-HMAC-SHA256 Credential=AKID", done.stdout, re.MULTILINE)
    assert "Gu5t9xGARNpq86cd98joQYCN3EXAMPLE" not in done.stdout


def test_a_taken_port_is_explained_in_one_line() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = run("serve", "--port", port)
    assert done.returncode == 1
    assert done.stderr.startswith(f"facefusion-mock: port {port} is taken; ")
    assert done.stderr.count("\n") == 1


def test_a_wrong_seed_is_explained_in_one_line(tmp_path: Path) -> None:
    seed = tmp_path / "my.yaml"
    seed.write_text("accounts:\n  - uin: x\n")
    done = run("serve", "--port", "0", "--seed", seed)
    assert done.returncode == 1
    assert done.stderr.startswith(f"facefusion-mock: {seed}:2: accounts.0.uin: ")
    assert done.stderr.count("\n") == 1


def test_a_material_without_a_face_is_explained(tmp_path: Path) -> None:
    seed = tmp_path / "my.yaml"
    landscape = FIXTURES / "errors" / "no_face_landscape.jpg"
    seed.write_text(
        f"accounts:\n  - projects:\n      - id: '1'\n        materials:\n"
        f"          - {{id: m1, file: '{landscape}'}}\n"
    )
    done = run("serve", "--port", "0", "--seed", seed)
    assert done.returncode == 1
    assert "material m1" in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(("setting", "value"), [("WORKERS", "none"), ("TLS_HOSTS", "no.json")])
def test_a_wrong_setting_is_explained_in_one_line(setting: str, value: str) -> None:
    done = subprocess.run(
        [*COMMAND, "serve"],
        capture_output=True,
        text=True,
        timeout=60,
        env={f"FACEFUSION_MOCK_{setting}": value},
    )
    assert done.returncode == 1
    assert done.stderr.startswith(f"facefusion-mock: setting FACEFUSION_MOCK_{setting}: ")
    assert done.stderr.count("\n") == 1
