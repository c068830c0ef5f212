"""docs/: seed, faults, admin, diagnosis. All that there is stands there, and the examples run."""

import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import get_args

import httpx

from mockserver.faults import rule
from mockserver.gateway.diagnose import advice
from mockserver.gateway.examiner import Examiner
from mockserver.state import models
from mockserver.state.seed import default_seed, load_seed
from tests import mistaken
from tests.live import HOPPER, Live
from tests.pages import DOCS, blocks, both, each, english, run_example
from tests.readme_tables import PAGES, ROOT


def endpoints(live: Live) -> set[str]:
    """Every endpoint that is described, a path's parameter as a word in capitals."""
    words = {"request_id": "ID", "rule_id": "ID", "secret_id": "SECRETID"}
    described = httpx.get(f"{live.url}/_mock/openapi.json").raise_for_status().json()["paths"]
    return {
        f"{method.upper()} {re.sub('{([^}]+)}', lambda n: words.get(n[1], n[1].upper()), path)}"
        for path, methods in described.items()
        for method in methods
    }


@each(both("admin"))
def test_every_endpoint_is_named_and_every_one_named_exists(text: str, live: Live) -> None:
    rows = re.findall(r"^\| `([A-Z, ]+) (/_mock/[\w./]+)` \|", text, re.MULTILINE)
    named = {f"{method} {path}" for methods, path in rows for method in methods.split(", ")}
    undescribed = {"GET /_mock/console", "GET /_mock/docs", "GET /_mock/openapi.json"}
    assert named == endpoints(live) | undescribed
    for request in undescribed:
        address = f"{live.url}{request.removeprefix('GET ')}"
        httpx.get(address, follow_redirects=True).raise_for_status()


def curls(text: str) -> list[list[str]]:
    """The words of every curl command for the server of the first call."""
    lines = "".join(blocks(text, "bash")).replace("\\\n", "").splitlines()
    commands = [shlex.split(line) for line in lines if line.startswith("curl ")]
    return [words for words in commands if any("localhost:8670" in word for word in words)]


@each(page for page in PAGES if curls(page.read_text("utf-8")))
def test_every_curl_command_is_served(text: str, live: Live) -> None:
    for words in curls(text):
        (url,) = [word for word in words if word.startswith("localhost:8670/")]
        given = {name: words[words.index(name) + 1] for name in ("-X", "-H", "-d") if name in words}
        answer = httpx.request(
            given.get("-X", "POST" if "-d" in given else "GET"),
            url.replace("localhost:8670", live.url),
            headers=dict(value.split(": ") for name, value in given.items() if name == "-H"),
            content=given.get("-d"),
        )
        assert answer.is_success, (words, answer.text)


def seed_example(text: str, folder: Path) -> Path:
    """Write the page's seed with its picture into a folder; return the seed's file."""
    (example,) = blocks(text, "yaml")
    folder.mkdir()
    (folder / "face.jpg").write_bytes(HOPPER.read_bytes())
    file = folder / "seed.yaml"
    file.write_text(example, "utf-8")
    return file


@each(both("seed"))
def test_the_seed_example_is_complete_and_right(text: str, tmp_path: Path) -> None:
    file = seed_example(text, tmp_path / "my-seed")
    load_seed(file)
    with_options = re.sub(r"^( *)# (?=[a-z_]+: )", r"\1", file.read_text("utf-8"), flags=re.M)
    file.write_text(with_options, "utf-8")
    load_seed(file)
    for model in (
        models.Seed,
        models.Limits,
        models.Account,
        models.Key,
        models.Project,
        models.Material,
        models.PictureReview,
        rule.ActRule,
        rule.SequenceRule,
    ):
        for field in model.model_fields:
            assert re.search(rf"\b{field}:", with_options), field
    for word in models.Billing.__args__:  # type: ignore[attr-defined]
        assert f"`{word}`" in text


@each(both("seed"))
def test_what_is_said_of_the_seed_that_comes_with_the_server_is_in_it(text: str) -> None:
    named = re.findall(r"`(\d{6}|qc_\w+|AKID\w+)`", text.rpartition("\n## ")[2])
    assert len(named) > 10
    assert all(name in default_seed().read_text("utf-8") for name in named)


def test_the_mistake_shown_is_what_the_server_says(tmp_path: Path) -> None:
    page = DOCS / "seed.md"
    file = seed_example(page.read_text("utf-8"), tmp_path / "my-seed")
    right = file.read_text("utf-8")
    file.write_text(right.replace("state: published", "state: publishd", 1), "utf-8")
    words = [sys.executable, "-m", "mockserver", "serve", "--seed", "my-seed"]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert done.stderr in english(page, "text")


@each(both("faults"))
def test_every_field_and_word_of_a_fault_rule_is_there(text: str) -> None:
    for part in ("match", "act", "when"):
        (table,) = re.findall(rf"^\| `{part}` \|.*\n((?:\|.*\n)+)", text, re.MULTILINE)
        firsts = " ".join(row.split("|")[1] for row in table.splitlines())
        fields = getattr(rule, part.capitalize()).model_fields
        assert set(re.findall(r"`(\w+)`", firsts)) == set(fields)
    for words in (rule.NetworkFault, rule.AnswerFault, rule.ResultFault):
        assert all(f"`{word}`" in text for word in get_args(words))
    for field in (*rule.Uniform.model_fields, *rule.Lognormal.model_fields):
        assert f'"{field}": ' in text


def test_the_one_line_injects_its_code(live: Live, tmp_path: Path) -> None:
    (line,) = english(DOCS / "faults.md", "python")
    first_call = (ROOT / "examples" / "first_call.py").read_text("utf-8")
    changed, count = re.subn(r"request\.ModelId = .+\n", line, first_call)
    assert count == 1
    done = run_example(changed, live, tmp_path)
    assert done.returncode == 1
    assert f"code:{line.partition(':')[2].strip()[:-1]} " in done.stderr


class AtTheUsualAddress(mistaken.CompactJson):
    """Writes its body anew after signing it; calls the address that the page shows."""

    def host(self) -> str:
        return "localhost:8670"

    def further_headers(self) -> dict[str, str]:
        return {"host": self.host()}


def test_the_refusal_shown_is_what_is_said(live: Live) -> None:
    live.world.examiner.close()
    live.world.examiner = Examiner()  # with all of its share of the time
    live.world.clock.set(1893456000)
    request_id = AtTheUsualAddress(live).send()["RequestId"]
    words = [sys.executable, "-m", "mockserver", "sign", "--endpoint", live.url]
    done = subprocess.run(
        [*words, "--explain", request_id], capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stderr) == (1, "")
    shown = english(DOCS / "diagnosis.md", "text")
    assert done.stdout in shown
    assert f"refused: {advice()['body-serialised-again']['en']}\n" in "".join(shown)
