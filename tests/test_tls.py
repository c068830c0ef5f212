"""HTTPS by the service's own names: certificates, the official SDK, faults at the socket."""

import os
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import certifi
import httpx
import pytest
import requests
import trustme
import yaml
from cryptography import x509
from tencentcloud.common.profile.http_profile import HttpProfile

from mockserver.gateway import regions
from mockserver.gateway.names import service_names
from mockserver.server import Server, StartError
from mockserver.settings import Settings, SettingsError, read_settings
from mockserver.tls import CA_FILE, KEY_FILE, Authority, AuthorityError
from mockserver.world import World
from tests.live import HOPPER, Live, face_fusion, running
from tests.vectors import SDKS, TIMEOUT, Request, end_of, small_picture
from tests.wire import PASSED, Wire

REAL = "facefusion.tencentcloudapi.com"


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """A server of HTTP and HTTPS."""
    folder = tmp_path_factory.mktemp("secured")
    settings = Settings(
        results_folder=folder / "results",
        tls=True,
        tls_port=0,
        tls_folder=folder / "tls",
        tls_hosts=["mock.example", "192.0.2.7"],
        workers=1,
    )
    with running(settings) as live:
        yield live


@pytest.fixture
def live(secured: Live) -> Live:
    """The server, put back to its start."""
    httpx.post(f"{secured.url}/_mock/reset").raise_for_status()
    return secured


def ca_of(live: Live) -> Path:
    """What clients of the server trust."""
    return live.world.settings.tls_folder / CA_FILE


def authority_of(live: Live) -> str:
    """Host and port of HTTPS."""
    return str(live.world.tls_url).removeprefix("https://")


@contextmanager
def secure(live: Live, name: str = "localhost") -> Iterator[ssl.SSLSocket]:
    """A connection to the server by one of its names, by the strictest rules there are."""
    context = ssl.create_default_context(cafile=ca_of(live))
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    host, _, port = authority_of(live).rpartition(":")
    with (
        socket.create_connection((host, int(port)), TIMEOUT) as plain,
        context.wrap_socket(plain, server_hostname=name) as connection,
    ):
        yield connection


def call(live: Live, connection: ssl.SSLSocket) -> None:
    moment = int(live.world.clock.now())
    connection.sendall(Request(SDKS[0], authority_of(live), moment).tc3().raw)


def add(live: Live, **act: Any) -> None:
    httpx.post(f"{live.url}/_mock/faults", json={"act": act}).raise_for_status()


# Names and certificates.


@pytest.mark.parametrize(
    "name",
    [
        REAL,
        "facefusion.tencentcloudapi.cn",
        "facefusion.tencentcloudapi.com.cn",
        "facefusion.ap-guangzhou.tencentcloudapi.com",
        "facefusion.internal.tencentcloudapi.com",
        "facefusion.ai.tencentcloudapi.com.cn",
        "localhost",
        "127.0.0.1",
        "mock.example",
        "192.0.2.7",
    ],
)
def test_the_certificate_is_for_this_name(live: Live, name: str) -> None:
    with secure(live, name) as connection:
        assert connection.version() == "TLSv1.3"


@pytest.mark.parametrize("name", ["cvm.tencentcloudapi.com", "tencentcloudapi.com", "example.com"])
def test_the_certificate_is_for_no_other(live: Live, name: str) -> None:
    with pytest.raises(ssl.SSLCertVerificationError), secure(live, name):
        pass


def test_the_certificate_has_every_name_and_ends_as_all_clients_want(live: Live) -> None:
    with secure(live) as connection:
        sent = connection.getpeercert(binary_form=True)
    assert sent is not None
    certificate = x509.load_der_x509_certificate(sent)
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert set(service_names()) <= set(names.get_values_for_type(x509.DNSName))
    begin, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    assert begin < datetime.now(UTC) < end
    assert end - begin <= timedelta(days=825)


@pytest.mark.parametrize("moment", [0, 4102444800])
def test_the_mocks_clock_does_not_touch_it(live: Live, moment: int) -> None:
    time = {"set": moment, "freeze": True}
    httpx.post(f"{live.url}/_mock/clock", json=time).raise_for_status()
    with secure(live, REAL) as connection:
        call(live, connection)
        assert connection.recv(65536).startswith(b"HTTP/1.1 200 ")


def test_the_compose_file_takes_over_the_names_of_every_region_that_has_the_product() -> None:
    file = Path(__file__).parents[1] / "docker-compose.yml"
    service = yaml.safe_load(file.read_text("utf-8"))["services"]["facefusion"]
    absent = regions.KNOWN - regions.SUPPORTED
    wanted = {name for name in service_names() if name.split(".")[1] not in absent}
    assert set(service["networks"]["default"]["aliases"]) == {*wanted, "facefusion.localhost"}


# The authority.


def test_it_is_kept_and_its_key_is_for_the_owner_alone(tmp_path: Path) -> None:
    first = Authority(tmp_path / "new" / "folder")
    assert first.file.read_bytes() == first.pem
    assert (first.file.parent / KEY_FILE).stat().st_mode & 0o777 == 0o600
    assert b"PRIVATE" not in first.pem
    first.file.unlink()
    assert Authority(first.file.parent).pem == first.pem == first.file.read_bytes()
    assert sorted(file.name for file in first.file.parent.iterdir()) == [KEY_FILE, CA_FILE]


def test_it_is_made_anew_when_it_has_expired(tmp_path: Path) -> None:
    old = trustme.CA().issue_cert("ca", not_after=datetime(2020, 1, 1))
    (tmp_path / KEY_FILE).write_bytes(old.private_key_and_cert_chain_pem.bytes())
    assert Authority(tmp_path).pem != old.cert_chain_pems[0].bytes()
    assert Authority(tmp_path).pem == Authority(tmp_path).pem


@pytest.mark.parametrize("damage", [b"", b"\xff\x00", b"-----BEGIN CERTIFICATE-----\n"])
def test_a_damaged_one_is_reported(tmp_path: Path, damage: bytes) -> None:
    (tmp_path / KEY_FILE).write_bytes(damage)
    with pytest.raises(AuthorityError, match=r"ca-key\.pem is no certificate with its key"):
        Authority(tmp_path)


def test_a_key_of_another_is_reported(tmp_path: Path) -> None:
    one, other = trustme.CA(), trustme.CA()
    mixed = one.private_key_pem.bytes() + other.cert_pem.bytes()
    (tmp_path / KEY_FILE).write_bytes(mixed)
    with pytest.raises(AuthorityError):
        Authority(tmp_path)


def test_of_many_that_begin_at_once_all_have_the_same(tmp_path: Path) -> None:
    code = "import sys; from mockserver.tls import *; print(Authority(Path(sys.argv[1])).pem)"
    words = [sys.executable, "-c", code, str(tmp_path)]
    started = [subprocess.Popen(words, stdout=subprocess.PIPE) for _ in range(4)]
    assert len({process.communicate(timeout=60)[0] for process in started}) == 1


def test_its_certificate_is_for_everyone(live: Live) -> None:
    answer = httpx.get(f"{live.url}/_mock/ca.pem", headers={"host": REAL})
    assert answer.content == ca_of(live).read_bytes()
    assert httpx.get(f"{live.url}/_mock/health/ready").json()["tls"] == live.world.tls_url


def test_without_tls_there_is_none(session_live: Live) -> None:
    answer = httpx.get(f"{session_live.url}/_mock/ca.pem")
    assert (answer.status_code, answer.json()["detail"][-5:]) == (404, "--tls")
    assert httpx.get(f"{session_live.url}/_mock/health/ready").json()["tls"] is None


# What stops the start.


def test_a_taken_port_is_reported(live: Live, tmp_path: Path) -> None:
    port = int(authority_of(live).rpartition(":")[2])
    settings = Settings(results_folder=tmp_path, tls=True, tls_port=port, tls_folder=tmp_path)
    with pytest.raises(StartError, match=f"port {port} is taken; .* --tls-port"):
        Server(World(settings), "127.0.0.1", 0)


def test_a_missing_package_is_reported(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "mockserver.tls", None)
    settings = Settings(results_folder=tmp_path, tls=True, tls_folder=tmp_path)
    with pytest.raises(StartError, match=r"pip install 'facefusion-mock\[tls\]'"):
        Server(World(settings), "127.0.0.1", 0)


@pytest.mark.parametrize("name", ["", "a b", "https://mock.example", "a..b", "x" * 64])
def test_what_is_no_name_is_reported(name: str) -> None:
    with pytest.raises(SettingsError, match=r"FACEFUSION_MOCK_TLS_HOSTS: .* host names and addr"):
        read_settings({"tls_hosts": [name]})


# Calls.


def test_the_official_sdk_and_its_link(live: Live) -> None:
    endpoint = f"localhost:{authority_of(live).rpartition(':')[2]}"
    trusting = HttpProfile(endpoint=endpoint, certification=str(ca_of(live)))
    client = live.client(httpProfile=trusting)
    answer = client.FaceFusion(face_fusion(Image=small_picture(), RspImgType="url"))
    assert answer.Image.startswith(f"https://{endpoint}/_mock/results/")
    picture = requests.get(answer.Image, verify=str(ca_of(live)), timeout=TIMEOUT)
    assert picture.content.startswith(b"\xff\xd8")


def test_the_command_line(live: Live, tmp_path: Path) -> None:
    endpoint = f"https://localhost:{authority_of(live).rpartition(':')[2]}"
    words = [sys.executable, "-m", "mockserver", "call", str(HOPPER), "--endpoint", endpoint]
    for trusted, status in ((str(ca_of(live)), 0), (certifi.where(), 1)):
        environment = {**os.environ, "SSL_CERT_FILE": trusted}
        done = subprocess.run(
            words, env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=60
        )
        assert done.returncode == status, done.stderr
    assert f"{endpoint}: [SSL: CERTIFICATE_VERIFY_FAILED]" in done.stderr
    assert (tmp_path / "fused.jpg").read_bytes().startswith(b"\xff\xd8")


@pytest.mark.parametrize(
    ("host", "failover"),
    [
        (REAL, None),
        ("localhost:8670", None),
        ("facefusion.internal.tencentcloudapi.com", None),
        ("facefusion.ap-guangzhou.tencentcloudapi.com", "region"),
        ("facefusion.ap-nowhere.tencentcloudapi.com", None),
        ("facefusion.tencentcloudapi.cn", "domain"),
        ("FaceFusion.tencentcloudapi.com.cn:443", "domain"),
        ("facefusion.internal.tencentcloudapi.cn", "domain"),
        ("tencentcloudapi.cn.example", None),
    ],
)
def test_the_journal_tells_a_name_that_sdks_fail_over_to(
    live: Live, host: str, failover: str | None
) -> None:
    answer = Wire(live, headers={"host": host}).send()
    assert answer["Error"]["Code"] == PASSED
    entry = httpx.get(f"{live.url}/_mock/requests/{answer['RequestId']}").json()
    assert (entry["host"], entry["failover"]) == (host, failover)


# Faults.


def test_a_reset_is_one(live: Live) -> None:
    add(live, network="reset")
    with secure(live) as connection:
        call(live, connection)
        # Beneath TLS, for Python's takes a reset for an end.
        with socket.socket(fileno=os.dup(connection.fileno())) as plain:
            plain.settimeout(TIMEOUT)
            assert end_of(plain) == "ECONNRESET"


def test_an_empty_answer_ends_in_order(live: Live) -> None:
    add(live, network="empty")
    with secure(live) as connection:
        call(live, connection)
        assert connection.recv(1) == b""


def test_a_cut_ends_after_its_share(live: Live) -> None:
    add(live, cut=0.5)
    with secure(live) as connection, connection.makefile("rb") as stream:
        call(live, connection)
        head, _, body = stream.read().partition(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length: ")[2].split()[0])
    assert len(body) == length // 2


def test_a_hang_lasts_until_the_client_leaves(live: Live) -> None:
    add(live, network="hang")
    with secure(live) as connection:
        call(live, connection)
        while not httpx.get(f"{live.url}/_mock/requests").json():
            pass
        connection.settimeout(0.2)
        with pytest.raises(TimeoutError):
            connection.recv(1)
    httpx.delete(f"{live.url}/_mock/faults").raise_for_status()
    with secure(live) as connection:
        call(live, connection)
        assert connection.recv(65536).startswith(b"HTTP/1.1 200 ")
