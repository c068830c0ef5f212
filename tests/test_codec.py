"""Bytes to pixels and back, and the metadata that results carry."""

import struct
import zlib
from io import BytesIO
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from mockserver.errors import ApiError
from mockserver.imaging.codec import (
    Format,
    Header,
    PictureLimits,
    Pixels,
    check_header,
    decode,
    decode_material,
    encode,
    read_header,
)
from mockserver.imaging.metadata import DESCRIPTION, MAX_PACKET, NAMESPACE, SOURCE_TYPE, stamp
from tests.photos import FIXTURES, encoded, user

HOPPER = (FIXTURES / "users" / "hopper.jpg").read_bytes()
FORMATS: tuple[Format, ...] = ("jpg", "png")
RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
DC = "{http://purl.org/dc/elements/1.1/}"
IPTC = "{http://iptc.org/std/Iptc4xmpExt/2008-02-29/}"


def code_of(action: object, *arguments: object) -> str:
    assert callable(action)
    with pytest.raises(ApiError) as caught:
        action(*arguments)
    return caught.value.code


def header_or_code(data: bytes) -> Header | str:
    try:
        return read_header(data)
    except ApiError as error:
        return error.code


def png_of(width: int, height: int) -> bytes:
    body = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + body + struct.pack(">I", zlib.crc32(body))


def difference(one: Pixels, other: Pixels) -> float:
    return float(np.abs(one.astype(int) - other.astype(int)).mean())


def ramp(top: int) -> NDArray[np.float64]:
    return np.linspace(0, top, 96 * 80).reshape(80, 96)


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "BMP", "TIFF", "PDF"])
def test_other_formats_are_no_pictures(kind: str) -> None:
    assert code_of(read_header, encoded(user("hopper.jpg"), kind)) == (
        "FailedOperation.ImageDecodeFailed"
    )


@given(st.one_of(st.binary(), st.binary().map(b"\xff\xd8\xff".__add__), st.binary(max_size=40)))
def test_garbage_is_no_picture(data: bytes) -> None:
    header = header_or_code(data)
    if isinstance(header, str):
        assert header == "FailedOperation.ImageDecodeFailed"
    else:
        assert header.width > 0
        assert header.height > 0


@given(st.integers(0, 400))
def test_no_beginning_of_a_file_is_too_short(length: int) -> None:
    for data in (HOPPER, png_of(64, 64)):
        whole = read_header(data)
        assert header_or_code(data[:length]) in (whole, "FailedOperation.ImageDecodeFailed")


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
@pytest.mark.parametrize("size", [(64, 64), (301, 77)])
def test_header_knows_the_size(kind: str, size: tuple[int, int]) -> None:
    header = read_header(encoded(np.zeros((size[1], size[0], 3), np.uint8), kind))
    assert (header.width, header.height) == size


def test_a_bomb_is_refused_by_its_header() -> None:
    header = read_header(png_of(60_000, 60_000))
    assert code_of(check_header, header, PictureLimits()) == (
        "FailedOperation.ImageResolutionExceed"
    )


@pytest.mark.parametrize(
    ("width", "height", "code"),
    [
        (3001, 2000, "FailedOperation.ImageResolutionExceed"),
        (2000, 3001, "FailedOperation.ImageResolutionExceed"),
        (63, 800, "FailedOperation.ImageResolutionTooSmall"),
        (64, 1025, "FailedOperation.ImageSizeInvalid"),
    ],
)
def test_sides_out_of_limits(width: int, height: int, code: str) -> None:
    assert code_of(check_header, Header("jpg", width, height), PictureLimits()) == code


@pytest.mark.parametrize(("width", "height"), [(3000, 3000), (64, 64), (64, 1024)])
def test_sides_at_the_limits(width: int, height: int) -> None:
    check_header(Header("png", width, height), PictureLimits())


@pytest.mark.parametrize("share", [0.2, 0.6, 0.95])
@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
@pytest.mark.parametrize("options", [{}, {"mode": "L"}])
def test_truncated_pictures(share: float, kind: str, options: dict[str, str]) -> None:
    data = encoded(user("hopper.jpg"), kind, **options)
    data = data[: int(len(data) * share)]
    assert code_of(decode, data, read_header(data)) == "FailedOperation.FuseImageError"


def test_damaged_jpeg() -> None:
    scan = HOPPER.index(b"\xff\xda") + 2000
    data = HOPPER[:scan] + b"\xff\xc4\x00\x03" * 4 + HOPPER[scan + 16 :]
    assert code_of(decode, data, read_header(data)) == "FailedOperation.FuseImageError"


def test_stray_bytes_do_no_harm() -> None:
    data = HOPPER[:-2] + b"\0\0\0" + HOPPER[-2:]
    assert difference(decode(data, read_header(data)), user("hopper.jpg")) == 0


@pytest.mark.parametrize("options", [{"mode": "CMYK"}, {"subsampling": "4:1:1"}, {"mode": "L"}])
def test_uncommon_jpegs(options: dict[str, str]) -> None:
    image = user("hopper.jpg")
    data = encoded(image, "JPEG", quality=95, **options)
    decoded = decode(data, read_header(data))
    luma = [picture.astype(float).mean(axis=2) for picture in (decoded, image)]
    assert decoded.shape == image.shape
    assert np.abs(luma[0] - luma[1]).mean() < 12


@pytest.mark.parametrize("mode", ["P", "L", "1", "LA", "RGBA"])
def test_png_modes(mode: str) -> None:
    data = encoded(user("hopper.jpg"), "PNG", mode=mode)
    assert decode(data, read_header(data)).shape == user("hopper.jpg").shape


def test_sixteen_bit_grey_keeps_its_range() -> None:
    file = BytesIO()
    Image.fromarray(ramp(65_535).astype(np.uint16)).save(file, "PNG")
    decoded = decode(file.getvalue(), read_header(file.getvalue()))
    assert difference(decoded, np.dstack([ramp(255).astype(np.uint8)] * 3)) < 1


def test_transparency_is_shown_on_white() -> None:
    pixels = np.zeros((80, 80, 4), np.uint8)
    pixels[:, 40:] = (10, 200, 30, 255)
    file = BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    decoded = decode(file.getvalue(), read_header(file.getvalue()))
    assert (decoded[:, :40] == 255).all()
    assert (decoded[:, 40:] == (10, 200, 30)).all()


def test_orientation_is_not_applied() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    data = encoded(user("hopper.jpg"), "JPEG", exif=exif)
    assert decode(data, read_header(data)).shape == user("hopper.jpg").shape


def test_material_keeps_its_alpha() -> None:
    image = user("hopper.jpg")
    alpha = np.tile(np.linspace(0, 255, image.shape[1]), (image.shape[0], 1)).astype(np.uint8)
    data = encode(image, "png", quality=90, alpha=alpha)
    colour, read = decode_material(data, read_header(data))
    assert read is not None
    assert (read == alpha).all()
    assert (colour == image).all()
    assert decode_material(HOPPER, read_header(HOPPER))[1] is None


@pytest.mark.parametrize("format_", FORMATS)
def test_encoding_is_repeatable_and_faithful(format_: Format) -> None:
    image = user("hopper.jpg")
    data = encode(image, format_, quality=90)
    assert data == encode(image.copy(), format_, quality=90)
    assert read_header(data) == Header(format_, image.shape[1], image.shape[0])
    assert difference(decode(data, read_header(data)), image) < (4 if format_ == "jpg" else 0.1)


def xmp_of(data: bytes) -> ElementTree.Element:
    with Image.open(BytesIO(data)) as picture:
        packet = picture.info["xmp"]
    return ElementTree.fromstring(packet)


def meta_data_of(xmp: ElementTree.Element) -> list[tuple[str | None, str | None]]:
    items = xmp.findall(f".//{{{NAMESPACE}}}MetaData/{RDF}Seq/{RDF}li")
    return [
        (item.findtext(f"{{{NAMESPACE}}}MetaKey"), item.findtext(f"{{{NAMESPACE}}}MetaValue"))
        for item in items
    ]


@pytest.mark.parametrize("format_", FORMATS)
def test_every_result_says_that_it_is_synthetic(format_: Format) -> None:
    image = user("hopper.jpg")
    plain = encode(image, format_, quality=90)
    stamped = stamp(plain, format_, [])
    xmp = xmp_of(stamped)
    assert xmp.findtext(f".//{IPTC}DigitalSourceType") == SOURCE_TYPE
    assert xmp.findtext(f".//{DC}description/{RDF}Alt/{RDF}li") == DESCRIPTION
    assert meta_data_of(xmp) == []
    before, after = (decode(data, read_header(data)) for data in (plain, stamped))
    assert (before == after).all()


XML_TEXT = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff")
    | st.sampled_from("\t\n\r&<>\"']"),
    max_size=40,
)


@given(st.lists(st.tuples(XML_TEXT, XML_TEXT), max_size=5), st.sampled_from(FORMATS))
def test_meta_data_is_read_back(entries: list[tuple[str, str]], format_: Format) -> None:
    data = stamp(encode(np.zeros((64, 64, 3), np.uint8), format_, quality=90), format_, entries)
    assert meta_data_of(xmp_of(data)) == entries


@pytest.mark.parametrize("format_", FORMATS)
@pytest.mark.parametrize("value", ["\0", "\x1b", "\ufffe", "\ud800", "x" * MAX_PACKET])
def test_meta_data_that_cannot_be_carried(format_: Format, value: str) -> None:
    data = encode(np.zeros((64, 64, 3), np.uint8), format_, quality=90)
    assert code_of(stamp, data, format_, [("key", value)]) == "FailedOperation.ParameterValueError"
