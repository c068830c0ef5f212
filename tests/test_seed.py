"""Seed files: what is read, and where a mistake is said to be."""

from pathlib import Path

import pytest

from mockserver.state.accounts import Accounts
from mockserver.state.models import DEFAULT_SECRET_ID
from mockserver.state.seed import SeedError, default_seed, load_seed

SMALLEST = """\
accounts:
  - projects:
      - id: "1"
        materials:
          - id: m1
            file: face.jpg
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "face.jpg").write_bytes(b"not looked at here")
    return tmp_path


def test_the_default_seed_has_the_documented_names() -> None:
    accounts = Accounts(load_seed(default_seed()))
    found = accounts.by_secret_id(DEFAULT_SECRET_ID)
    assert found is not None
    published = accounts.project(found[0], "100646")
    unpublished = accounts.project(found[0], "100647")
    assert published is not None
    assert unpublished is not None
    assert (published.calls_per_second, unpublished.calls_per_second) == (50, 1)
    assert accounts.material("qc_100646_154021_9") is not None
    assert accounts.material("qc_100647_154022_1") is not None


def test_a_small_seed_gets_the_default_key(folder: Path) -> None:
    (folder / "my.yaml").write_text(SMALLEST)
    seed = load_seed(folder / "my.yaml")
    assert Accounts(seed).by_secret_id(DEFAULT_SECRET_ID) is not None
    assert seed.accounts[0].projects[0].materials[0].file == (folder / "face.jpg").resolve()


def test_a_folder_is_read_by_its_seed_yaml(folder: Path) -> None:
    (folder / "seed.yaml").write_text(SMALLEST)
    assert load_seed(folder).accounts[0].projects[0].id == "1"


@pytest.mark.parametrize(
    ("old", "new", "line", "field"),
    [
        ('id: "1"', "id: 1", 3, "accounts.0.projects.0.id"),
        ("file: face.jpg", "fil: face.jpg", 5, "accounts.0.projects.0.materials.0.file"),
        ("file: face.jpg", "file: none.jpg", 6, "accounts.0.projects.0.materials.0.file"),
        ('id: "1"', 'id: "1"\n        state: open', 4, "accounts.0.projects.0.state"),
        ('id: "1"', 'id: "1"\n        rate: -1', 4, "accounts.0.projects.0.rate"),
        ("accounts:", "reviews: 5\naccounts:", 1, "reviews"),
        (
            "            file: face.jpg\n",
            "            file: face.jpg\n          - id: m1\n            file: face.jpg\n",
            7,
            "accounts.0.projects.0.materials.1.id",
        ),
    ],
)
def test_a_mistake_is_reported_with_file_line_and_field(
    folder: Path, old: str, new: str, line: int, field: str
) -> None:
    file = folder / "my.yaml"
    file.write_text(SMALLEST.replace(old, new))
    with pytest.raises(SeedError) as caught:
        load_seed(file)
    assert str(caught.value).startswith(f"{file}:{line}: {field}: ")


@pytest.mark.parametrize(
    ("content", "line"), [("", 1), ("accounts: ]", 1), ("a: b: c", 1), ("x:\n\t- y", 2)]
)
def test_broken_yaml_is_reported_with_its_line(tmp_path: Path, content: str, line: int) -> None:
    file = tmp_path / "my.yaml"
    file.write_text(content)
    with pytest.raises(SeedError, match=rf"my\.yaml:{line}: "):
        load_seed(file)


def test_a_missing_or_binary_file_is_reported(tmp_path: Path) -> None:
    with pytest.raises(SeedError, match="No such file"):
        load_seed(tmp_path / "none.yaml")
    (tmp_path / "b.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SeedError, match="not UTF-8"):
        load_seed(tmp_path / "b.yaml")
