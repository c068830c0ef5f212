"""Hooks run once, in order, before the server is ready; one that fails ends it."""

import logging
import re
import signal
import subprocess
import sys
import threading
from pathlib import Path

import httpx
import pytest

from mockserver.server import Server, StartError
from mockserver.settings import Settings
from mockserver.world import World
from tests.live import running

ADD_RULE = """
import json, os, urllib.error, urllib.request
url = os.environ["FACEFUSION_MOCK_ENDPOINT"] + "/_mock/"
try:
    urllib.request.urlopen(url + "health/ready")
except urllib.error.HTTPError as error:
    print("health", error.code)
rule = json.dumps({"act": {"error": "InternalError"}}).encode()
asked = urllib.request.Request(url + "faults", rule, {"content-type": "application/json"})
print("rule", urllib.request.urlopen(asked).status)
"""


def settings(folder: Path, **hooks: str) -> Settings:
    """Settings with hooks of these names, `_` for the dot."""
    for name, text in hooks.items():
        (folder / ".".join(name.rsplit("_", 1))).write_text(text)
    seed = folder.parent / "seed.yaml"
    seed.write_text('accounts: [{uin: "100000000001"}]')  # no materials: a quick start
    return Settings(
        results_folder=folder.parent / "results",
        seed=seed,
        hooks=folder,
        hook_seconds=30,
        workers=1,
    )


def failure_of(world: World) -> str:
    """What a server that does not start says."""
    server = Server(world, "127.0.0.1", 0)
    said: list[str] = []

    def run() -> None:
        try:
            server.run()
        except (RuntimeError, OSError) as error:
            said.append(str(error))

    thread = threading.Thread(target=run)
    thread.start()
    try:
        with pytest.raises(StartError):
            server.wait_until_ready()
    finally:
        server.stop()
        thread.join()
    return said[0]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    hooks = tmp_path / "ready.d"
    hooks.mkdir()
    return hooks


def test_they_run_in_order_before_it_is_ready(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "facefusion_mock")
    first = "echo first; echo beside >&2"
    chosen = settings(folder, b_py=ADD_RULE, a_sh=first, notes_txt="no hook")
    with running(chosen) as live:
        assert httpx.get(f"{live.url}/_mock/health/ready").json()["status"] == "ready"
        assert len(httpx.get(f"{live.url}/_mock/faults").json()) == 1
    said = [one.getMessage() for one in caplog.records if one.getMessage().startswith("hook")]
    assert said == [
        "hook a.sh runs",
        "hook a.sh: first",
        "hook a.sh: beside",
        "hook b.py runs",
        "hook b.py: health 503",
        "hook b.py: rule 201",
        "hook notes.txt is passed over: it is neither *.sh nor *.py",
    ]


@pytest.mark.parametrize("name", ["containers.md", "containers.zh-CN.md"])
def test_the_one_in_the_documentation(folder: Path, name: str) -> None:
    text = (Path(__file__).parents[1] / "docs" / name).read_text("utf-8")
    (code,) = re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    with running(settings(folder, a_py=code)) as live:
        (entry,) = httpx.get(f"{live.url}/_mock/faults").json()
    assert entry["rule"]["id"] == "arrears"


def test_one_that_fails_ends_the_server(folder: Path) -> None:
    world = World(settings(folder, a_sh="exit 3", b_sh=f"touch {folder}/ran"))
    assert failure_of(world).startswith(f"hook {folder}/a.sh ended with status 3;")
    assert not (folder / "ran").exists()


def test_one_that_takes_too_long_ends_the_server(folder: Path) -> None:
    chosen = settings(folder, a_sh="sleep 600").model_copy(update={"hook_seconds": 0.2})
    assert failure_of(World(chosen)) == f"hook {folder}/a.sh took more than 0.2 s"


def test_much_output_is_cut(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "facefusion_mock")
    with running(settings(folder, a_py="print('x' * 1_000_000)")):
        pass
    assert sum(len(one.getMessage()) for one in caplog.records) < 70_000


def test_a_folder_that_is_none_is_reported(tmp_path: Path) -> None:
    words = [sys.executable, "-m", "mockserver", "serve", "--port", "0"]
    environment = {"FACEFUSION_MOCK_HOOKS": "no-such-folder", "HOME": str(tmp_path)}
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, env=environment)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.splitlines()[-1] == (
        "facefusion-mock: no-such-folder: No such file or directory"
    )


def test_a_stop_does_not_wait_for_them(folder: Path) -> None:
    settings(folder, a_sh="sleep 600")
    process = subprocess.Popen(
        [sys.executable, "-m", "mockserver", "serve", "--port", "0"],
        stderr=subprocess.PIPE,
        text=True,
        env={
            "FACEFUSION_MOCK_HOOKS": str(folder),
            "FACEFUSION_MOCK_SEED": str(folder.parent / "seed.yaml"),
            "HOME": str(folder.parent),
        },
    )
    try:
        assert process.stderr is not None
        while not re.search("hook a.sh runs", process.stderr.readline()):
            pass
        process.send_signal(signal.SIGTERM)
        _, noise = process.communicate(timeout=30)
    finally:
        process.kill()
    assert (process.returncode, "Traceback" in noise) == (0, False), noise
