"""Faults of the network and of the answer, seen from the other end of the socket."""

import asyncio
import errno
import hashlib
import json
import re
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from http.client import parse_headers
from pathlib import Path
from typing import Any, BinaryIO

import httpx
import pytest
from pydantic import TypeAdapter

from mockserver.faults.inject import transmit
from mockserver.faults.rule import Act, Rule
from mockserver.gateway import envelope
from mockserver.gateway.connection import Connection, Peer
from mockserver.gateway.endpoint import GatewayEndpoint
from mockserver.server import Server
from mockserver.settings import Settings
from mockserver.world import World
from tests.live import HOPPER, MATERIAL, PROJECT, Live, base64_of
from tests.vectors import SDKS, TIMEOUT, Answer, Credential, Request, connected, end_of
from tests.wire import PASSED, Wire

GO = SDKS[0]  # it keeps its connections
PAGES = ("http_429", "http_500", "http_502", "http_503")
ENDING: tuple[dict[str, Any], ...] = ({"network": "reset"}, {"network": "empty"}, {"cut": 0.5})
KEEPING: tuple[dict[str, Any], ...] = (
    {"network": "malformed_json"},
    {"bandwidth": 5000},
    {"answer": "charset"},
    {"answer": "no_request_id"},
    *({"answer": page} for page in PAGES),
)
PICTURE = {"ProjectId": PROJECT, "ModelId": MATERIAL, "RspImgType": "base64"}

by_post_and_get = pytest.mark.parametrize("method", ["POST", "GET"])


def named(act: dict[str, Any]) -> str:
    return "-".join(str(part) for item in act.items() for part in item)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server whose tasks can be looked at."""
    world = World(Settings(results_folder=tmp_path_factory.mktemp("results"), workers=1))
    server = Server(world, "127.0.0.1", 0)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        server.wait_until_ready()
        yield server
    finally:
        server.stop()
        thread.join()


@pytest.fixture
def live(server: Server, caplog: pytest.LogCaptureFixture) -> Iterator[Live]:
    """The server, put back to its start; a test leaves no task and no error in its log."""
    live = Live.of(server._world)
    httpx.post(f"{live.url}/_mock/reset").raise_for_status()
    httpx.post(f"{live.url}/_mock/clock", json={"freeze": True}).raise_for_status()
    yield live
    assert unfinished(server) == 0
    assert [record.message for record in caplog.records if record.levelname == "ERROR"] == []


def unfinished(server: Server) -> int:
    """How many requests are still being answered when there was time enough to let them go."""
    tasks = server._uvicorn.server_state.tasks.copy()
    if not tasks:
        return 0
    [loop] = {task.get_loop() for task in tasks}
    waiting = asyncio.run_coroutine_threadsafe(asyncio.wait(tasks, timeout=TIMEOUT), loop)
    return len(waiting.result()[1])


def add(live: Live, act: dict[str, Any], **when: Any) -> str:
    answer = httpx.post(f"{live.url}/_mock/faults", json={"act": act, "when": when})
    return str(answer.raise_for_status().json()["rule"]["id"])


def fired(live: Live, rule: str) -> int:
    count: int = httpx.get(f"{live.url}/_mock/faults/{rule}").json()["fired"]
    return count


def request(live: Live, method: str = "POST", **changes: Any) -> bytes:
    moment = int(live.world.clock.now())
    return Request(GO, live.authority, moment, method=method, **changes).tc3().raw


def journal(live: Live) -> list[tuple[str, list[str]]]:
    """Code and rules of every call, the last first."""
    entries = httpx.get(f"{live.url}/_mock/requests").json()
    return [(entry["code"], entry["faults"]) for entry in entries]


def read(stream: BinaryIO) -> Answer:
    """The next answer; its body is shorter than announced when the connection ends."""
    status = int(stream.readline().split()[1])
    headers = {name.lower(): value for name, value in parse_headers(stream).items()}
    return Answer(status, headers, stream.read(int(headers["content-length"])))


def exchange(live: Live, raw: bytes) -> Answer:
    """One call over a connection of its own."""
    with connected(live.authority) as connection, connection.makefile("rb") as stream:
        connection.sendall(raw)
        return read(stream)


# What comes over the wire.


@by_post_and_get
def test_a_reset_is_one(live: Live, method: str) -> None:
    rule = add(live, {"network": "reset"})
    with connected(live.authority) as connection:
        connection.sendall(request(live, method))
        with pytest.raises(ConnectionResetError) as caught:
            connection.recv(1)
    assert caught.value.errno == errno.ECONNRESET
    assert journal(live) == [("fault:reset", [rule])]


@by_post_and_get
def test_an_empty_reply_has_no_byte(live: Live, method: str) -> None:
    rule = add(live, {"network": "empty"})
    with connected(live.authority) as connection:
        connection.sendall(request(live, method))
        assert connection.recv(1) == b""
    assert journal(live) == [("fault:empty", [rule])]


@by_post_and_get
@pytest.mark.parametrize("more", [0, 1, 3])
def test_a_hang_lasts_until_the_client_leaves(
    live: Live, server: Server, method: str, more: int
) -> None:
    rule = add(live, {"network": "hang"}, times=1)
    with connected(live.authority) as connection:
        connection.sendall(request(live, method))
        while not journal(live):
            pass
        assert exchange(live, request(live)).code == PASSED
        connection.sendall(request(live) * more)
        assert select.select([connection], [], [], 0.2) == ([], [], [])
        assert len(server._uvicorn.server_state.tasks) == 1
    assert unfinished(server) == 0
    assert journal(live)[-1] == ("fault:hang", [rule])


@pytest.mark.parametrize("more", [0, 2])
def test_a_latency_ends_when_the_client_leaves(live: Live, server: Server, more: int) -> None:
    rule = add(live, {"latency": 60}, times=1)
    free = live.world.bodies._free
    with connected(live.authority) as connection:
        connection.sendall(request(live))
        while fired(live, rule) < 1:
            pass
        connection.sendall(request(live) * more)
        assert exchange(live, request(live)).code == PASSED
        assert select.select([connection], [], [], 0.2) == ([], [], [])
        assert live.world.bodies._free < free
    assert unfinished(server) == 0
    assert live.world.bodies._free == free
    assert journal(live)[0] == ("fault:client_left", [rule])


def test_a_latency_by_picture_ends_when_the_client_leaves(live: Live, server: Server) -> None:
    picture = HOPPER.read_bytes()
    rule = {"match": {"picture": hashlib.sha256(picture).hexdigest()}, "act": {"latency": 60}}
    httpx.post(f"{live.url}/_mock/faults", json={"id": "by-picture", **rule}).raise_for_status()
    with connected(live.authority) as connection:
        connection.sendall(request(live, params={**PICTURE, "Image": base64_of(HOPPER)}))
        while fired(live, "by-picture") < 1:
            pass
    assert unfinished(server) == 0
    assert journal(live) == [("fault:client_left", ["by-picture"])]


@by_post_and_get
@pytest.mark.parametrize("share", [0, 0.3, 0.5, 0.999])
def test_a_cut_ends_the_answer_after_its_share(live: Live, method: str, share: float) -> None:
    rule = add(live, {"cut": share})
    with connected(live.authority) as connection, connection.makefile("rb") as stream:
        connection.sendall(request(live, method))
        answer = read(stream)
        assert stream.read() == b""
    assert answer.status == 200
    assert len(answer.body) == int(int(answer.headers["content-length"]) * share)
    assert journal(live) == [(PASSED, [rule])]


def test_a_cut_picture(live: Live) -> None:
    raw = request(live, params={**PICTURE, "Image": base64_of(HOPPER)})
    whole = exchange(live, raw)
    add(live, {"cut": 0.75})
    part = exchange(live, raw)
    assert part.headers["content-length"] == whole.headers["content-length"]
    assert len(part.body) == int(len(whole.body) * 0.75)
    image = whole.body.index(b"/9j/")
    assert part.body[image:] == whole.body[image : len(part.body)]


@by_post_and_get
def test_a_slow_answer_is_whole_and_comes_in_pieces(live: Live, method: str) -> None:
    add(live, {"bandwidth": 250})
    with connected(live.authority) as connection:
        connection.sendall(request(live, method))
        pieces = [connection.recv(65536)]
        while not (whole := b"".join(pieces)).endswith(b"}}"):
            pieces.append(connection.recv(65536))
    head, _, body = whole.partition(b"\r\n\r\n")
    assert f"content-length: {len(body)}".encode() in head
    assert json.loads(body)["Response"]["Error"]["Code"] == PASSED
    assert len(pieces) > 2


def test_others_are_answered_during_a_slow_answer(live: Live, server: Server) -> None:
    rule = add(live, {"bandwidth": 1}, times=1)
    with connected(live.authority) as connection, connection.makefile("rb") as stream:
        connection.sendall(request(live))
        assert stream.readline().startswith(b"HTTP/1.1 200 ")
        headers = parse_headers(stream)
        assert exchange(live, request(live)).code == PASSED
        assert stream.read(1) == b"{"
        assert len(server._uvicorn.server_state.tasks) == 1
    assert int(headers["content-length"]) > 100
    assert unfinished(server) == 0
    assert journal(live)[-1] == (PASSED, [rule])


@by_post_and_get
def test_malformed_json(live: Live, method: str) -> None:
    rule = add(live, {"network": "malformed_json"})
    answer = exchange(live, request(live, method))
    assert (answer.status, answer.headers["content-type"]) == (200, "application/json")
    with pytest.raises(json.JSONDecodeError):
        json.loads(answer.body)
    assert journal(live) == [(PASSED, [rule])]


@by_post_and_get
def test_a_charset(live: Live, method: str) -> None:
    rule = add(live, {"answer": "charset"})
    answer = exchange(live, request(live, method))
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    assert json.loads(answer.body)["Response"]["Error"]["Code"] == PASSED
    assert journal(live) == [(PASSED, [rule])]


@by_post_and_get
def test_an_answer_without_request_id(live: Live, method: str) -> None:
    rule = add(live, {"answer": "no_request_id"})
    answer = exchange(live, request(live, method))
    assert answer.headers["content-type"] == "application/json"
    response = json.loads(answer.body)["Response"]
    assert list(response) == ["Error"]
    assert response["Error"]["Code"] == PASSED
    assert journal(live) == [(PASSED, [rule])]


@by_post_and_get
@pytest.mark.parametrize("page", PAGES)
def test_a_page_of_a_proxy(live: Live, method: str, page: str) -> None:
    rule = add(live, {"answer": page})
    answer = exchange(live, request(live, method))
    status = page.removeprefix("http_")
    assert (str(answer.status), answer.headers["content-type"]) == (status, "text/html")
    assert f"<html>\r\n<head><title>{status} ".encode() in answer.body
    assert journal(live) == [(f"fault:{page}", [rule])]


# What becomes of the connection, and of other calls.


@pytest.mark.parametrize("act", KEEPING, ids=named)
def test_the_connection_serves_the_next_call(live: Live, act: dict[str, Any]) -> None:
    add(live, act, skip=1, times=1)
    with connected(live.authority) as connection, connection.makefile("rb") as stream:
        for _ in range(3):
            connection.sendall(request(live))
            last = read(stream)
    assert last.code == PASSED


@pytest.mark.parametrize("act", ENDING, ids=named)
def test_the_connection_ends_and_a_new_one_serves(live: Live, act: dict[str, Any]) -> None:
    add(live, act, skip=1, times=1)
    with connected(live.authority) as connection:
        with connection.makefile("rb") as stream:
            connection.sendall(request(live))
            assert read(stream).code == PASSED
        connection.sendall(request(live))
        assert end_of(connection) == ("ECONNRESET" if act == {"network": "reset"} else "EOF")
    assert exchange(live, request(live)).code == PASSED


@pytest.mark.parametrize("act", KEEPING, ids=named)
def test_pipelined_calls_keep_their_answers(live: Live, act: dict[str, Any]) -> None:
    add(live, act, skip=1, times=1)
    with connected(live.authority) as connection, connection.makefile("rb") as stream:
        connection.sendall(request(live) * 4)
        answers = [read(stream) for _ in range(4)]
    assert [answers[number].code for number in (0, 2, 3)] == [PASSED] * 3
    assert len(journal(live)) == 4


@pytest.mark.parametrize("act", ENDING, ids=named)
def test_pipelined_calls_behind_an_end_are_not_made(live: Live, act: dict[str, Any]) -> None:
    rule = add(live, act, skip=1, times=1)
    with connected(live.authority) as connection:
        connection.sendall(request(live) * 4)
        assert end_of(connection) == ("ECONNRESET" if act == {"network": "reset"} else "EOF")
    assert [faults for _, faults in journal(live)] == [[rule], []]


@pytest.mark.parametrize("act", [{"network": "empty"}, {"cut": 0.5}], ids=named)
def test_answers_before_the_end_arrive(live: Live, act: dict[str, Any]) -> None:
    add(live, act, skip=1)
    with connected(live.authority) as connection, connection.makefile("rb") as stream:
        connection.sendall(request(live) * 2)
        assert read(stream).code == PASSED


@pytest.mark.parametrize("act", ENDING, ids=named)
def test_parallel_calls_are_not_touched(live: Live, act: dict[str, Any]) -> None:
    add(live, act, every=2)
    calls, raw = 40, request(live)
    with ThreadPoolExecutor(8) as threads:
        whole = list(threads.map(lambda _: _is_whole(live, raw), range(calls)))
    assert whole.count(True) == calls / 2
    assert len(journal(live)) == calls


def _is_whole(live: Live, raw: bytes) -> bool:
    with connected(live.authority) as connection, connection.makefile("rb") as stream:
        connection.sendall(raw)
        try:
            return bool(read(stream).code == PASSED)
        except (ConnectionResetError, IndexError, json.JSONDecodeError):
            return False


@pytest.mark.parametrize("act", [*ENDING, {"network": "hang"}, *KEEPING], ids=named)
def test_faults_act_after_authentication(live: Live, act: dict[str, Any]) -> None:
    rule = add(live, act)
    wrong = request(live, credential=Credential(secret_key="another"))
    assert exchange(live, wrong).code == "AuthFailure.SignatureFailure"
    assert httpx.get(f"{live.url}/_mock/faults/{rule}").json()["hits"] == 0


@pytest.mark.parametrize("act", [*ENDING, *KEEPING], ids=named)
def test_the_answer_of_a_call_that_succeeds(live: Live, act: dict[str, Any]) -> None:
    rule = add(live, act if "bandwidth" not in act else {"bandwidth": 10_000_000})
    raw = request(live, params={**PICTURE, "Image": base64_of(HOPPER)})
    with connected(live.authority) as connection, connection.makefile("rb") as stream:
        connection.sendall(raw)
        if act in ENDING:
            end_of(connection)
        else:
            assert read(stream).body
    [(code, faults)] = journal(live)
    assert faults == [rule]
    replaced = act.get("network") in ("reset", "empty") or act.get("answer") in PAGES
    assert code == (f"fault:{next(iter(act.values()))}" if replaced else "OK")


# Pieces, other web servers, the end of the server.


@pytest.mark.parametrize(("bandwidth", "size"), [(10, 1), (20, 1), (1000, 50), (1999, 99)])
async def test_a_piece_is_a_twentieth_of_a_second(bandwidth: int, size: int) -> None:
    sent: list[bytes] = []
    body = bytes(range(size)) * 2 + b"end"

    async def receive() -> MutableMapping[str, Any]:
        await asyncio.get_running_loop().create_future()
        raise AssertionError

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message.get("body", b""))

    act = Act(bandwidth=bandwidth)
    await transmit(envelope.Answer(body), act, Peer({"type": "http"}, receive), send)
    assert b"".join(sent) == body
    assert [len(piece) for piece in sent if piece][:2] == [size, size]


@pytest.mark.parametrize("name", ["reset", "empty"])
async def test_another_web_server_says_what_it_cannot_do(tmp_path: Path, name: str) -> None:
    world = World(Settings(results_folder=tmp_path))
    world.base_url = "http://mock"
    world.faults.add(TypeAdapter(Rule).validate_python({"act": {"network": name}}))
    wire = Wire(Live.of(world))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(GatewayEndpoint(world))) as client:
        answer = await client.post("http://mock/", headers=wire.signed(), content=wire.body)
    assert (answer.status_code, answer.headers["content-type"]) == (501, "text/plain")
    assert answer.text.startswith(f"The fault {name} needs the connection")


def test_the_server_ends_amid_faults_without_a_traceback(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "mockserver", "serve", "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={"FACEFUSION_MOCK_RESULTS_FOLDER": str(tmp_path)},
    )
    try:
        assert process.stdout is not None
        ready = re.search(r"ready at http://(\S+)", process.stdout.readline())
        assert ready is not None
        with ExitStack() as connections:
            held = _held_up(ready[1], connections)
            process.send_signal(signal.SIGTERM)
            assert {end_of(connection) for connection in held} <= {"EOF", "ECONNRESET"}
        _, noise = process.communicate(timeout=30)
    finally:
        process.kill()
    assert (process.returncode, "Traceback" in noise) == (0, False), noise
    assert "Cancel" not in noise  # nothing had to be waited for and given up


async def test_a_fault_that_begins_while_the_server_stops_holds_nothing() -> None:
    ours, theirs = socket.socketpair()
    loop = asyncio.get_running_loop()
    transport, _ = await loop.connect_accepted_socket(asyncio.Protocol, ours)
    connection = Connection(transport)
    assert not connection.end()
    with connection.held():
        assert transport.is_closing()
    theirs.close()


def _held_up(authority: str, connections: ExitStack) -> list[socket.socket]:
    """Three calls that are being answered: one hangs, one is slow, one waits."""
    url = f"http://{authority}/_mock"
    sequence = [{"network": "hang"}, {"bandwidth": 1}, {"latency": 60}]
    rule = {"id": "held", "sequence": sequence}
    httpx.post(f"{url}/faults", json=rule).raise_for_status()
    held = []
    for count in (1, 2, 3):
        held.append(connections.enter_context(connected(authority)))
        held[-1].sendall(Request(GO, authority, int(time.time())).tc3().raw)
        while httpx.get(f"{url}/faults/held").json()["fired"] < count:
            pass
    return held
