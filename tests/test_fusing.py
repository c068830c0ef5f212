"""Several faces in one picture: what is put together from rows is the picture itself."""

from functools import cache
from itertools import permutations

import numpy as np
import pytest

from mockserver.fusing import Fusion, Merge, Tools, UserFile, fuse_picture
from mockserver.imaging.codec import Pixels, decode, read_header
from mockserver.imaging.fuse import Degrees, fuse
from mockserver.imaging.metadata import stamp
from mockserver.imaging.segments import encode_segments, segment_width
from mockserver.known_faces import KnownFaces
from mockserver.materials import PreparedMaterial, prepare_material
from mockserver.settings import Settings
from tests import photos
from tests.photos import FIXTURES, USERS, engine, user, user_face

SETTINGS = Settings()
DEGREES = Degrees(profile=20, face=80)
GROUP = "qc_100646_154021_12.jpg"
FILES = [UserFile((FIXTURES / "users" / name).read_bytes(), name) for name in USERS]


@cache
def group(kind: str = "JPEG") -> PreparedMaterial:
    data = (FIXTURES / "materials" / GROUP).read_bytes()
    if kind != "JPEG":
        data = photos.encoded(photos.material(GROUP), kind)
    prepared = prepare_material(data, engine(), SETTINGS)
    assert prepared is not None
    return prepared


def fused(order: tuple[int, ...], kind: str = "JPEG", *, halved: bool = False) -> bytes:
    """Each user onto the face of the same number, asked for in this order."""
    merges = [Merge(face=number) for number in order]
    fusion = Fusion(material=group(kind), merges=merges, degrees=DEGREES)
    files = [FILES[number] for number in order]
    return fuse_picture(Tools(engine(), SETTINGS, KnownFaces(0)), files, fusion, halved=halved)


@cache
def face_by_face(numbers: tuple[int, ...]) -> Pixels:
    """The same, each face onto the whole picture, the smaller ones first."""
    image = group().image
    for number in sorted(numbers, reverse=True):
        name = USERS[number]
        image = fuse(image, group().faces[number], user(name), user_face(name), DEGREES)
    return image


def test_faces_of_the_group_are_so_near_that_one_moves_what_is_around_another() -> None:
    one, _, other = (face.around.region.slices for face in group().faces)
    assert all(max(a.start, b.start) < min(a.stop, b.stop) for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize("numbers", [(0,), (1, 2), (0, 2), (0, 1, 2)])
def test_segments_put_together_are_the_whole_picture_encoded(numbers: tuple[int, ...]) -> None:
    image = face_by_face(numbers)
    whole = encode_segments(image, SETTINGS.jpeg_quality, segment_width(image.shape[1])).jpeg()
    assert fused(numbers) == stamp(whole, "jpg", ())


def test_a_png_has_the_same_pixels() -> None:
    data = fused((0, 1, 2), "PNG")
    assert (decode(data, read_header(data)) == face_by_face((0, 1, 2))).all()


def test_halved_it_has_every_other_pixel() -> None:
    data = fused((0, 1, 2), "PNG", halved=True)
    assert (decode(data, read_header(data)) == face_by_face((0, 1, 2))[::2, ::2]).all()


def test_the_order_of_the_pictures_does_not_matter() -> None:
    assert len({fused(order) for order in permutations((0, 1, 2))}) == 1


def test_faces_that_were_not_asked_for_stay() -> None:
    kept = group().faces[1].region.slices
    assert (face_by_face((0, 2))[kept] == group().image[kept]).all()
    assert np.abs(face_by_face((0, 1, 2))[kept].astype(int) - group().image[kept]).mean() > 4
