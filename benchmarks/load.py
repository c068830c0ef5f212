"""The load client: `python -m benchmarks.load`, a plan as JSON on stdin, the result on stdout.

A process of its own with one thread and one kept-alive socket for each connection. It parses no
more of an answer than its length and its code, for it works on the same cores as the server.
"""

import json
import re
import socket
import sys
import threading
import time
from collections import Counter
from dataclasses import asdict, dataclass, field
from itertools import count
from pathlib import Path

from benchmarks.signed import Body, Signer, bodies

_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
_CODE = re.compile(rb'"Code":"([A-Za-z.]+)"')
_TIMEOUT = 30.0  # seconds that one answer may take
FUSED, LOST, OTHER = "fused picture", "connection lost", "no code"


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What to send; it ends after `calls`, or else after `seconds`."""

    host: str
    port: int
    folder: str
    project: str
    model: str
    secret_key: str
    connections: int = 8
    seconds: float = 600.0
    calls: int = 10**9
    first: int = 0  # serial number
    replay: bool = False  # sign once, then send the same bytes again


@dataclass
class Result:
    """What came back; times in seconds."""

    latencies: list[float] = field(default_factory=list)
    codes: dict[str, int] = field(default_factory=dict)
    wall: float = 0.0
    cpu: float = 0.0

    @property
    def failures(self) -> int:
        """Answers other than a fused picture."""
        return sum(count for code, count in self.codes.items() if code != FUSED)


class Load:
    """A plan in execution."""

    def __init__(self, plan: Plan, prepared: list[Body]) -> None:
        self._plan = plan
        self._bodies = prepared
        self._signer = Signer(f"{plan.host}:{plan.port}", plan.secret_key)
        self._serials = count(plan.first)
        self._codes: Counter[str] = Counter()
        self._latencies: list[float] = []
        self._replayed = self._request(plan.first) if plan.replay else b""
        self._end = 0.0

    def run(self) -> Result:
        """Send until the plan is fulfilled."""
        threads = [threading.Thread(target=self._converse) for _ in range(self._plan.connections)]
        started, cpu = time.perf_counter(), time.process_time()
        self._end = started + self._plan.seconds
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        wall = time.perf_counter() - started
        return Result(self._latencies, dict(self._codes), wall, time.process_time() - cpu)

    def _request(self, serial: int) -> bytes:
        body = self._bodies[serial % len(self._bodies)]
        return self._signer.request(*body.numbered(serial))

    def _converse(self) -> None:
        """One connection's calls, one after the other."""
        last = self._plan.first + self._plan.calls
        try:
            with socket.create_connection((self._plan.host, self._plan.port), _TIMEOUT) as wire:
                wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                while time.perf_counter() < self._end and (serial := next(self._serials)) < last:
                    self._call(wire, self._replayed or self._request(serial))
        except OSError:
            self._codes[LOST] += 1

    def _call(self, wire: socket.socket, request: bytes) -> None:
        started = time.perf_counter()
        wire.sendall(request)
        answer = _receive(wire)
        self._latencies.append(time.perf_counter() - started)
        self._codes[_code(answer)] += 1


def _receive(wire: socket.socket) -> bytes:
    """The whole answer: headers, an empty line, as many bytes as the headers say."""
    data = b""
    while (end := data.find(b"\r\n\r\n")) < 0:
        data += _some(wire)
    length = _LENGTH.search(data, 0, end)
    missing = end + 4 + (int(length[1]) if length else 0)
    while len(data) < missing:
        data += _some(wire)
    return data


def _some(wire: socket.socket) -> bytes:
    piece = wire.recv(65536)
    if not piece:
        raise ConnectionError
    return piece


def _code(answer: bytes) -> str:
    if b'"Image":"http' in answer:
        return FUSED
    code = _CODE.search(answer)
    return code[1].decode() if code else OTHER


def main() -> None:
    """Prepare the bodies, then send."""
    plan = Plan(**json.load(sys.stdin))
    sys.setswitchinterval(0.0005)
    load = Load(plan, bodies(Path(plan.folder), plan.project, plan.model))
    json.dump(asdict(load.run()), sys.stdout)


if __name__ == "__main__":
    main()
