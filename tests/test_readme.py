"""What the READMEs say, held against the code; their first call is run."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import get_args

import click
import httpx
import pytest

from mockserver import __version__
from mockserver.cli import main
from mockserver.errors import catalogue
from mockserver.faults import rule
from mockserver.gateway.diagnose import advice
from mockserver.gateway.examiner import Examiner
from mockserver.imaging.codec import read_header
from mockserver.settings import Settings
from mockserver.state import models
from mockserver.state.seed import load_seed
from tests import mistaken
from tests.live import FIXTURES, HOPPER, MATERIAL, Live
from tests.readme_tables import READMES, ROOT, rewrite
from tests.settings_tables import Tongue

TEXTS = {file.name: file.read_text("utf-8") for file in READMES}
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_COMMAND = re.compile(r"facefusion-mock ([a-z]+)\b([^\n`]*)")
each_readme = pytest.mark.parametrize("text", TEXTS.values(), ids=list(TEXTS))


def blocks(text: str, language: str = r"\w+") -> list[str]:
    return [code for name, code in _BLOCK.findall(text) if re.fullmatch(language, name)]


def headings(text: str) -> list[str]:
    return re.findall(r"^(#+) .+$", _BLOCK.sub("", text), re.MULTILINE)


def endpoints(live: Live) -> set[str]:
    """Every endpoint that is described, a path's parameter as a word in capitals."""
    words = {"request_id": "ID", "rule_id": "ID", "secret_id": "SECRETID"}
    described = httpx.get(f"{live.url}/_mock/openapi.json").raise_for_status().json()["paths"]
    return {
        f"{method.upper()} {re.sub('{(.+?)}', lambda n: words.get(n[1], n[1].upper()), path)}"
        for path, methods in described.items()
        for method in methods
    }


def curls(text: str) -> list[list[str]]:
    """The words of every curl command."""
    lines = "".join(blocks(text, "bash")).replace("\\\n", "").splitlines()
    return [shlex.split(line) for line in lines if line.startswith("curl ")]


def seed_example(text: str, folder: Path) -> Path:
    """Write the README's seed with its picture into a folder; return the seed's file."""
    (example,) = blocks(text, "yaml")
    folder.mkdir()
    (folder / "face.jpg").write_bytes(HOPPER.read_bytes())
    file = folder / "seed.yaml"
    file.write_text(example, "utf-8")
    return file


@pytest.mark.parametrize(("file", "tongue"), READMES.items(), ids=list(TEXTS))
def test_the_tables_are_what_scripts_readme_tables_writes(file: Path, tongue: Tongue) -> None:
    text = TEXTS[file.name]
    assert text == rewrite(text, tongue), "run scripts/readme-tables"


@each_readme
def test_every_setting_and_every_code_is_there(text: str) -> None:
    names = {f"FACEFUSION_MOCK_{name.upper()}" for name in Settings.model_fields}
    assert names <= set(re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE))
    assert set(catalogue()) <= set(re.findall(r"^\| `([\w.]+)` \|", text, re.MULTILINE))


@each_readme
def test_every_variable_named_is_a_setting_or_an_option(text: str) -> None:
    options = {option.envvar for verb in main.commands.values() for option in verb.params}
    known = {f"FACEFUSION_MOCK_{name.upper()}" for name in Settings.model_fields} | options
    assert set(re.findall(r"FACEFUSION_MOCK_[A-Z0-9_]+", text)) <= known


def test_both_have_the_same_headings_and_code() -> None:
    english, chinese = TEXTS.values()
    assert headings(english) == headings(chinese)
    languages = [[name for name, _ in _BLOCK.findall(text)] for text in TEXTS.values()]
    assert languages[0] == languages[1]
    for exact in ("python", "text"):
        assert blocks(english, exact) == blocks(chinese, exact)
    commands = [[_COMMAND.findall(code) for code in blocks(text)] for text in TEXTS.values()]
    assert [len(found) for found in commands[0]] == [len(found) for found in commands[1]]


@each_readme
def test_the_first_call_runs(text: str, live: Live, tmp_path: Path) -> None:
    snippet = blocks(text, "python")[0]
    assert snippet == (ROOT / "examples" / "first_call.py").read_text("utf-8")
    done = run(snippet, live, tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert f"{live.url}/_mock/results/" in done.stdout
    material = FIXTURES / "materials" / f"{MATERIAL}.jpg"
    fused = read_header((tmp_path / "out" / "fused.jpg").read_bytes())
    expected = read_header(material.read_bytes())
    assert (fused.width, fused.height) == (expected.width, expected.height)


@each_readme
def test_the_test_file_is_one_that_runs(text: str) -> None:
    example = (ROOT / "tests" / "examples" / "test_retry.py").read_text("utf-8")
    assert example in blocks(text, "python")


@each_readme
def test_the_one_line_injects_its_code(text: str, live: Live, tmp_path: Path) -> None:
    first_call = blocks(text, "python")[0]
    (line,) = [code for code in blocks(text, "python") if code.count("\n") == 1]
    changed, count = re.subn(r"request\.ModelId = .+\n", line, first_call)
    assert count == 1
    done = run(changed, live, tmp_path)
    assert done.returncode == 1
    assert f"code:{line.partition(':')[2].strip()[:-1]} " in done.stderr


def test_the_example_with_three_faces_runs(live: Live, tmp_path: Path) -> None:
    done = run((ROOT / "examples" / "three_faces.py").read_text("utf-8"), live, tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "hopper.jpg onto 100646_12_2" in done.stdout
    assert read_header((tmp_path / "out" / "three_faces.jpg").read_bytes()).format == "jpg"


def run(snippet: str, live: Live, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the first call, or a variant of it, as a user does."""
    (folder / "fixtures").symlink_to(FIXTURES)
    return subprocess.run(
        [sys.executable, "-c", snippet],
        cwd=folder,
        env={**os.environ, "FACEFUSION_ENDPOINT": live.authority, "no_proxy": "127.0.0.1"},
        capture_output=True,
        text=True,
        timeout=60,
    )


@each_readme
def test_every_command_exists_with_its_options(text: str) -> None:
    found = _COMMAND.findall(text)
    assert len(found) > 10
    for verb, rest in found:
        assert verb in main.commands
        options = {
            name
            for option in main.commands[verb].params
            if isinstance(option, click.Option)
            for name in option.opts
        }
        assert set(re.findall(r"--[a-z-]+", rest.partition("#")[0])) <= options, verb


@each_readme
def test_every_script_and_link_leads_somewhere(text: str) -> None:
    for script in re.findall(r"scripts/[a-z-]+", text):
        assert (ROOT / script).is_file(), script
    titles = re.findall(r"^#+ (.+)$", _BLOCK.sub("", text), re.MULTILINE)
    anchors = {"#" + re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}
    for target in re.findall(r"\]\(([^)]+)\)", text):
        assert target in anchors or (ROOT / target).is_file(), target


@each_readme
def test_every_endpoint_is_named_and_every_one_named_exists(text: str, live: Live) -> None:
    rows = re.findall(r"^\| `([A-Z, ]+) (/_mock/[\w./]+)` \|", text, re.MULTILINE)
    named = {f"{method} {path}" for methods, path in rows for method in methods.split(", ")}
    undescribed = {"GET /_mock/console", "GET /_mock/docs", "GET /_mock/openapi.json"}
    assert named == endpoints(live) | undescribed
    for request in undescribed:
        address = f"{live.url}{request.removeprefix('GET ')}"
        httpx.get(address, follow_redirects=True).raise_for_status()


@each_readme
def test_every_curl_command_is_served(text: str, live: Live) -> None:
    commands = curls(text)
    assert len(commands) > 3
    for words in commands:
        (url,) = [word for word in words if word.startswith("localhost:8670/")]
        options = {
            name: words[words.index(name) + 1] for name in ("-X", "-H", "-d") if name in words
        }
        answer = httpx.request(
            options.get("-X", "POST"),
            url.replace("localhost:8670", live.url),
            headers=dict([options["-H"].split(": ")]),
            content=options["-d"],
        )
        assert answer.is_success, (words, answer.text)


@each_readme
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


@each_readme
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


class AtTheUsualAddress(mistaken.CompactJson):
    """Writes its body anew after signing it; calls as the README does."""

    def host(self) -> str:
        return "localhost:8670"

    def further_headers(self) -> dict[str, str]:
        return {"host": self.host()}


@each_readme
def test_the_refusal_shown_is_what_is_said(text: str, live: Live) -> None:
    live.world.examiner.close()
    live.world.examiner = Examiner()  # with all of its share of the time
    live.world.clock.set(1893456000)
    request_id = AtTheUsualAddress(live).send()["RequestId"]
    words = [sys.executable, "-m", "mockserver", "sign", "--endpoint", live.url]
    done = subprocess.run(
        [*words, "--explain", request_id], capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout in blocks(text, "text")
    assert f"refused: {advice()['body-serialised-again']['en']}\n" in "".join(blocks(text, "text"))


@each_readme
def test_the_mistake_shown_is_what_the_server_says(text: str, tmp_path: Path) -> None:
    file = seed_example(text, tmp_path / "my-seed")
    right = file.read_text("utf-8")
    file.write_text(right.replace("state: published", "state: publishd", 1), "utf-8")
    words = [sys.executable, "-m", "mockserver", "serve", "--seed", "my-seed"]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert done.stderr in blocks(text, "text")


def test_the_pictures_are_small() -> None:
    for name, width in (("fused.jpg", 900), ("console.png", 1100)):
        picture = ROOT / "docs" / name
        assert picture.stat().st_size < 150_000
        assert read_header(picture.read_bytes()).width == width


def test_the_image_and_the_change_log_name_the_version() -> None:
    label = f'org.opencontainers.image.version="{__version__}"'
    assert label in (ROOT / "Dockerfile").read_text("utf-8")
    assert f"## [{__version__}]" in (ROOT / "CHANGELOG.md").read_text("utf-8")
