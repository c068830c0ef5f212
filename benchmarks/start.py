"""Budget: from the start of the process until /_mock/health/ready answers."""

import socket
import subprocess
import sys
import time
from http.client import HTTPConnection, HTTPException
from statistics import median

from benchmarks.processes import environment, stop
from benchmarks.report import Line
from benchmarks.run import Run

NAME = "start"
BUDGET = 1.5  # seconds
_PATIENCE = 60.0
_IMPORTS = (
    "import cv2, numpy, PIL.Image, simplejpeg, fastapi, uvicorn, uvloop, httptools, httpx, "
    "msgspec, pybase64, pydantic_settings, yaml, click; "
    "import ai_edge_litert.interpreter"
)


def measure(run: Run) -> list[Line]:
    """Alternate starts with bare imports; the first pair only warms the disk."""
    pairs = [(_start(run), _import()) for _ in range(run.options.rounds + 1)][1:]
    started, imported = median(each[0] for each in pairs), median(each[1] for each in pairs)
    values = {"start_s": [each[0] for each in pairs], "import_s": [each[1] for each in pairs]}
    return [
        Line(
            what="start to ready",
            measured=f"{started:.2f} s",
            baseline=f"python and imports {imported:.2f} s",
            ratio=started / imported,
            budget=f"<= {BUDGET} s",
            met=started <= BUDGET,
            values=values,
        )
    ]


def _start(run: Run) -> float:
    port = _free_port()
    begun = time.perf_counter()
    process = subprocess.Popen(
        (sys.executable, "-m", "mockserver", "serve", "--port", str(port)),
        env=environment(run.results(NAME)),  # the default seed, as users start it
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        while not _ready(port):
            if process.poll() is not None or time.perf_counter() - begun > _PATIENCE:
                raise RuntimeError("the server did not start")
            time.sleep(0.005)
        return time.perf_counter() - begun
    finally:
        stop(process)


def _ready(port: int) -> bool:
    wire = HTTPConnection("127.0.0.1", port, timeout=_PATIENCE)
    try:
        wire.request("GET", "/_mock/health/ready")
        return wire.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        wire.close()


def _import() -> float:
    begun = time.perf_counter()
    subprocess.run((sys.executable, "-c", _IMPORTS), check=True, stderr=subprocess.DEVNULL)
    return time.perf_counter() - begun


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])
