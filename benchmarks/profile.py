"""Where the time of one fused request goes: the whole path in one thread, under cProfile.

The request enters at the gateway's ASGI edge, so that only uvicorn and the hand-over between
threads are missing; `one-request` has those.
"""

import asyncio
import cProfile
import pstats
import time
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any, TypeVar

from benchmarks.report import Line
from benchmarks.run import FUSE, Run
from benchmarks.signed import Signer, bodies
from mockserver.gateway.endpoint import GatewayEndpoint
from mockserver.imaging.engine import MeshEngine
from mockserver.imaging.face import FaceEngine
from mockserver.imaging.pool import FusePool
from mockserver.settings import Settings
from mockserver.state.models import DEFAULT_SECRET_KEY
from mockserver.world import World

T = TypeVar("T")
NAME = "profile"
_HOST = "127.0.0.1:8670"
_CALLS = 100
_TOP = 10
_CHUNK = 65536  # as they arrive from a socket

# A step and the function whose time, with all that it calls, it is: the end of the file's name
# or `~` for C code, and the function's name or a part of it.
_STEPS = (
    ("read and join the body", "endpoint.py", "_read_body"),
    ("verify the signature", "authenticate.py", "authenticate"),
    ("  of it SHA-256 of the body", "authenticate.py", "hashed_payload"),
    ("JSON and other shapes of parameters", "parameters.py", "read_params"),
    ("base64", "user_picture.py", "data"),
    ("decode the JPEG", "codec.py", "decode"),
    ("find the face", "find.py", "find_face"),
    ("  of it detector", "detector.py", "find"),
    ("  of it landmarks", "landmarker.py", "find"),
    ("fuse", "fuse.py", "fuse_patch"),
    ("  of it warp", "warp.py", "warp"),
    ("  of it colour and light", "blend.py", "adapt"),
    ("  of it blend", "blend.py", "compose"),
    ("  of it shape by degrees", "shape.py", "reshape"),
    ("encode", "segments.py", "with_patch"),
    ("metadata", "metadata.py", "stamp"),
    ("store", "results.py", "put"),
    ("journal", "record.py", "record"),
    ("SHA-256 of the picture", "~", "openssl_sha256"),
)
_Stats = Mapping[tuple[str, int, str], tuple[int, int, float, float, Any]]


@dataclass(frozen=True)
class _Profile:
    stats: _Stats
    cpu: float  # ms a request without the profiler

    def step(self, file: str, function: str) -> float | None:
        """Milliseconds a request, with all that the function calls."""
        times = [
            entry[3]
            for (where, _, name), entry in self.stats.items()
            if where.endswith(file) and (name == function or (file == "~" and function in name))
        ]
        return sum(times) * 1000 / _CALLS if times else None

    def top(self) -> Iterator[tuple[str, float]]:
        """The functions with the most time of their own."""
        ranked = sorted(self.stats.items(), key=lambda item: -item[1][2])
        for (where, _, name), entry in ranked[:_TOP]:
            module = "" if where == "~" else where.rpartition("/")[2] + " "
            yield f"{module}{name}", entry[2] * 1000 / _CALLS


class _SameThread(FusePool):
    """A pool that works in the caller's thread, where the profiler sees it."""

    async def run(self, work: Callable[[FaceEngine], T]) -> T:
        return self._call(work)


def measure(run: Run) -> list[Line]:
    """The steps in their order, then the functions that take most by themselves."""
    found = asyncio.run(_profile(run))
    lines = [Line(what="one fused request, in one thread", measured=f"{found.cpu:.2f} ms")]
    for label, file, function in _STEPS:
        if (taken := found.step(file, function)) is not None:
            lines.append(_line(label, taken, found.cpu))
    lines += [_line(f"own time: {name}"[:60], taken, found.cpu) for name, taken in found.top()]
    return lines


def _line(label: str, taken: float, whole: float) -> Line:
    return Line(
        what=label,
        measured=f"{taken:.2f} ms",
        baseline=f"request {whole:.2f} ms",
        ratio=taken / whole,
        values={"ms": taken},
    )


async def _profile(run: Run) -> _Profile:
    settings = Settings(seed=run.seed, results_folder=run.results(NAME), workers=1)
    world = World(settings)
    world.pool.close()
    world.pool = _SameThread(MeshEngine, workers=1)
    await world.start()
    caller = _Caller(run, GatewayEndpoint(world))
    await caller.call_many(range(_CALLS))  # warm
    before = time.process_time()
    await caller.call_many(range(_CALLS, 2 * _CALLS))
    cpu = (time.process_time() - before) * 1000 / _CALLS
    # Processor time, for others use the machine too.
    profiler = cProfile.Profile(time.process_time_ns, 1e-9)
    profiler.enable()
    await caller.call_many(range(2 * _CALLS, 3 * _CALLS))  # pictures that are not known yet
    profiler.disable()
    world.close()
    return _Profile(pstats.Stats(profiler).stats, cpu)  # type: ignore[attr-defined]


class _Caller:
    """Sends signed requests into an ASGI application."""

    def __init__(self, run: Run, app: GatewayEndpoint) -> None:
        self._app = app
        self._bodies = bodies(run.pictures, *FUSE)
        self._signer = Signer(_HOST, DEFAULT_SECRET_KEY)

    async def call_many(self, serials: range) -> None:
        """One call after the other."""
        for serial in serials:
            await self._call(serial)

    async def _call(self, serial: int) -> None:
        body = self._bodies[serial % len(self._bodies)]
        head, _, content = self._signer.request(*body.numbered(serial)).partition(b"\r\n\r\n")
        chunks = [content[at : at + _CHUNK] for at in range(0, len(content), _CHUNK)]

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": chunks.pop(0), "more_body": bool(chunks)}

        async def send(message: MutableMapping[str, Any]) -> None:
            if b'"Error"' in message.get("body", b""):
                raise RuntimeError(message["body"].decode())

        await self._app(_scope(head), receive, send)


def _scope(head: bytes) -> dict[str, Any]:
    fields = (line.split(b": ", 1) for line in head.split(b"\r\n")[1:])
    return {
        "method": "POST",
        "scheme": "http",
        "query_string": b"",
        "headers": [(name.lower(), value) for name, value in fields],
        "client": ("127.0.0.1", 1),
    }
