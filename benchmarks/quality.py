"""How good fused pictures are: every user on every material, measured and shown.

The tables go to standard output, the contact sheets into a folder. Look at the sheets: the eye
sees what no figure tells.
"""

from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass
from functools import cache
from pathlib import Path

import cv2
import numpy as np

from benchmarks import blends, degraded, identity, portraits, report, sheets, variants
from benchmarks.pairs import Pair
from benchmarks.portraits import Portrait
from mockserver.errors import ApiError
from mockserver.imaging.codec import Pixels
from mockserver.imaging.fuse import DEFAULT_DEGREES, MATERIALS_OWN, Degrees
from mockserver.imaging.mesh import FACE_OVAL, FEATURES

STEPS = (0, 25, 50, 75, 100)
ERROR, SEAM = 0.03, 1.15  # wanted at most
_STRANGERS = 0.4  # embeddings further apart show two persons: only then can a result take sides
_DEGRADED = ("hopper", "astronaut", "einstein")
_TURNED = (("hopper", 0), ("astronaut", 2), ("einstein", 0), ("morph_hopper_astronaut", 3))
_DRAWN = (("astronaut", "qc_100647_154022_1"), ("hopper", "qc_100646_154021_9"))


@dataclass(frozen=True)
class _Figures:
    """One pair's; the distances of identity are None where they are not measured."""

    error: float  # with the material's geometry
    error_default: float  # with the default degrees
    seam: float
    ring: float
    fine: float
    to_user: float | None
    to_material: float | None
    apart: float | None  # user and material
    milliseconds: float

    @property
    def sides_with_user(self) -> bool:
        """Whether the result is nearer to the user, or cannot tell."""
        if self.to_user is None or self.to_material is None or self.apart is None:
            return True
        return self.apart < _STRANGERS or self.to_user < self.to_material


_HEADINGS = (
    "user, material",
    "landmark error at degree 100",
    "at the default",
    "seam contrast",
    "ring, Delta E",
    "fine energy",
    "identity: to user",
    "to material",
    "user to material",
    "ms",
)


def run(folder: Path) -> None:
    """Measure, print, and write the sheets into the folder."""
    cv2.setNumThreads(1)  # as on the server's picture threads
    pairs = [_pairs(material) for material in portraits.MATERIALS]
    everyone = [pair for row in pairs for pair in row]
    embed = identity.embedder()
    measured = {pair.name: _measure(pair, embed) for pair in everyone}
    print(f"## Pairs\n\n{report.grid([_HEADINGS, *_rows(measured)])}\n")
    print(*_verdicts(measured), sep="\n", end="\n\n")
    print(f"## Landmarks of the materials themselves\n\n{report.grid(list(_scatter()))}\n")
    print(f"## Degrees\n\n{report.grid(list(_degrees()))}\n")
    print(f"## Degraded pictures\n\n{report.grid(list(_degraded()))}\n")
    print(f"## Variants\n\n{report.grid(list(_variants()))}\n")
    print(f"## Blends\n\n{report.grid(list(blends.compare(everyone)))}\n")
    _save_sheets(folder, pairs)
    print(f"Contact sheets: {folder}/quality*.png")


def _pairs(material: str) -> list[Pair]:
    where = portraits.material(material)
    return [Pair(portraits.user(who), where) for who in portraits.USERS]


def _measure(pair: Pair, embed: identity.Embed | None) -> _Figures:
    to_user, to_material, apart = _identities(pair, embed)
    return _Figures(
        error=pair.landmark_error(MATERIALS_OWN),
        error_default=pair.landmark_error(DEFAULT_DEGREES),
        seam=pair.seam(),
        ring=pair.ring(),
        fine=pair.fine(),
        to_user=to_user,
        to_material=to_material,
        apart=apart,
        milliseconds=pair.milliseconds(),
    )


def _identities(pair: Pair, embed: identity.Embed | None) -> tuple[float | None, ...]:
    user, material = pair.user.seen, pair.material.seen
    result = pair.fused(), pair.material.face.box
    ends = ((result, user), (result, material), (user, material))
    return tuple(identity.distance(embed, *both) for both in ends)


def _rows(measured: dict[str, _Figures]) -> Iterator[tuple[str, ...]]:
    for name, found in measured.items():
        yield name, *(_text(value) for value in astuple(found))
    columns = list(zip(*(astuple(found) for found in measured.values()), strict=True))
    for name, summary in (("median", np.median), ("largest", np.max)):
        yield name, *(_text(None if None in column else summary(column)) for column in columns)


def _text(value: float | None) -> str:
    return "not measured" if value is None else f"{value:.3f}"


def _verdicts(measured: dict[str, _Figures]) -> Iterator[str]:
    failing = {
        f"landmark error over {ERROR}": [n for n, f in measured.items() if f.error > ERROR],
        f"seam contrast over {SEAM}": [n for n, f in measured.items() if f.seam > SEAM],
        "nearer to the material": [n for n, f in measured.items() if not f.sides_with_user],
    }
    for what, names in failing.items():
        yield f"- {what}: {'; '.join(names) or 'none'}"


def _scatter() -> Iterator[tuple[str, str]]:
    """What the landmark model itself makes of a picture and of its mirror image."""
    yield "material", "landmarks of the mirrored picture, mean difference"
    for name in portraits.MATERIALS:
        yield name, _text(portraits.scatter(portraits.material(name)))


def _degrees() -> Iterator[tuple[str, ...]]:
    yield "way towards the user at degree", *(str(step) for step in STEPS)
    for pair in _turned():
        for what, those, degrees in (
            ("outline", FACE_OVAL, [Degrees(step, 100) for step in STEPS]),
            ("features", FEATURES, [Degrees(100, step) for step in STEPS]),
        ):
            yield f"{what}: {pair.name}", *(_text(pair.way(one, those)) for one in degrees)


def _turned() -> list[Pair]:
    return [
        Pair(portraits.user(who), portraits.material(portraits.MATERIALS[where]))
        for who, where in _TURNED
    ]


def _degraded() -> Iterator[tuple[str, ...]]:
    """On the first material: landmark error and seam contrast, or the code of the refusal."""
    material = portraits.material(portraits.MATERIALS[0])
    yield "alteration", *(f"{who}: error, seam" for who in _DEGRADED)
    for name, alter in degraded.ALTERATIONS.items():
        yield name, *(_outcome(alter(portraits.user(who).pixels), material) for who in _DEGRADED)


def _variants() -> Iterator[tuple[str, ...]]:
    """What is drawn on a portrait, as user and as material: landmark error and seam contrast."""
    yield "variant of user, of material", "as user: error, seam", "as material: error, seam"
    for name, *pairs in _drawn_pairs():
        yield name, *(_found(pair) for pair in pairs)


@cache
def _drawn_pairs() -> list[tuple[str, Pair, Pair]]:
    """A variant of a user on a material; the user on the same variant of the material."""
    drawn = []
    for name, draw in variants.VARIANTS.items():
        for who, where in _DRAWN:
            user, material = portraits.user(who), portraits.material(where)
            pairs = Pair(draw(user), material), Pair(user, draw(material))
            drawn.append((f"{name}: {who}, {where}", *pairs))
    return drawn


def _found(pair: Pair) -> str:
    return f"{pair.landmark_error(MATERIALS_OWN):.3f}, {pair.seam():.2f}"


def _outcome(file: bytes, material: Portrait) -> str:
    pixels = portraits.opened(file)
    try:
        return _found(Pair(Portrait("", pixels, portraits.face_in(pixels)), material))
    except ApiError as error:
        return error.code.removeprefix("FailedOperation.")


def _save_sheets(folder: Path, pairs: Sequence[Sequence[Pair]]) -> None:
    sheets.save(folder / "quality.png", list(_matrix(pairs)))
    sheets.save(folder / "quality-degrees.png", [_steps(pair) for pair in _turned()])
    sheets.save(folder / "quality-variants.png", list(_drawn()))
    sheets.save(folder / "quality-degraded.png", list(_alterations()))


def _matrix(pairs: Sequence[Sequence[Pair]]) -> Iterator[list[Pixels]]:
    """Materials in the first row, users in the first column."""
    yield [sheets.blank(), *(sheets.cell(*row[0].material.seen) for row in pairs)]
    for column in zip(*pairs, strict=True):
        yield [sheets.cell(*column[0].user.seen), *(_shown(pair) for pair in column)]


def _steps(pair: Pair) -> list[Pixels]:
    """The user, the result by degree, the material."""
    results = [_shown(pair, Degrees(step, step)) for step in STEPS]
    return [sheets.cell(*pair.user.seen), *results, sheets.cell(*pair.material.seen)]


def _shown(pair: Pair, degrees: Degrees = DEFAULT_DEGREES) -> Pixels:
    return sheets.cell(pair.fused(degrees), pair.material.face.box)


def _drawn() -> Iterator[list[Pixels]]:
    """The variant of a user and its result; the variant of a material and its result."""
    for _, ours, theirs in _drawn_pairs():
        seen = sheets.cell(*ours.user.seen), sheets.cell(*theirs.material.seen)
        yield [seen[0], _shown(ours), seen[1], _shown(theirs)]


def _alterations() -> Iterator[list[Pixels]]:
    """Each user's picture and what becomes of it; blank where it is refused."""
    material = portraits.material(portraits.MATERIALS[0])
    for alter in degraded.ALTERATIONS.values():
        row = []
        for who in _DEGRADED:
            original = portraits.user(who)
            pixels = portraits.opened(alter(original.pixels))
            try:
                pair = Pair(Portrait("", pixels, portraits.face_in(pixels)), material)
                row += [sheets.cell(*pair.user.seen), _shown(pair)]
            except ApiError:
                row += [sheets.cell(pixels, original.face.box), sheets.blank()]
        yield row
