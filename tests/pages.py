"""The documents: where they are, and what stands in them."""

import os
import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.live import FIXTURES, Live
from tests.readme_tables import PAGES, ROOT

DOCS = ROOT / "docs"
ENGLISH = [page for page, tongue in PAGES.items() if tongue == "en"]
BLOCK = re.compile(r"^ *```(\w+)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)


def each(pages: Iterable[Path]) -> pytest.MarkDecorator:
    """Run a test for the text of each page."""
    given = [pytest.param(page.read_text("utf-8"), id=page.name) for page in pages]
    return pytest.mark.parametrize("text", given)


def both(name: str) -> list[Path]:
    """A page of docs/ in both languages."""
    return [DOCS / f"{name}.md", DOCS / f"{name}.zh-CN.md"]


def blocks(text: str, language: str) -> list[str]:
    """A page's examples that are written in this language."""
    return [code for name, code in BLOCK.findall(text) if name == language]


def english(page: Path, language: str) -> list[str]:
    """The examples of a page's English text; test_docs.py holds the Chinese one against them."""
    return blocks(page.read_text("utf-8"), language)


def run_example(code: str, live: Live, folder: Path) -> "subprocess.CompletedProcess[str]":
    """Run an example as a user does, from a folder with the fixtures in it."""
    (folder / "fixtures").symlink_to(FIXTURES)
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        env={**os.environ, "FACEFUSION_ENDPOINT": live.authority, "no_proxy": "127.0.0.1"},
        capture_output=True,
        text=True,
        timeout=60,
    )
