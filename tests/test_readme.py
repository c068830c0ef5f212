"""What the READMEs say, held against the code; their examples are run."""

import re
from pathlib import Path

from mockserver import __version__
from mockserver.errors import catalogue
from mockserver.imaging.codec import read_header
from mockserver.settings import Settings
from tests.live import FIXTURES, MATERIAL, Live
from tests.pages import each, english, run_example
from tests.readme_tables import READMES, ROOT

README = ROOT / "README.md"


@each(READMES)
def test_every_setting_and_every_code_is_there(text: str) -> None:
    names = {f"FACEFUSION_MOCK_{name.upper()}" for name in Settings.model_fields}
    assert names <= set(re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE))
    assert set(catalogue()) <= set(re.findall(r"^\| `([\w.]+)` \|", text, re.MULTILINE))


@each(READMES)
def test_every_page_is_linked(text: str) -> None:
    pages = {f"docs/{page.name}" for page in (ROOT / "docs").glob("*.md")}
    chinese = {page for page in pages if page.endswith(".zh-CN.md")}
    wanted = chinese if "](README.md)" in text else pages - chinese
    assert wanted <= set(re.findall(r"\]\(([^)#]+)", text))


def test_the_first_call_runs(live: Live, tmp_path: Path) -> None:
    snippet = english(README, "python")[0]
    assert snippet == (ROOT / "examples" / "first_call.py").read_text("utf-8")
    done = run_example(snippet, live, tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert f"{live.url}/_mock/results/" in done.stdout
    material = FIXTURES / "materials" / f"{MATERIAL}.jpg"
    fused = read_header((tmp_path / "out" / "fused.jpg").read_bytes())
    expected = read_header(material.read_bytes())
    assert (fused.width, fused.height) == (expected.width, expected.height)


def test_the_test_file_is_one_that_runs() -> None:
    example = (ROOT / "tests" / "examples" / "test_retry.py").read_text("utf-8")
    assert example in english(README, "python")


def test_the_example_with_three_faces_runs(live: Live, tmp_path: Path) -> None:
    done = run_example((ROOT / "examples" / "three_faces.py").read_text("utf-8"), live, tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "hopper.jpg onto 100646_12_2" in done.stdout
    assert read_header((tmp_path / "out" / "three_faces.jpg").read_bytes()).format == "jpg"


def test_the_pictures_are_small() -> None:
    for name, width in (("fused.jpg", 900), ("console.png", 1100)):
        picture = ROOT / "docs" / name
        assert picture.stat().st_size < 150_000
        assert read_header(picture.read_bytes()).width == width


def test_the_image_and_the_change_log_name_the_version() -> None:
    label = f'org.opencontainers.image.version="{__version__}"'
    assert label in (ROOT / "Dockerfile").read_text("utf-8")
    assert f"## [{__version__}]" in (ROOT / "CHANGELOG.md").read_text("utf-8")
