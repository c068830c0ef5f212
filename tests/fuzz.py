"""Random and mutated requests against a server in its own process.

`python -m tests.fuzz COUNT [--seed S] [--only NUMBER]`. Every request gets a well-formed answer, or
one that says that it is no request, or, when it is cut short, a closed connection; the server
neither fails, nor hangs, nor grows. Request NUMBER of a seed is always the same bytes.
"""

import argparse
import asyncio
import json
import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import httpx

from tests.live import FIXTURES, MATERIAL, PROJECT
from tests.vectors import (
    NODE_V1,
    PARAMS,
    SDKS,
    Credential,
    Request,
    Sdk,
    Sent,
    sha256,
    small_picture,
    tc3_signature,
)

NOW = 1700000000  # the server's clock stands here
CONNECTIONS = 32
PATIENCE = 10.0  # seconds; no answer within them is a hang
HALF_PATIENCE = 0.2  # then the client says that no more will come
MOST_GROWTH = 20 * 1024 * 1024  # bytes of memory between the warm-up and the end
WARM_UP = 0.2  # share of the requests
MIB = 1024 * 1024
SEED = f"""\
accounts:
  - projects:
      - id: "{PROJECT}"
        rate: 1000000000
        materials:
          - {{id: {MATERIAL}, file: "{FIXTURES / "materials" / MATERIAL}.jpg"}}
"""
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True)
class Case:
    """One connection's bytes; `answers` is how many are due, 0 when none need come."""

    name: str
    raw: bytes
    answers: int = 0


# Signed requests with any content.

_NAMES = ("ProjectId", "ModelId", "RspImgType", "Image", "Url", "CelebrityIdentify", "FuseParam")
_NASTY = (
    "",
    "0",
    "url",
    "{}{0}{name}%s",
    "\x00",
    "\r\nX: y",
    "\ud800",
    "\U0010ffff",
    "‮人脸",
    "../../etc/passwd",
    "http://[::1",
    "file:///etc/passwd",
    "data:image/png;base64,AAAA",
    "A" * 5000,
)


def _text(random: Random) -> str:
    if random.random() < 0.7:
        return random.choice(_NASTY)
    return "".join(chr(random.randrange(0xD7FF)) for _ in range(random.randrange(20)))


def _value(random: Random, depth: int = 0) -> object:
    """Any JSON value."""
    kind = random.randrange(8 if depth < 5 else 5)
    if kind == 0:
        return random.choice([None, True, False])
    if kind == 1:
        return random.choice([0, 1, -1, 2**63, -(2**64), 10**300, 0.5, 1e308])
    if kind < 5:
        return _text(random)
    if kind == 5:
        return [_value(random, depth + 1) for _ in range(random.randrange(4))]
    return {
        random.choice((*_NAMES, _text(random))): _value(random, depth + 1)
        for _ in range(random.randrange(5))
    }


def _params(random: Random) -> object:
    """The right parameters with something amiss."""
    kind = random.random()
    if kind < 0.2:
        return _merging(random)
    if kind < 0.25:
        names = ("MaterialId", "Limit", "Offset")
        return {"ActivityId": int(PROJECT), random.choice(names): _value(random)}
    params = dict(PARAMS)
    if random.random() < 0.3:
        params |= {"ProjectId": PROJECT, "ModelId": MATERIAL, "RspImgType": "base64"}
        if random.random() < 0.5:
            return params | {"ModelId": MATERIAL, "Image": small_picture()}
    for _ in range(random.randrange(3)):
        params[random.choice((*_NAMES, _text(random)))] = _value(random)
    if random.random() < 0.2:
        del params[random.choice(list(params))]
    return params


def _merging(random: Random) -> dict[str, object]:
    """Parameters of FuseFace with something amiss."""
    sides = [0, 1, 30, 64, 200, -1, 2**63, 10**300, 0.5, "1", None]
    rect = {name: random.choice(sides) for name in ("X", "Y", "Width", "Height")}
    good = {"Image": small_picture()}
    odd = random.choice(("Image", "Url", "InputImageFaceRect", "TemplateFaceID", "X"))
    amiss = {**good, odd: _value(random)}
    pointed = {**good, "InputImageFaceRect": rect}
    infos = [[good], [pointed], [amiss], [good, pointed], [good] * 4, [], _value(random)]
    ids = {"ProjectId": PROJECT, "ModelId": MATERIAL, "RspImgType": "base64"}
    degree = random.choice([0, 100, -1, 101, _value(random)])
    return {**ids, "MergeInfos": random.choice(infos), "FuseFaceDegree": degree}


def _deep(random: Random) -> bytes:
    depth = random.choice([10, 100, 1000, 20_000])
    opening, closing = random.choice([(b"[", b"]"), (b'{"a":', b"}")])
    inner = opening * depth + b"1" + closing * random.choice([depth, depth - 1])
    return random.choice([inner, b'{"FuseParam":' + inner + b"}", b'{"Url":' + inner + b"}"])


def _json_body(random: Random) -> bytes:
    kind = random.randrange(6)
    if kind == 0:
        return _deep(random)
    if kind == 1:
        return random.choice(
            [
                b"",
                b"null",
                b"{",
                b'"a"',
                b"[1]",
                b"NaN",
                b'{"ProjectId":1e999}',
                b"\xef\xbb\xbf{}",
                b'{"ProjectId":"\xff"}',
                b'{"ProjectId":"\\ud800"}',
                b'{"ProjectId":"0","ProjectId":"1"}',
                b'{"ProjectId":' + b"9" * 5000 + b"}",
                random.randbytes(random.randrange(300)),
            ]
        )
    body = json.dumps(_params(random), ensure_ascii=random.random() < 0.5)
    data = body.encode("utf-8", "surrogatepass")
    return _mutated(data, random) if kind == 2 else data


def _query(random: Random) -> str:
    """Pairs, and what is none; nothing that ends a request line."""
    nested = ("FuseParam.ImageCodecParam.MetaData.0.MetaKey", "MergeInfos.0.InputImageFaceRect.X")
    names = (*_NAMES, *nested, "MergeInfos.0.Image", "a.b.c.d.e.f.g.h.i.j.k.l")
    odd = ("", "=", "%", "%zz", "%00", "%ff%fe", "=%3D=", "ProjectId[]", "FuseParam.", ".", "&&")
    pairs = [
        random.choice((f"{random.choice(names)}={random.choice(odd)}", random.choice(odd)))
        for _ in range(random.choice([0, 1, 5, 20, 1200]))
    ]
    query = "&".join(["ProjectId=0", "ModelId=0", "RspImgType=url", *pairs])
    if random.random() < 0.02:
        query += "&Image=" + "A" * random.choice([32 * 1024, 60_000])
    return query


def _multipart_body(random: Random) -> bytes:
    parts = [
        b'--B\r\nContent-Disposition: form-data; name="%s"%s\r\n\r\n%s\r\n'
        % (
            random.choice([b"ProjectId", b"Image", b"FuseParam", b"", b'a"b', b"a.b.c"]),
            random.choice([b"", b'; filename="x"', b"\r\nContent-Type: application/json"]),
            random.choice([b"0", b"{}", b'{"a"', b"\xff\x00", b"--B", b"\r\n", b"A" * 2000]),
        )
        for _ in range(random.choice([0, 1, 3, 120]))
    ]
    body = b"".join(parts) + random.choice([b"--B--\r\n", b"--B--", b"--B", b""])
    return _mutated(body, random) if random.random() < 0.5 else body


def _action(sent: bytes) -> str:
    """The action whose parameters these are."""
    if b"MergeInfos" in sent:
        return "FuseFace"
    return "DescribeMaterialList" if b"ActivityId" in sent else "FaceFusion"


def _signed(
    random: Random, method: str, content_type: str, *, query: str = "", body: bytes = b""
) -> Case:
    """A well-formed request whose signature is right; some of its headers may be odd."""
    headers = {
        "Host": "127.0.0.1:8670",
        "Content-Type": content_type,
        "X-TC-Action": _action(query.encode() + body),
        "X-TC-Version": "2018-12-01",
        "X-TC-Timestamp": str(NOW),
        "X-TC-Region": "ap-guangzhou",
        "Content-Length": str(len(body)),
    }
    names = ["content-type", "host"]
    if random.random() < 0.2:
        headers[random.choice(list(headers)[2:6])] = _header_value(random)
    for _ in range(random.randrange(3)):
        other = random.choice(
            (
                "X-TC-TraceId",
                "X-TC-Token",
                "X-TC-Language",
                "X-TC-Content-SHA256",
                "X-Forwarded-For",
            )
        )
        headers[other] = _header_value(random)
    payload = body
    if headers.get("X-TC-Content-SHA256") == "UNSIGNED-PAYLOAD":
        payload = b"UNSIGNED-PAYLOAD"
    canonical = (
        f"{method}\n/\n{query}\ncontent-type:{content_type}\nhost:127.0.0.1:8670\n\n"
        f"{';'.join(names)}\n{sha256(payload)}"
    )
    key = Credential()
    scope, signature = tc3_signature(key.secret_key, NOW, "facefusion", canonical)
    headers["Authorization"] = (
        f"TC3-HMAC-SHA256 Credential={key.secret_id}/{scope}, SignedHeaders={';'.join(names)}, "
        f"Signature={signature}"
    )
    if random.random() < 0.1:
        headers["Authorization"] = _authorization(random, headers["Authorization"])
    target = f"/?{query}" if query else "/"
    head = f"{method} {target} HTTP/1.1\r\n"
    head += "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return Case("signed", head.encode("utf-8") + b"\r\n" + body, 1)


def _header_value(random: Random) -> str:
    return random.choice(
        [
            "",
            "x",
            "zh-CN",
            "UNSIGNED-PAYLOAD",
            "-1",
            "9" * 18,
            "9" * 400,
            "1e9",
            "１７００００００００",
            "{name}",
            "%s%n",
            "人脸",
            "\x7f\x80é",
            "a" * 9000,
            str(NOW + random.randrange(-400, 400)),
            "".join(chr(random.randrange(0xA1, 0x2FF)) for _ in range(10)),
        ]
    )


def _authorization(random: Random, right: str) -> str:
    return random.choice(
        [
            "",
            "SKIP",
            "Basic YTpi",
            "TC3-HMAC-SHA256",
            right.replace("/", "/" * random.randrange(1, 50)),
            right.replace("content-type;host", ";".join(["content-type", "host", "x-tc-a"] * 50)),
            right.replace("content-type;host", "content-type;host;人;\x80"),
            right.replace("AKID", random.choice(["", "akid", "AKID{}", "人", "AKID/"])),
            right.replace("Signature=", "Signature=é"),
            right + ", " + right,
        ]
    )


def signed_json(random: Random) -> Case:
    return _signed(random, "POST", "application/json", body=_json_body(random))


def signed_query(random: Random) -> Case:
    content_type = "application/x-www-form-urlencoded"
    return _signed(random, "GET", content_type, query=_query(random))


def signed_multipart(random: Random) -> Case:
    boundary = random.choice(["B", "B", "B", "B", '"B"', "", "C", "é", "人", "B" * 300])
    content_type = f"multipart/form-data; boundary={boundary}"
    return _signed(random, "POST", content_type, body=_multipart_body(random))


def signed_other_type(random: Random) -> Case:
    content_type = random.choice(
        [
            "application/octet-stream",
            "multipart/form-data",
            "text/plain",
            ";",
            "é",
            "application/xml",
        ]
    )
    return _signed(random, "POST", content_type, body=_json_body(random))


def form_v1(random: Random) -> Case:
    method = random.choice(["GET", "POST"])
    sdk = random.choice((NODE_V1, SDKS[0], SDKS[-1]))
    sent = Request(sdk, "127.0.0.1:8670", NOW, method, params=_flat(random)).v1(
        random.choice(["HmacSHA1", "HmacSHA256"])
    )
    return Case("form_v1", sent.raw, 1)


def _flat(random: Random) -> dict[str, str]:
    extra = {"A": "x" * 1_100_000} if random.random() < 0.002 else {}
    return {"ProjectId": "0", "ModelId": "a b&=", **extra}


# Valid requests, mutated byte by byte or line by line.


def _sent(random: Random) -> Sent:
    sdk: Sdk = random.choice(SDKS)
    method = random.choice(["POST", "GET"]) if sdk.signs_get else "POST"
    return Request(sdk, "127.0.0.1:8670", NOW, method, proxied=random.random() < 0.1).tc3()


def _mutated(data: bytes, random: Random) -> bytes:
    mutable = bytearray(data)
    for _ in range(random.choice([1, 1, 2, 8])):
        at = random.randrange(len(mutable) + 1)
        kind = random.randrange(5)
        if kind == 0 and at < len(mutable):
            mutable[at] ^= random.randint(1, 255)
        elif kind == 1:
            mutable[at:at] = random.randbytes(random.randint(1, 8))
        elif kind == 2:
            del mutable[at : at + random.randint(1, 30)]
        elif kind == 3:
            mutable[at:at] = mutable[at : at + random.randint(1, 200)]
        else:
            mutable[at:at] = random.choice(
                [b"\x00", b"\r", b"\n", b"\r\n", b"\r\n\r\n", b"%", b"{"]
            )
    return bytes(mutable)


def bytes_changed(random: Random) -> Case:
    return Case("bytes_changed", _mutated(_sent(random).raw, random))


def head_changed(random: Random) -> Case:
    sent = _sent(random)
    return Case("head_changed", _mutated(sent.head, random) + sent.body)


def truncated(random: Random) -> Case:
    raw = _sent(random).raw
    return Case("truncated", raw[: random.randrange(len(raw))])


def noise(random: Random) -> Case:
    start = random.choice(
        [b"", b"GET ", b"POST / HTTP/1.1\r\n", b"\x16\x03\x01\x02\x00\x01", b"PRI "]
    )
    return Case("noise", start + random.randbytes(random.randrange(400)))


def _lines(random: Random) -> tuple[list[bytes], bytes]:
    sent = _sent(random)
    return sent.head.removesuffix(b"\r\n\r\n").split(b"\r\n"), sent.body


def _joined(name: str, lines: list[bytes], body: bytes) -> Case:
    return Case(name, b"\r\n".join(lines) + b"\r\n\r\n" + body)


def header_dropped(random: Random) -> Case:
    lines, body = _lines(random)
    for _ in range(random.randint(1, 4)):
        del lines[random.randrange(1, len(lines))]
    return _joined("header_dropped", lines, body)


def header_doubled(random: Random) -> Case:
    lines, body = _lines(random)
    line = random.choice(lines[1:])
    name, _, value = line.partition(b":")
    other = random.choice([line, name + b": x", name + b":", name.upper() + b":" + value])
    lines.insert(random.randint(1, len(lines)), other)
    return _joined("header_doubled", lines, body)


def header_odd(random: Random) -> Case:
    lines, body = _lines(random)
    odd = random.choice(
        [
            b"X-Long: " + b"a" * random.choice([8_000, 70_000]),
            b"X" * 9000 + b": a",
            b"NoColon",
            b": no name",
            b"Sp ace: a",
            b" folded",
            b"X-Nul: a\x00b",
            b"X-Cr: a\rb",
            b"X-High: \xff\xfe",
            b"Expect: 100-continue",
            b"Expect: something",
            b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
            b"Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABk",
            b"Connection: close, keep-alive, x",
            b"\r\n".join(b"X-%d: a" % number for number in range(300)),
        ]
    )
    lines.insert(random.randint(1, len(lines)), odd)
    return _joined("header_odd", lines, body)


def length_wrong(random: Random) -> Case:
    lines, body = _lines(random)
    lines = [line for line in lines if not line.lower().startswith(b"content-length")]
    values = [
        b"0",
        b"1",
        b"%d" % (len(body) + 9),
        b"-1",
        b"+5",
        b"0x10",
        b"1e3",
        b"",
        b"a",
        b"5, 6",
    ]
    values += [b"9" * 10, b"9" * 19, b"9" * 30, b"%d\r\nContent-Length: 3" % len(body)]
    lines.append(b"Content-Length: " + random.choice(values))
    return _joined("length_wrong", lines, body)


def chunked(random: Random) -> Case:
    """Of which the well-formed ones must be answered."""
    sent = _sent(random)
    head = re.sub(rb"\r\nContent-Length: \d+", b"", sent.head)
    head = head.replace(b"\r\n\r\n", b"\r\nTransfer-Encoding: chunked\r\n\r\n")
    half = len(sent.body) // 2
    pieces = [piece for piece in (sent.body[:half], sent.body[half:]) if piece]
    body = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces)
    if random.random() < 0.3:
        return Case("chunked", head + body + b"0\r\n\r\n", 1)
    odd = [
        b"0\r\n",
        b"-1\r\n\r\n",
        b"zz\r\n",
        b"f" * 20 + b"\r\n",
        b"0\r\nX: y\r\n\r\n",
        b"5;a=b\r\n",
    ]
    if random.random() < 0.3:
        head = head.replace(b"\r\n\r\n", b"\r\nContent-Length: 7\r\n\r\n")
    return Case("chunked_badly", head + _mutated(body + random.choice(odd), random))


def target_odd(random: Random) -> Case:
    lines, body = _lines(random)
    method, _, rest = lines[0].partition(b" ")
    targets = [
        b"//",
        b"*",
        b"/x",
        b"/%",
        b"/%zz",
        b"/%00",
        b"/..",
        b"/../../etc/passwd",
        b"?a=b",
        b"",
    ]
    targets += [b"http://", b"http://h", b"http://h/", b"http://h:99999/", b"http://[/", b"h:80"]
    targets += [
        b"/\x00",
        b"/\xff",
        b"/ x",
        b"/#f",
        b"/?#",
        b"https://h/?a",
        b"ftp://h/",
        b"/;a",
        b"\\",
    ]
    targets += [b"/" * 3000, b"/?" + b"a" * 70_000, b"/_mockery", b"http://h?a=b", b"///", b"/%2f"]
    lines[0] = b" ".join((method, random.choice(targets), rest.rpartition(b" ")[2]))
    return _joined("target_odd", lines, body)


def method_odd(random: Random) -> Case:
    lines, body = _lines(random)
    methods = [
        b"PUT",
        b"DELETE",
        b"OPTIONS",
        b"TRACE",
        b"CONNECT",
        b"PROPFIND",
        b"FOO",
        b"get",
        b"",
    ]
    methods += [b"GETT", b"G\x00T", b"POST" * 50, b"QUERY", b"PRI", b"M-SEARCH", b"HEAD"]
    lines[0] = random.choice(methods) + b" " + lines[0].partition(b" ")[2]
    return _joined("method_odd", lines, body)


def connect(random: Random) -> Case:
    target = random.choice(
        [b"facefusion.tencentcloudapi.com:443", b"h", b"/", b"h:99999", b"[::1]:1"]
    )
    head = b"CONNECT " + target + b" HTTP/1.1\r\nHost: h\r\n\r\n"
    return Case("connect", head + random.choice([b"", b"\x16\x03\x01\x00\x05hello", head]))


def version_odd(random: Random) -> Case:
    lines, body = _lines(random)
    versions = [b"HTTP/1.0", b"HTTP/0.9", b"HTTP/2.0", b"HTTP/9.9", b"HTTP/1.1x", b"", b"ICE/1.0"]
    lines[0] = lines[0].rpartition(b" ")[0] + b" " + random.choice(versions)
    return _joined("version_odd", lines, body)


def line_ends_odd(random: Random) -> Case:
    lines, body = _lines(random)
    end = random.choice([b"\n", b"\r", b"\r\r\n", b"\n\r"])
    return Case("line_ends_odd", end.join(lines) + end + end + body)


def pipelined(random: Random) -> Case:
    """Several requests at once, all of them answered in order."""
    count = random.randint(2, 4)
    makers = (signed_json, signed_query, signed_multipart)
    return Case(
        "pipelined", b"".join(random.choice(makers)(random).raw for _ in range(count)), count
    )


def pipelined_badly(random: Random) -> Case:
    """Good requests, then a bad one, which may be noticed while the first is worked on."""
    good = b"".join(signed_json(random).raw for _ in range(random.randint(1, 2)))
    bad = random.choice([b"\x00\x01", _mutated(signed_json(random).raw, random)])
    return Case("pipelined_badly", good + bad)


MAKERS: tuple[tuple[Callable[[Random], Case], int], ...] = (
    (signed_json, 20),
    (signed_query, 12),
    (signed_multipart, 12),
    (signed_other_type, 4),
    (form_v1, 5),
    (bytes_changed, 8),
    (head_changed, 8),
    (truncated, 4),
    (noise, 3),
    (header_dropped, 4),
    (header_doubled, 4),
    (header_odd, 4),
    (length_wrong, 4),
    (chunked, 4),
    (target_odd, 5),
    (method_odd, 4),
    (connect, 2),
    (version_odd, 2),
    (line_ends_odd, 2),
    (pipelined, 3),
    (pipelined_badly, 3),
)


def case_of(seed: int, number: int) -> Case:
    """Request `number` of a seed."""
    random = Random(f"{seed}:{number}")
    makers, weights = zip(*MAKERS, strict=True)
    maker: Callable[[Random], Case] = random.choices(makers, weights)[0]
    return maker(random)


# The answers.


class Wrong(Exception):
    """What the server did is not what it may do."""


def check_answers(received: bytes, case: Case, *, ended: bool) -> list[str]:
    """The outcome of each whole answer. Raises Wrong for one that may not be."""
    outcomes = []
    while received:
        head, found, rest = received.partition(b"\r\n\r\n")
        if not found:
            break
        status_line, *header_lines = head.decode("latin-1").split("\r\n")
        match = re.fullmatch(r"HTTP/1\.1 (\d{3}) .*", status_line)
        if match is None:
            raise Wrong(f"no status line: {status_line!r}")
        status = int(match[1])
        if status == 100:
            received = rest
            continue
        headers = {
            name.lower(): value.strip()
            for name, _, value in (line.partition(":") for line in header_lines)
        }
        length = int(headers.get("content-length", len(rest)))
        if case.raw[:5] == b"HEAD ":
            length = 0
        elif len(rest) < length:
            break
        if "content-length" not in headers and not ended:
            break  # such an answer ends with the connection
        outcomes.append(_outcome(status, headers, rest[:length], bodyless=length == 0))
        received = rest[length:]
    if ended and received:
        raise Wrong(f"a torn answer: {received[:200]!r}")
    return outcomes


def _outcome(status: int, headers: dict[str, str], body: bytes, *, bodyless: bool) -> str:
    if 400 <= status < 500:
        return str(status)
    if status != 200:
        raise Wrong(f"status {status}: {body[:200]!r}")
    if headers.get("content-type") != "application/json":
        raise Wrong(f"content type {headers.get('content-type')!r}")
    if bodyless:
        return "HEAD"
    answer = json.loads(body)
    response = answer["Response"]
    if list(answer) != ["Response"] or not UUID.fullmatch(response["RequestId"]):
        raise Wrong(f"no envelope: {body[:200]!r}")
    if "Error" not in response:
        return "OK"
    error = response["Error"]
    if (
        set(error) != {"Code", "Message"}
        or error["Code"] == "InternalError"
        or not error["Message"]
    ):
        raise Wrong(f"error {error}")
    if error["Code"] == "FailedOperation.InnerError":
        raise Wrong(f"error {error}")
    return str(error["Code"])


async def ask(port: int, case: Case) -> list[str]:
    """Send a case over a connection of its own. Raises Wrong."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=MIB)
    try:
        return await _converse(reader, writer, case)
    finally:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()


async def _converse(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, case: Case
) -> list[str]:
    received, outcomes, said_all = b"", [], False
    sending = asyncio.ensure_future(_send(writer, case.raw))
    try:
        while True:
            patience = PATIENCE if case.answers or said_all else HALF_PATIENCE
            try:
                piece = await asyncio.wait_for(reader.read(MIB), patience)
            except TimeoutError:
                if said_all or case.answers:
                    raise Wrong(f"no answer within {PATIENCE:.0f} s") from None
                said_all = True
                with suppress(OSError):
                    writer.write_eof()
                continue
            except ConnectionError:
                piece = b""
            received += piece
            outcomes = check_answers(received, case, ended=not piece)
            if not piece:
                break
            if len(outcomes) >= max(case.answers, 1):
                return outcomes
    finally:
        sending.cancel()
        with suppress(asyncio.CancelledError, ConnectionError):
            await sending
    if len(outcomes) < case.answers and not (outcomes and outcomes[-1].isdigit()):
        raise Wrong(f"{len(outcomes)} answers of {case.answers}, then closed")
    return outcomes or ["closed"]


async def _send(writer: asyncio.StreamWriter, raw: bytes) -> None:
    writer.write(raw)
    with suppress(ConnectionError):
        await writer.drain()


# The server.


@dataclass
class Served:
    """A server in its own process."""

    process: subprocess.Popen[str]
    log: Path
    port: int = field(init=False)

    def __post_init__(self) -> None:
        assert self.process.stdout is not None
        ready = re.search(r"ready at http://[^:]+:(\d+)", self.process.stdout.readline())
        if ready is None:
            raise RuntimeError(self.log.read_text())
        self.port = int(ready[1])
        url = f"http://127.0.0.1:{self.port}/_mock/clock"
        httpx.post(url, json={"freeze": True, "set": NOW}).raise_for_status()

    def memory(self) -> int:
        """Resident bytes."""
        words = ["ps", "-o", "rss=", "-p", str(self.process.pid)]
        return int(subprocess.run(words, capture_output=True, check=True).stdout) * 1024

    def traces(self) -> str:
        """What in its log tells of a failure."""
        text = self.log.read_text(errors="replace")
        found = re.search(r"Traceback|unforeseen|Exception|ERROR|CRITICAL", text)
        return text[found.start() - 500 : found.start() + 4000] if found else ""


@contextmanager
def served() -> Iterator[Served]:
    """Run a server until the block is left."""
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder, "log")
        seed = Path(folder, "seed.yaml")
        seed.write_text(SEED)
        environment = {
            "FACEFUSION_MOCK_SEED": str(seed),
            "FACEFUSION_MOCK_RESULTS_FOLDER": str(Path(folder, "results")),
            "FACEFUSION_MOCK_LOG_LEVEL": "warning",
            "FACEFUSION_MOCK_WORKERS": "1",
            "FACEFUSION_MOCK_DOWNLOAD_SECONDS": "1",
        }
        with log.open("w") as stderr:
            process = subprocess.Popen(
                [sys.executable, "-m", "mockserver", "serve", "--port", "0"],
                stdout=subprocess.PIPE,
                stderr=stderr,
                text=True,
                env=environment,
            )
        with process:
            try:
                yield Served(process, log)
            finally:
                process.terminate()


@dataclass
class Report:
    """What came of a run."""

    outcomes: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    growth: int = 0


async def _send_all(port: int, seed: int, numbers: Iterator[int], report: Report) -> None:
    async def one_after_another() -> None:
        for number in numbers:
            case = case_of(seed, number)
            try:
                outcomes = await ask(port, case)
            except (Wrong, ConnectionError, KeyError, TypeError, ValueError) as error:
                report.failures.append(
                    f"request {number} of seed {seed} ({case.name}): {error}\n{case.raw[:1500]!r}"
                )
                if len(report.failures) > 20:
                    return
                continue
            report.kinds[case.name] += 1
            report.outcomes.update(outcomes)

    await asyncio.gather(*(one_after_another() for _ in range(CONNECTIONS)))


def run(count: int, seed: int, only: int | None = None) -> Report:
    """Send `count` requests of a seed, or one of them."""
    report = Report()
    with served() as server:
        if only is not None:
            asyncio.run(_send_all(server.port, seed, iter([only]), report))
        else:
            first = int(count * WARM_UP)
            asyncio.run(_send_all(server.port, seed, iter(range(first)), report))
            before = server.memory()
            asyncio.run(_send_all(server.port, seed, iter(range(first, count)), report))
            report.growth = server.memory() - before
        if traces := server.traces():
            report.failures.append(f"the server's log:\n{traces}")
        if server.process.poll() is not None:
            report.failures.append("the server ended")
    if report.growth > MOST_GROWTH:
        report.failures.append(f"memory grew by {report.growth / MIB:.1f} MiB")
    return report


def main() -> int:
    """Run from the command line; prints what fails."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("count", type=int)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", type=int)
    words = parser.parse_args()
    report = run(words.count, words.seed, words.only)
    for name, count in (*report.kinds.most_common(), *report.outcomes.most_common()):
        print(f"{count:8} {name}")
    print(f"memory after the warm-up: {report.growth / MIB:+.1f} MiB")
    print("\n\n".join(report.failures) or "no failure")
    return 1 if report.failures else 0


if __name__ == "__main__":
    sys.exit(main())
