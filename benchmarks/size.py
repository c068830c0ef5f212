"""Budget: the image's size. A stand-in: what the package and its dependencies take installed."""

from collections.abc import Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement

import mockserver
from benchmarks.pictures import FIXTURES
from benchmarks.report import Line
from benchmarks.run import Run

NAME = "size"
BUDGET = 450.0  # MB, of the image
_PACKAGE = "facefusion-mock"
_SHOWN = 5


def measure(_: Run) -> list[Line]:
    """Sum up site-packages, as far as the run time needs it, and the package itself."""
    sizes = {name: _size(dist) for name, dist in _needed(_PACKAGE, {}).items()}
    sizes[_PACKAGE] = _tree(Path(mockserver.__file__).parent) + _tree(FIXTURES)
    total = sum(sizes.values())
    largest = sorted(sizes.items(), key=lambda item: -item[1])[:_SHOWN]
    return [
        Line(
            what="installed size (stand-in for the image: no Python, no system)",
            measured=f"{total:.0f} MB",
            baseline=f"{BUDGET:.0f} MB; " + ", ".join(f"{n} {mb:.0f}" for n, mb in largest),
            ratio=total / BUDGET,
            budget="<= 1",
            met=total <= BUDGET,
            values={"mb": sizes},
        )
    ]


def _needed(name: str, found: dict[str, Distribution]) -> dict[str, Distribution]:
    """The distributions that one needs, directly or not, by name; itself too."""
    return _collect(Requirement(name), found)


def _collect(wanted: Requirement, found: dict[str, Distribution]) -> dict[str, Distribution]:
    try:
        dist = distribution(wanted.name)
    except PackageNotFoundError:  # a lock file may leave out what is never used
        return found
    key = dist.name.lower().replace("_", "-")
    if key in found and not wanted.extras:
        return found
    found[key] = dist
    for needed in _requirements(dist, wanted.extras):
        if needed.name.lower().replace("_", "-") not in found or needed.extras:
            _collect(needed, found)
    return found


def _requirements(dist: Distribution, extras: set[str]) -> Iterator[Requirement]:
    for text in dist.requires or ():
        needed = Requirement(text)
        if any(
            needed.marker is None or needed.marker.evaluate({"extra": extra})
            for extra in (extras or {""})
        ):
            yield needed


def _size(dist: Distribution) -> float:
    files = (Path(str(dist.locate_file(file))) for file in dist.files or ())
    return sum(file.stat().st_size for file in files if file.is_file()) / 1e6


def _tree(folder: Path) -> float:
    files = (file for file in folder.rglob("*") if file.is_file())
    return sum(file.stat().st_size for file in files if "__pycache__" not in file.parts) / 1e6
