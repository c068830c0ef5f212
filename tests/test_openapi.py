"""The description of /_mock: complete, true to what is answered, and shown without a network."""

import re
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import httpx
import pytest

from mockserver.settings import Settings
from tests.live import Live, running

TOKEN = "a-token"
VERBS = {"get", "post", "put", "patch", "delete", "head"}


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """A server that wants a token, so that 401 can be had too."""
    folder = tmp_path_factory.mktemp("results")
    with running(Settings(results_folder=folder, workers=1, admin_token=TOKEN)) as live:
        yield live


def test_every_answer_is_as_described(guarded: Live, tmp_path: Path) -> None:
    command = Path(sys.executable).with_name("schemathesis")
    options = ["--max-examples", "20", "--checks", "all", "--generation-deterministic"]
    done = subprocess.run(
        [
            *(str(command), "run", f"{guarded.url}/_mock/openapi.json", *options),
            *("--header", f"Authorization: Bearer {TOKEN}", "--no-color", "--warnings", "off"),
        ],
        capture_output=True,
        text=True,
        cwd=tmp_path,  # it leaves its notes there
    )
    assert done.returncode == 0, done.stdout + done.stderr
    count = len(list(operations(described(guarded))))
    assert re.search(rf"Tested: +{count}\n", done.stdout), done.stdout


def described(live: Live) -> dict[str, Any]:
    answer = httpx.get(f"{live.url}/_mock/openapi.json")
    found: dict[str, Any] = answer.raise_for_status().json()
    return found


def operations(description: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in description["paths"].items():
        for verb in VERBS & set(item):
            yield verb, path, item[verb]


def test_every_operation_is_described(live: Live) -> None:
    description = described(live)
    tags = {tag["name"] for tag in description["tags"]}
    for _, path, operation in operations(description):
        assert operation["summary"], path
        assert operation["description"], path
        assert set(operation["tags"]) <= tags, path
        assert all(answer["description"] for answer in operation["responses"].values()), path
    assert len(list(operations(description))) >= 17


def test_the_guards_refusals_are_described(live: Live, guarded: Live) -> None:
    open_paths = ("/_mock/health/", "/_mock/results/", "/_mock/materials/", "/_mock/ca.pem")
    for server, wants_token in ((live, False), (guarded, True)):
        for _, path, operation in operations(described(server)):
            is_guarded = not path.startswith(open_paths)
            assert ("401" in operation["responses"]) == (is_guarded and wants_token), path
            assert ("security" in operation) == (is_guarded and wants_token), path
            assert "403" in operation["responses"] or not is_guarded, path


class Addresses(HTMLParser):
    """Collects what a page names in `src` and `href`."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value or "" for name, value in attrs if name in ("src", "href")]


def test_the_page_loads_nothing_from_elsewhere(live: Live) -> None:
    page = httpx.get(f"{live.url}/_mock/docs")
    assert page.status_code == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.headers["content-security-policy"].startswith("default-src 'self';")
    addresses = Addresses()
    addresses.feed(page.text)
    parts = [address for address in addresses.found if address != "data:,"]
    assert len(parts) == 3
    for part in parts:
        assert part.startswith("/_mock/static/")
        answer = httpx.get(f"{live.url}{part}")
        assert answer.status_code == 200
        kind = "text/css" if part.endswith(".css") else "text/javascript"
        assert answer.headers["content-type"].startswith(kind)
        assert len(answer.content) == int(answer.headers["content-length"])
    start = httpx.get(f"{live.url}/_mock/static/docs.js").text
    assert '"/_mock/openapi.json"' in start
    assert not re.search(r"https?://", page.text + start)


@pytest.mark.parametrize(
    "name",
    [
        "nothing.js",
        "../guard.py",
        "..%2fguard.py",
        "swagger-ui/../../guard.py",
        "swagger-ui/LICENSE",
        "/etc/passwd",
        "",
    ],
)
def test_no_other_file_is_served(live: Live, name: str) -> None:
    assert httpx.get(f"{live.url}/_mock/static/{name}").status_code in (404, 422)


def test_the_licence_comes_with_what_is_vendored() -> None:
    import mockserver.admin

    folder = Path(mockserver.admin.__file__).parent / "static" / "swagger-ui"
    assert "Apache License" in (folder / "LICENSE").read_text("utf-8")
    assert "SmartBear" in (folder / "NOTICE").read_text("utf-8")


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/_mock/clock", "DELETE, GET, POST"),
        ("/_mock/requests", "DELETE, GET"),
        ("/_mock/faults/none", "DELETE, GET, PATCH, PUT"),
        ("/_mock/faults/order", "POST"),
        ("/_mock/docs", "GET"),
    ],
)
def test_another_method_is_told_which_ones_there_are(live: Live, path: str, allowed: str) -> None:
    answer = httpx.request("OPTIONS", f"{live.url}{path}")
    assert (answer.status_code, answer.headers["allow"]) == (405, allowed)
