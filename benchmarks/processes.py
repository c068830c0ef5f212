"""The processes of a run: servers, load clients, the floor. Each is ended by who started it."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from benchmarks.load import Plan, Result
from mockserver.settings import Settings
from mockserver.state.models import DEFAULT_SECRET_KEY

_ADDRESS = re.compile(r"ready at http://(?P<host>[\d.]+):(?P<port>\d+)")
_PATIENCE = 30.0  # seconds for a process to end by itself
QUALITY = int(Settings.model_fields["jpeg_quality"].default)


@dataclass(frozen=True)
class Target:
    """A server under load."""

    process: subprocess.Popen[str]
    host: str
    port: int

    @property
    def pid(self) -> int:
        """The process id."""
        return self.process.pid


def environment(results: Path, seed: Path | None = None) -> dict[str, str]:
    """The environment of a mock server: its default settings but for results and maybe seed."""
    ours = "FACEFUSION_MOCK_"
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    given = {f"{ours}RESULTS_FOLDER": str(results)}
    return kept | given | ({f"{ours}SEED": str(seed)} if seed else {})


@contextmanager
def mock_server(results: Path, seed: Path | None = None) -> Iterator[Target]:
    """A mock server on a free port, ready; without a seed it takes its own."""
    command = ("-m", "mockserver", "serve", "--port", "0")
    with _server(command, environment(results, seed), results.with_suffix(".log")) as target:
        yield target


@contextmanager
def bare_server(folder: Path) -> Iterator[Target]:
    """The bare FastAPI app on a free port."""
    with _server(("-m", "benchmarks.bare"), dict(os.environ), folder / "bare.log") as target:
        yield target


@contextmanager
def _server(command: tuple[str, ...], env: Mapping[str, str], log: Path) -> Iterator[Target]:
    with log.open("w") as errors:
        process = subprocess.Popen(
            (sys.executable, *command), env=env, stdout=subprocess.PIPE, stderr=errors, text=True
        )
    try:
        assert process.stdout is not None
        yield Target(process, *_listening(process.stdout, log))
    finally:
        stop(process)


def _listening(output: IO[str], log: Path) -> tuple[str, int]:
    for line in output:
        if match := _ADDRESS.search(line):
            return match["host"], int(match["port"])
    raise RuntimeError(f"the server did not start: {log.read_text()}")


def stop(process: subprocess.Popen[str]) -> None:
    """End a process that this program has started."""
    with suppress(ProcessLookupError):
        process.send_signal(signal.SIGTERM)
    try:
        process.wait(_PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe:
            pipe.close()


def plan(
    target: Target, folder: Path, ids: tuple[str, str], *, key: str = DEFAULT_SECRET_KEY
) -> Plan:
    """What to send to a server; `ids` are project and material."""
    project, model = ids
    return Plan(
        host=target.host,
        port=target.port,
        folder=str(folder),
        project=project,
        model=model,
        secret_key=key,
    )


def start_load(what: Plan) -> subprocess.Popen[str]:
    """Begin a load and return at once."""
    client = subprocess.Popen(
        (sys.executable, "-m", "benchmarks.load"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert client.stdin is not None
    client.stdin.write(json.dumps(asdict(what)))
    client.stdin.close()
    return client


def finish_load(client: subprocess.Popen[str]) -> Result:
    """Wait for a load's end."""
    assert client.stdout is not None
    try:
        return Result(**json.loads(client.stdout.read()))
    finally:
        stop(client)


def run_load(what: Plan) -> Result:
    """Run a load from beginning to end."""
    return finish_load(start_load(what))


class FloorProcess:
    """The floor's process, asked as often as wanted."""

    def __init__(self, material: Path) -> None:
        self._process = subprocess.Popen(
            (sys.executable, "-m", "benchmarks.floor", str(material), str(QUALITY)),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def measure(self, files: list[Path]) -> dict[str, float]:
        """Milliseconds of processor time a picture, by step."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(json.dumps([str(file) for file in files]), file=self._process.stdin, flush=True)
        answer: dict[str, float] = json.loads(self._process.stdout.readline())
        return answer

    def close(self) -> None:
        """End the process."""
        stop(self._process)
