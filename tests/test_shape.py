"""Degrees: the outline and the features move between the user's and the material's geometry."""

from itertools import pairwise

import numpy as np
import pytest

from mockserver.imaging.codec import Pixels
from mockserver.imaging.face import Points
from mockserver.imaging.fuse import MATERIALS_OWN, Degrees, Template, fuse, prepare, wanted
from mockserver.imaging.mask import eye_distance
from mockserver.imaging.mesh import FACE_OVAL, FEATURES, Indices
from tests.photos import (
    GREY_MATERIAL,
    MATERIALS,
    material,
    material_face,
    measured,
    user,
    user_face,
)

STEPS = (0, 25, 50, 75, 100)
PAIRS = [("hopper.jpg", MATERIALS[0]), ("astronaut.jpg", MATERIALS[2])]
# A frontal face on one that is turned, and the other way round: the largest shifts.
HARD_PAIRS = [("hopper.jpg", GREY_MATERIAL), ("einstein.jpg", MATERIALS[0])]
# Here the jaw is drawn up so far at 0 that the network takes the neck below it for the chin.
MISREAD = ("hopper.jpg", GREY_MATERIAL)


def template(where: str) -> Template:
    return prepare(material(where), material_face(where))


def reshaped(who: str, where: str, degrees: Degrees) -> Pixels:
    return fuse(material(where), template(where), user(who), user_face(who), degrees)


def found(who: str, where: str, degrees: Degrees) -> Points:
    return measured(reshaped(who, where, degrees)).points


def way(who: str, where: str, degrees: Degrees, those: Indices) -> float:
    """How far these landmarks went from the material's places, 0, towards the user's, 1."""
    own = material_face(where).points
    whole = (wanted(template(where), user_face(who), Degrees(0, 0)) - own)[those]
    gone = (found(who, where, degrees) - own)[those]
    return float((gone * whole).sum() / (whole * whole).sum())


@pytest.mark.parametrize(("who", "where"), PAIRS + HARD_PAIRS)
def test_the_outline_moves_with_its_degree(who: str, where: str) -> None:
    steps = STEPS[1:] if (who, where) == MISREAD else STEPS
    ways = [way(who, where, Degrees(profile, 100), FACE_OVAL) for profile in steps]
    assert all(far > near for far, near in pairwise(ways))
    assert ways[0] - ways[-1] > 0.3


@pytest.mark.parametrize(("who", "where"), PAIRS + HARD_PAIRS)
def test_the_features_move_with_their_degree(who: str, where: str) -> None:
    ways = [way(who, where, Degrees(100, face), FEATURES) for face in STEPS]
    assert all(far > near for far, near in pairwise(ways))
    assert ways[0] - ways[-1] > 0.3


@pytest.mark.parametrize(("who", "where"), PAIRS)
@pytest.mark.parametrize("degree", [0, 50])
def test_the_landmarks_are_where_they_are_wanted(who: str, where: str, degree: int) -> None:
    degrees = Degrees(degree, degree)
    points = wanted(template(where), user_face(who), degrees)
    error = np.linalg.norm(found(who, where, degrees)[:468] - points[:468], axis=1).mean()
    assert error < 0.05 * eye_distance(material_face(where).points)


def test_nothing_changes_outside_of_the_surroundings() -> None:
    where = MATERIALS[0]
    result = reshaped("hopper.jpg", where, Degrees(0, 0))
    result[template(where).around.region.slices] = 0
    expected = material(where).copy()
    expected[template(where).around.region.slices] = 0
    assert (result == expected).all()


def test_the_surroundings_border_stays() -> None:
    where = MATERIALS[0]
    result = reshaped("hopper.jpg", where, Degrees(0, 0))
    inside, own = (
        image[template(where).around.region.slices] for image in (result, material(where))
    )
    for edge in (np.s_[0], np.s_[-1], np.s_[:, 0], np.s_[:, -1]):
        assert (inside[edge] == own[edge]).all()


def test_the_default_lies_between() -> None:
    assert Degrees() == Degrees(50, 50)
    assert Degrees() != MATERIALS_OWN
