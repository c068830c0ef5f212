"""Proves the Dockerfile's steps in a clean Debian root, where there is no container engine.

Builds with chroot on a root from debootstrap, which stands in for python:slim; then runs the
result as its own user, with a read-only root and no way out, until it is healthy. Needs root and
debootstrap. Run by scripts/image-check in a mount namespace of its own.
"""

import ctypes
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.dockerfile import SYSTEM, Build, Stage, mounted
from tests.alone import is_alone, raise_loopback

ROOT = Path(__file__).parents[1]
BASE = Path("/var/tmp/facefusion-mock-debian")  # kept, for debootstrap takes a minute
BUDGET = 450  # MB, of the image
HEALTH_SECONDS = 60
CLONE_NEWNET = 0x40000000
REAL_NAME = "facefusion.tencentcloudapi.com"
# What Debian's slim images leave out.
_LEFT_OUT = (
    "var/cache/apt/archives",
    "var/lib/apt/lists",
    "usr/share/doc",
    "usr/share/info",
    "usr/share/locale",
    "usr/share/man",
)
_USER = "/opt/venv/lib/python3*/site-packages/mockserver/fixtures/users/hopper.jpg"
_HANDSHAKE = f"""
import socket, ssl
context = ssl.create_default_context(cafile="/data/tls/ca.pem")
with socket.create_connection(("127.0.0.1", 8643)) as plain:
    with context.wrap_socket(plain, server_hostname="{REAL_NAME}") as secure:
        print(secure.version(), "as {REAL_NAME}")
"""


def say(text: str) -> None:
    """Print a line at once."""
    print(text, flush=True)


def debian() -> Path:
    """Return a clean root with Debian's Python, made on first use."""
    if not BASE.exists():
        part = BASE.with_suffix(".part")
        shutil.rmtree(part, ignore_errors=True)
        packages = "--include=python3,python3-pip,python3-venv"
        words = ["debootstrap", "--variant=minbase", packages, "bookworm", str(part)]
        subprocess.run(words, check=True, stdout=subprocess.DEVNULL)
        for left_out in _LEFT_OUT:
            shutil.rmtree(part / left_out)
            (part / left_out).mkdir()
        (part / "usr/local/bin/python").symlink_to("/usr/bin/python3")
        part.rename(BASE)
    return BASE


def megabytes(folder: Path) -> int:
    """The size of a folder's files in MB, as an engine counts an image."""
    words = ["du", "-s", "--one-file-system", "--apparent-size", "--block-size=MB", str(folder)]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    return int(done.stdout.partition("MB")[0])


def report_size(stage: Stage, base: Path) -> None:
    """Print the tree's size against the budget."""
    total, standing_in = megabytes(stage.root), megabytes(base)
    say(f"size: {total} MB, of it {standing_in} the base that stands in for python:slim;")
    say(f"of the budget of {BUDGET} MB our part leaves {BUDGET - (total - standing_in)} for a base")


class Container:
    """The last stage as it would run: its user, its variables, a read-only root."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._env = {**stage.env, "FACEFUSION_MOCK_TLS": "true"}

    def start(self, words: list[str], **options: Any) -> "subprocess.Popen[str]":
        """Start a program in it."""
        user = f"--userspec={self._stage.user}"
        chroot = ["setpriv", "--no-new-privs", "chroot", user, str(self._stage.root)]
        return subprocess.Popen(
            [*chroot, *self._stage.going, *words], env=self._env, text=True, **options
        )

    def run(self, *words: str) -> tuple[int, str]:
        """Run a program in it; return its status and all it printed."""
        pipe = subprocess.PIPE
        process = self.start(list(words), stdout=pipe, stderr=subprocess.STDOUT)
        printed, _ = process.communicate(timeout=HEALTH_SECONDS)
        return process.returncode, printed.strip()


def prove(stage: Stage) -> None:
    """Run it, wait until it is healthy, look at it, call it, stop it."""
    container = Container(stage)
    say("$ " + " ".join(stage.entrypoint + stage.command))
    server = container.start(stage.entrypoint + stage.command)
    try:
        await_health(container, stage, server)
        look(container, server)
    finally:
        server.send_signal(signal.SIGTERM)
        say(f"stopped with status {server.wait(timeout=30)}")


def await_health(container: Container, stage: Stage, server: "subprocess.Popen[str]") -> None:
    """Ask as HEALTHCHECK does until the answer is well."""
    begun = time.monotonic()
    while (health := container.run(*stage.health))[0] != 0:
        if server.poll() is not None or time.monotonic() - begun > HEALTH_SECONDS:
            raise SystemExit(f"never healthy: {health[1]}")
        time.sleep(0.2)
    say(f"healthy after {time.monotonic() - begun:.1f} s\n{health[1]}")


def look(container: Container, server: "subprocess.Popen[str]") -> None:
    """Show who it is and what it may not do, and make a call."""
    status = Path(f"/proc/{server.pid}/status").read_text("utf-8")
    say(next(line for line in status.splitlines() if line.startswith("Uid:")))
    for words in (
        ("touch", "/opt/venv/new"),
        ("python", "-c", _HANDSHAKE),
        ("sh", "-c", f"facefusion-mock call -o fused.jpg --compare row.jpg {_USER}"),
    ):
        code, printed = container.run(*words)
        say(f"$ {' '.join(words[:1])} ... (status {code})\n{printed}")


@contextmanager
def as_it_runs(stage: Stage, work: Path) -> Iterator[None]:
    """The root read-only, a volume and a hook mounted, and no network but loopback."""
    hooks, hosts, data = work / "hooks", work / "hosts", work / "data"
    hooks.mkdir()
    (hooks / "10-hello.sh").write_text("echo hello from a hook, as $(id -u)\n")
    hosts.write_text("127.0.0.1 localhost\n")  # an engine provides one
    subprocess.run(["cp", "-a", stage.root / "data", data], check=True)
    ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNET)
    raise_loopback()
    assert is_alone()
    inner = (
        *SYSTEM,
        ("-t", "tmpfs", "tmpfs", "/tmp"),
        ("--bind", str(hosts), "/etc/hosts"),
        ("--bind", str(data), "/data"),
        ("--bind", str(hooks), "/etc/facefusion-mock/ready.d"),
    )
    (stage.root / "etc/hosts").touch()
    with mounted(stage.root, ("--bind", str(stage.root), "/")):
        subprocess.run(["mount", "-o", "remount,bind,ro", stage.root], check=True)
        with mounted(stage.root, *inner):
            yield


def main() -> None:
    """Build, measure, prove."""
    if os.geteuid() != 0 or shutil.which("debootstrap") is None:
        raise SystemExit("this needs root, and debootstrap (apt-get install debootstrap)")
    with tempfile.TemporaryDirectory(dir=BASE.parent) as folder:
        base = debian()
        stage = Build(ROOT, Path(folder), base, say).run()
        report_size(stage, base)
        with as_it_runs(stage, Path(folder)):
            prove(stage)


if __name__ == "__main__":
    main()
