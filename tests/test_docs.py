"""The documents: links that lead somewhere, twins that agree, examples that are taken."""

import os
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest

from mockserver.cli import main
from mockserver.errors import catalogue
from mockserver.settings import PREFIX, Settings, read_settings
from tests.pages import BLOCK, ENGLISH, blocks, both, each, english
from tests.readme_tables import PAGES, ROOT, error_rows, rewrite
from tests.settings_tables import Tongue, setting_rows

TABLE_ROW = re.compile(r"^\|", re.MULTILINE)
VARIABLE = re.compile(rf"{PREFIX}[A-Z0-9_]+")
CODE = re.compile(r"`((?:[A-Z]\w+)\.[A-Z]\w+)`")
COMMAND = re.compile(r"facefusion-mock ([a-z]+)\b([^\n`]*)")

each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    titles = re.findall(r"^#+ (.+)$", BLOCK.sub("", page.read_text("utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize(("page", "tongue"), PAGES.items(), ids=[page.name for page in PAGES])
def test_the_tables_are_what_scripts_readme_tables_writes(page: Path, tongue: Tongue) -> None:
    text = page.read_text("utf-8")
    assert text == rewrite(text, tongue), "run scripts/readme-tables"


@each_page
def test_every_row_has_as_many_cells_as_its_head(page: Path) -> None:
    for table in re.findall(r"(?:^\|.*\n)+", page.read_text("utf-8"), re.MULTILINE):
        cells = [len(re.findall(r"(?<!\\)\|", row)) for row in table.splitlines()]
        assert len(set(cells)) == 1, table


@each_page
def test_every_link_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)]+)\)", page.read_text("utf-8")):
        name, _, anchor = target.partition("#")
        if name.startswith("https://"):
            continue
        file = (page.parent / name).resolve() if name else page
        assert file.exists(), target
        assert not anchor or anchor in anchors(file), target


@each_page
def test_a_link_to_a_page_is_to_the_one_in_the_same_language(page: Path) -> None:
    others = [
        target
        for target in re.findall(r"\]\(([^)#]+\.md)[)#]", page.read_text("utf-8"))
        if target.endswith(".zh-CN.md") != page.name.endswith(".zh-CN.md")
        and (page.parent / target).with_suffix("").resolve() in {p.with_suffix("") for p in PAGES}
    ]
    assert len(others) == 1, others  # that to its twin


@pytest.mark.parametrize("page", ENGLISH, ids=lambda page: page.name)
def test_a_page_and_its_twin_have_the_same_shape(page: Path) -> None:
    texts = [page.read_text("utf-8"), page.with_suffix(".zh-CN.md").read_text("utf-8")]
    for shape in (
        re.compile(r"^(#+) ", re.MULTILINE),
        re.compile(r"^ *```(\w*)$", re.MULTILINE),
        re.compile(r"^ *(-|\d+\.) ", re.MULTILINE),
        re.compile(r"^```(?:python|json)\n(.*?)^```$", re.MULTILINE | re.DOTALL),
    ):
        assert shape.findall(texts[0]) == shape.findall(texts[1])
    for shown in blocks(texts[1], "text"):
        assert shown in blocks(texts[0], "text") or not shown.isascii()
    assert len(TABLE_ROW.findall(texts[0])) == len(TABLE_ROW.findall(texts[1]))
    assert set(CODE.findall(texts[0])) == set(CODE.findall(texts[1]))
    assert set(VARIABLE.findall(texts[0])) == set(VARIABLE.findall(texts[1]))


@each_page
def test_every_variable_and_every_code_is_one(page: Path) -> None:
    text = page.read_text("utf-8")
    options = {option.envvar for verb in main.commands.values() for option in verb.params}
    known = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields} | options
    assert {name for name in VARIABLE.findall(text) if not name.endswith("_")} <= known
    families = {code.partition(".")[0] for code in catalogue()}
    named = {code for code in CODE.findall(text) if code.partition(".")[0] in families}
    assert named <= set(catalogue())


@each_page
def test_every_script_is_there(page: Path) -> None:
    for script in re.findall(r"scripts/[a-z-]+", page.read_text("utf-8")):
        assert (ROOT / script).is_file(), script


@each_page
def test_every_command_exists_with_its_options(page: Path) -> None:
    for verb, rest in COMMAND.findall(page.read_text("utf-8")):
        assert verb in main.commands
        options = {
            name
            for option in main.commands[verb].params
            if isinstance(option, click.Option)
            for name in option.opts
        }
        assert set(re.findall(r"--[a-z-]+", rest.partition("#")[0])) <= options, verb


@each_page
def test_every_value_of_a_variable_is_taken(page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for line in "".join(blocks(page.read_text("utf-8"), "bash")).splitlines():
        given = re.findall(rf"({PREFIX}\w+)=('[^']*'|\S+)", line)
        with monkeypatch.context() as environment:
            for name, value in given:
                environment.setenv(name, value.strip("'"))
            read_settings({})


@each(both("settings"))
def test_the_page_of_settings_has_all_of_them(text: str) -> None:
    names = [f"{PREFIX}{name.upper()}" for name in Settings.model_fields]
    assert re.findall(rf"^\| `({PREFIX}\w+)`", text, re.MULTILINE) == names
    image = (ROOT / "Dockerfile").read_text("utf-8")
    for name, value in re.findall(rf"^ +({PREFIX}\w+)=([^\s\\]+)", image, re.MULTILINE):
        assert re.search(rf"`{name}`[^`]*`{re.escape(value)}`", text), name


def test_every_meaning_and_recipe_is_told_in_chinese() -> None:
    told = [*(row[-1] for row in setting_rows("zh")), *(row[2] for row in error_rows("zh"))]
    assert [text for text in told if text.isascii() and " " in text] == []
    assert [row[3] for row in error_rows("zh") if row[3].isascii() and " " in row[3]] == []


def test_the_refusal_of_a_value_is_as_it_is_shown() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "mockserver", "serve"],
        env={**os.environ, "FACEFUSION_MOCK_PORT": "99999"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stderr in english(ROOT / "docs" / "settings.md", "text")


@each(both("emulation"))
def test_how_sure_we_are_is_told_of_every_code(text: str) -> None:
    parts = text.rpartition("\n## ")
    provoked, injected = (set(re.findall(r"`([A-Z][\w.]+)`", part)) for part in parts[::2])
    only_injected = {code.strip("`") for code, _, way, _ in error_rows("en") if way == "—"}
    assert injected & set(catalogue()) == only_injected
    assert set(catalogue()) - only_injected <= provoked
