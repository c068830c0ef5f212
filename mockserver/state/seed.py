"""Reading a seed file: YAML to accounts, with file, line and field for every mistake."""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import yaml
from pydantic import ValidationError

from mockserver.state.models import Seed

MAX_SEED_BYTES = 1024 * 1024
_Loader: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_Path = Sequence[str | int]


class SeedError(Exception):
    """A mistake in a seed file; its text names file, line and field."""


def default_seed() -> Path:
    """Return the seed that comes with the package: fixtures/ in a wheel or in a checkout."""
    package = Path(__file__).parents[1]
    installed = package / "fixtures"
    return (installed if installed.is_dir() else package.parent / "fixtures") / "seed.yaml"


def load_seed(path: Path) -> Seed:
    """Read a seed file, or the seed.yaml of a folder; material files become absolute.

    Raises SeedError.
    """
    file = path / "seed.yaml" if path.is_dir() else path
    root = _compose(file)
    try:
        seed = Seed.model_validate(_Loader("").construct_document(root))
    except ValidationError as error:
        problem = error.errors()[0]
        is_unquoted = problem["type"] == "string_type" and isinstance(problem["input"], int | float)
        hint = ", put it in quotes" if is_unquoted else ""
        raise _mistake(file, root, problem["loc"], problem["msg"] + hint) from None
    _resolve_files(seed, file)
    for where, message in _contradictions(seed):
        raise _mistake(file, root, where, message)
    return seed


def _compose(file: Path) -> yaml.Node:
    try:
        if file.stat().st_size > MAX_SEED_BYTES:
            raise SeedError(f"{file}: a seed file may have 1 MiB at most")
        root = yaml.compose(file.read_text("utf-8"), _Loader)
    except OSError as error:
        raise SeedError(f"{file}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise SeedError(f"{file}: is not UTF-8 text") from None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise SeedError(f"{file}:{line}: {error.problem}") from None
    except yaml.YAMLError as error:
        raise SeedError(f"{file}: {error}") from None
    if root is None:
        raise SeedError(f"{file}:1: the file is empty")
    return root


def _mistake(file: Path, root: yaml.Node, where: _Path, message: str) -> SeedError:
    field = ".".join(str(part) for part in where) or "(root)"
    return SeedError(f"{file}:{_line(root, where)}: {field}: {message}")


def _line(node: yaml.Node, where: _Path) -> int:
    """Return the line of the deepest node on the way to `where`; a missing field has none."""
    line = node.start_mark.line + 1
    for part in where:
        child: yaml.Node | None = None
        if isinstance(node, yaml.MappingNode):
            child = next((value for key, value in node.value if key.value == part), None)
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int):
            child = node.value[part]
        if child is None:
            break
        node, line = child, child.start_mark.line + 1
    return line


def _resolve_files(seed: Seed, file: Path) -> None:
    for account in seed.accounts:
        for project in account.projects:
            for material in project.materials:
                material.file = (file.parent / material.file).resolve()


def _contradictions(seed: Seed) -> Iterator[tuple[_Path, str]]:
    """Yield what no single field shows: an id twice, a file that is not there."""
    uins = Counter(account.uin for account in seed.accounts)
    ids: Counter[str] = Counter()
    for a, account in enumerate(seed.accounts):
        if uins[account.uin] > 1:
            yield ("accounts", a, "uin"), f"{account.uin} stands twice; give each account its own"
        for k, key in enumerate(account.keys):
            ids[key.secret_id] += 1
            if ids[key.secret_id] > 1:
                yield ("accounts", a, "keys", k, "secret_id"), f"{key.secret_id} stands twice"
        for p, project in enumerate(account.projects):
            ids[project.id] += 1
            here = ("accounts", a, "projects", p)
            if ids[project.id] > 1:
                yield (*here, "id"), f"project {project.id} stands twice"
            for m, material in enumerate(project.materials):
                ids[material.id] += 1
                if ids[material.id] > 1:
                    yield (*here, "materials", m, "id"), f"material {material.id} stands twice"
                if not material.file.is_file():
                    yield (*here, "materials", m, "file"), f"{material.file} is not there"
