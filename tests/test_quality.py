"""What the quality report measures, held to its limits; the report has more pairs."""

import cv2
import numpy as np
import pytest

from benchmarks import portraits
from benchmarks.degraded import ALTERATIONS
from benchmarks.pairs import Pair
from benchmarks.portraits import Portrait
from benchmarks.variants import VARIANTS, closed_eyes, dark_skin
from mockserver.errors import ApiError
from mockserver.imaging.codec import Pixels
from mockserver.imaging.face import Points
from mockserver.imaging.fuse import MATERIALS_OWN
from mockserver.imaging.mesh import CHEEKS, LEFT_EYE, RIGHT_EYE, Indices

ERROR, SEAM = 0.03, 1.15
USERS = ("hopper", "astronaut", "einstein")
REFUSED = [("einstein", "noise"), ("einstein", "over-exposed")]
BLURRED = ("einstein", "blurred")  # on top of his picture's own blur
FUSED = [(who, how) for who in USERS for how in ALTERATIONS if (who, how) not in REFUSED]


def degraded(who: str, how: str) -> Pixels:
    return portraits.opened(ALTERATIONS[how](portraits.user(who).pixels))


def pair(who: str, how: str, where: str) -> Pair:
    pixels = degraded(who, how)
    return Pair(Portrait(who, pixels, portraits.face_in(pixels)), portraits.material(where))


@pytest.mark.parametrize("where", portraits.MATERIALS)
@pytest.mark.parametrize("who", USERS)
def test_a_result_has_the_materials_geometry_and_no_seam(who: str, where: str) -> None:
    shown = Pair(portraits.user(who), portraits.material(where))
    assert shown.landmark_error(MATERIALS_OWN) <= ERROR
    assert shown.seam() <= SEAM


@pytest.mark.parametrize(("who", "how"), FUSED)
def test_a_degraded_picture_is_fused_as_well(who: str, how: str) -> None:
    shown = pair(who, how, portraits.MATERIALS[0])
    assert shown.seam() <= SEAM
    assert shown.landmark_error(MATERIALS_OWN) <= (0.035 if (who, how) == BLURRED else ERROR)


@pytest.mark.parametrize("how", VARIANTS)
def test_closed_eyes_and_dark_skin_are_fused_as_well(how: str) -> None:
    user, material = portraits.user("astronaut"), portraits.material(portraits.MATERIALS[2])
    draw = VARIANTS[how]
    for shown in (Pair(draw(user), material), Pair(user, draw(material))):
        assert shown.seam() <= SEAM
        assert shown.landmark_error(MATERIALS_OWN) <= ERROR


def luma(shown: Pair, eye: Indices) -> np.ndarray[tuple[int], np.dtype[np.uint8]]:
    """Of the result between the lids of an eye of the material."""
    inside = np.zeros(shown.material.pixels.shape[:2], np.uint8)
    cv2.fillPoly(inside, [shown.material.face.points[eye].round().astype(np.int32)], 1)
    grey = cv2.cvtColor(shown.fused(MATERIALS_OWN), cv2.COLOR_RGB2GRAY)
    return np.asarray(grey[inside > 0], np.uint8)


@pytest.mark.parametrize("eye", [RIGHT_EYE, LEFT_EYE])
def test_of_closed_eyes_no_eyeballs_show(eye: Indices) -> None:
    user, material = portraits.user("astronaut"), portraits.material(portraits.MATERIALS[1])
    lid, eyeball = luma(Pair(closed_eyes(user), material), eye), luma(Pair(user, material), eye)
    assert np.percentile(lid, 10) > 2 * np.percentile(eyeball, 10)  # no pupils
    assert np.ptp(lid) < 0.8 * np.ptp(eyeball)


@pytest.mark.parametrize("eye", [RIGHT_EYE, LEFT_EYE])
def test_eyes_of_a_dark_face_do_not_glare_in_a_light_one(eye: Indices) -> None:
    user, material = portraits.user("astronaut"), portraits.material(portraits.MATERIALS[2])
    dark, light = Pair(dark_skin(user), material), Pair(user, material)
    assert np.percentile(luma(dark, eye), 90) < 1.3 * np.percentile(luma(light, eye), 90)


def test_the_eyes_of_a_flat_photo_are_nearly_as_deep_as_those_of_a_good_one() -> None:
    user, material = portraits.user("astronaut"), portraits.material(portraits.MATERIALS[0])
    skin = np.array((170, 135, 115))
    flat = Portrait("flat", (0.5 * user.pixels + 0.5 * skin).astype(np.uint8), user.face)
    columns, rows = material.face.points[list(CHEEKS)].round().astype(int).T
    cheeks = material.pixels[rows, columns].mean()
    depths = [
        cheeks - np.percentile(luma(Pair(one, material), LEFT_EYE), 10) for one in (flat, user)
    ]
    assert depths[0] > 0.7 * depths[1]


@pytest.mark.parametrize("temple", [(139, 127, 34), (368, 356, 264)])
def test_of_the_materials_glasses_no_arm_crosses_the_temple(temple: tuple[int, ...]) -> None:
    shown = Pair(portraits.user("astronaut"), portraits.material(portraits.MATERIALS[2]))
    arm = darkest(shown.material.pixels, shown.material.face.points, temple)
    assert darkest(shown.fused(MATERIALS_OWN), shown.material.face.points, temple) > 2.2 * arm


def darkest(image: Pixels, points: Points, temple: tuple[int, ...]) -> float:
    """Luma of the darker tenth of a temple, inside of the contour."""
    eye = points[RIGHT_EYE[0] if temple[0] == 139 else LEFT_EYE[0]]
    corners = eye + 0.7 * (points[list(temple)] - eye)
    inside = np.zeros(image.shape[:2], np.uint8)
    cv2.fillConvexPoly(inside, cv2.convexHull(corners.astype(np.int32)), 1)
    return float(np.percentile(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)[inside > 0], 10))


@pytest.mark.parametrize(("who", "how"), REFUSED)
def test_what_shows_no_face_any_more_is_refused(who: str, how: str) -> None:
    with pytest.raises(ApiError, match=r"FailedOperation\.FuseDetectNoFace"):
        portraits.face_in(degraded(who, how))


@pytest.mark.parametrize("how", ["turned by 25 degrees", "over-exposed"])
def test_a_repeated_fusion_gives_the_same_bytes(how: str) -> None:
    once, again = (pair("hopper", how, portraits.MATERIALS[3]).fused() for _ in range(2))
    assert once.tobytes() == again.tobytes()
