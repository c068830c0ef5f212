"""`sign` and `sign --explain`, as a user types them."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from mockserver.gateway.examiner import Examiner
from mockserver.settings import Settings
from mockserver.state.models import DEFAULT_SECRET_ID, DEFAULT_SECRET_KEY
from tests import mistaken
from tests.live import Live, running
from tests.signer import Signer

COMMAND = [sys.executable, "-m", "mockserver", "sign"]


def sign(
    *arguments: object, body: bytes = b"", **environment: str
) -> subprocess.CompletedProcess[bytes]:
    words = [*COMMAND, *map(str, arguments)]
    environ = {**os.environ, **environment}
    return subprocess.run(words, input=body, capture_output=True, timeout=60, env=environ)


def explain(signer: Signer, *options: object) -> subprocess.CompletedProcess[bytes]:
    """Explain what a client would have sent, without sending it."""
    headers = signer.headers()
    return sign(
        *("--explain", headers["authorization"], "--endpoint", signer.live.url),
        *("--timestamp", headers["x-tc-timestamp"], "--content-type", headers["content-type"]),
        *("--method", signer.method, "--query", signer.query, *options),
        body=signer.body,
    )


@pytest.fixture(autouse=True)
def rested(live: Live) -> None:
    """Diagnoses have a share of the time; let other tests not have used it up."""
    live.world.examiner.close()
    live.world.examiner = Examiner()


@pytest.mark.parametrize("client", [Signer, mistaken.Get])
def test_what_sign_prints_the_server_takes(live: Live, client: type[Signer]) -> None:
    signer = client(live)
    done = sign(
        *("--endpoint", live.url, "--timestamp", signer.moment, "--method", signer.method),
        *("--query", signer.query, "--content-type", signer.sent_content_type()),
        body=signer.body,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.decode().endswith(f"Authorization: {signer.headers()['authorization']}\n")


def test_a_further_header_is_signed(live: Live) -> None:
    header = ("--header", "X-TC-Action: FaceFusion")
    done = sign("--timestamp", 1700000000, *header, body=b"{}")
    assert b"\nx-tc-action:facefusion\n\ncontent-type;host;x-tc-action\n" in done.stdout
    authorization = done.stdout.decode().strip().rpartition("\n")[2]
    explained = sign("--timestamp", 1700000000, *header, "--explain", authorization, body=b"{}")
    assert (explained.returncode, explained.stdout) == (0, b"the signature is right\n")


@pytest.mark.parametrize("client", [Signer, mistaken.Get])
def test_a_right_signature(live: Live, client: type[Signer]) -> None:
    done = explain(client(live))
    assert (done.returncode, done.stdout) == (0, b"the signature is right\n")
    done = explain(client(live), "--language", "zh-CN")
    assert (done.returncode, done.stdout.decode()) == (0, "签名正确\n")


@pytest.mark.parametrize(
    ("client", "causes"),
    [
        (mistaken.ACharset, "content-type"),
        (mistaken.ALineBreakMore, "body-encoded-again"),
        (mistaken.QuerySorted, "query"),
        (mistaken.RealHostAndNoPrefix, "host, key-prefix"),
    ],
)
def test_a_wrong_signature_is_explained(live: Live, client: type[Signer], causes: str) -> None:
    signer = client(live)
    done = explain(signer)
    shown = done.stdout.decode()
    assert (done.returncode, done.stderr) == (1, b"")
    assert shown.startswith(f"{causes}\n")
    assert "\nproven: " in shown
    assert f"as the client signed it: canonical request\n{signer.canonical_request()}\n" in shown
    assert f"as the client signed it: string to sign\n{signer.string_to_sign()}\n" in shown
    assert "as the server takes it: canonical request\n" in shown
    assert DEFAULT_SECRET_KEY not in shown


def test_a_wrong_signature_is_explained_in_chinese(live: Live) -> None:
    shown = explain(mistaken.NoPrefix(live), "--language", "zh-CN").stdout.decode()
    assert shown.startswith(
        'key-prefix\n派生密钥应以 "TC3" 加 SecretKey 开始：前缀缺失或不对\n已证实'
    )
    assert "服务端的计算: 规范请求串\nPOST\n" in shown
    assert "客户端的计算: 待签名字符串\nTC3-HMAC-SHA256\n" in shown


def test_other_mistakes_than_the_signatures(live: Live) -> None:
    class AnotherService(Signer):
        def service(self) -> str:
            return "cvm"

    class Milliseconds(Signer):
        def sent_timestamp(self) -> str:
            return f"{self.moment}678"

    class Malformed(Signer):
        def headers(self) -> dict[str, str]:
            return {**super().headers(), "authorization": "TC3-HMAC-SHA256 Credential=x"}

    assert explain(AnotherService(live)).stdout.startswith(b"scope-service\n")
    assert explain(Milliseconds(live)).stdout.startswith(b"timestamp-milliseconds\n")
    assert explain(Malformed(live)).stdout.startswith(b"authorization-form\n")
    other = explain(Signer(live), "--secret-id", "AKIDother")
    assert other.stdout.startswith(b"secret-id-unknown\n")
    unknown = explain(Signer(live), "--secret-key", "other")
    assert unknown.stdout.startswith(b"unknown\n")
    assert b"\nnot proven: " in unknown.stdout


def test_the_timestamp_that_was_sent_is_needed(live: Live) -> None:
    done = sign("--explain", Signer(live).headers()["authorization"], body=b"{}")
    assert done.returncode == 1
    assert done.stderr.startswith(b"facefusion-mock: --explain needs --timestamp")


def test_a_call_of_a_servers_journal(live: Live) -> None:
    request_id = mistaken.TheRealHost(live).send()["RequestId"]
    done = sign("--explain", request_id, "--endpoint", live.url)
    assert done.returncode == 1
    assert done.stdout.startswith(b"host\n")
    assert f"host:{mistaken.REAL_HOST}\n" in done.stdout.decode()
    right = Signer(live).send()
    done = sign("--explain", right["RequestId"].upper(), "--endpoint", live.url)
    assert done.returncode == 0
    assert done.stdout.decode().split()[0] == right["Error"]["Code"]


def test_a_call_that_the_journal_does_not_have(live: Live) -> None:
    nothing = "00000000-0000-4000-8000-000000000000"
    done = sign("--explain", nothing, "--endpoint", live.url)
    assert done.returncode == 1
    assert b"HTTP 404" in done.stderr
    assert done.stderr.count(b"\n") == 1


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    folder = tmp_path_factory.mktemp("results")
    with running(Settings(results_folder=folder, workers=1, admin_token="令牌")) as live:
        yield live


def run(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND[:-1], *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, **environment},
    )


@pytest.mark.parametrize("verb", ["reset", "token", "sign"])
def test_the_admin_token_on_the_command_line(guarded: Live, verb: str) -> None:
    options = ["--endpoint", guarded.url]
    if verb == "sign":
        options += ["--explain", Signer(guarded).send()["RequestId"]]
    refused = run(verb, *options)
    assert refused.returncode == 1
    assert "HTTP 401" in refused.stderr
    assert run(verb, *options, "--admin-token", "其他").returncode == 1
    assert run(verb, *options, "--admin-token", "令牌").returncode == 0
    assert run(verb, *options, FACEFUSION_MOCK_ADMIN_TOKEN="令牌").returncode == 0


def test_status_needs_no_token(guarded: Live) -> None:
    assert run("status", "--endpoint", guarded.url).returncode == 0


def test_call_follows_the_clock_behind_the_token(guarded: Live, tmp_path: Path) -> None:
    picture = Path(__file__).parents[1] / "fixtures" / "users" / "hopper.jpg"
    guarded.world.clock.set(1700000000)
    output = ["-o", tmp_path / "fused.jpg"]
    options = ["--endpoint", guarded.url, "--secret-id", DEFAULT_SECRET_ID, *output]
    done = run("call", picture, *options, "--admin-token", "令牌")
    assert (done.returncode, done.stderr) == (0, "")
    assert re.search(r"^RequestId +[0-9a-f-]{36}$", done.stdout, re.MULTILINE)
    assert "AuthFailure.SignatureExpire" in run("call", picture, *options).stderr
