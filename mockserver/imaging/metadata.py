"""Metadata of results: one XMP packet that says the picture is synthetic.

The words are IPTC's and Dublin Core's, so that any viewer shows them. The packet holds no
time and no version: the same request gives the same bytes.
"""

import re
import struct
import zlib
from collections.abc import Sequence
from xml.sax.saxutils import escape

from mockserver.errors import ApiError
from mockserver.imaging.codec import Format

NAMESPACE = "https://facefusion-mock.invalid/ns/1.0/"
DESCRIPTION = "Synthetic face fusion made by facefusion-mock"
SOURCE_TYPE = "http://cv.iptc.org/newscodes/digitalsourcetype/compositeSynthetic"

# XMP specification, part 3: what fits in one JPEG segment beside its header.
MAX_PACKET = 65_502

_JPEG_HEADER = b"http://ns.adobe.com/xap/1.0/\0"
_PNG_KEYWORD = b"XML:com.adobe.xmp"
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

_PACKET = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about=""
 xmlns:xmp="http://ns.adobe.com/xap/1.0/"
 xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
 xmlns:mock="{namespace}">
<xmp:CreatorTool>facefusion-mock</xmp:CreatorTool>
<Iptc4xmpExt:DigitalSourceType>{source_type}</Iptc4xmpExt:DigitalSourceType>
<dc:description><rdf:Alt><rdf:li xml:lang="x-default">{description}</rdf:li></rdf:Alt>\
</dc:description>
{entries}</rdf:Description>
</rdf:RDF>
</x:xmpmeta>
<?xpacket end="r"?>"""


def stamp(data: bytes, format: Format, entries: Sequence[tuple[str, str]]) -> bytes:  # noqa: A002
    """Put the packet into an encoded picture, with the caller's (MetaKey, MetaValue) pairs.

    Raises ApiError FailedOperation.ParameterValueError when XML 1.0 cannot carry a character
    or the packet exceeds what one JPEG segment holds (inferred; PNG keeps the same limit).
    """
    packet = _packet(entries)
    if format == "jpg":
        return _insert(data, _after_jfif(data), _jpeg_segment(packet))
    return _insert(data, _PNG_HEADER_END, _png_chunk(packet))


def _packet(entries: Sequence[tuple[str, str]]) -> bytes:
    items = "".join(_entry(key, value) for key, value in entries)
    listed = f"<mock:MetaData><rdf:Seq>{items}</rdf:Seq></mock:MetaData>\n" if items else ""
    packet = _PACKET.format(
        namespace=NAMESPACE, source_type=SOURCE_TYPE, description=DESCRIPTION, entries=listed
    ).encode()
    if len(packet) > MAX_PACKET:
        raise ApiError("FailedOperation.ParameterValueError")
    return packet


def _entry(key: str, value: str) -> str:
    return (
        '<rdf:li rdf:parseType="Resource">'
        f"<mock:MetaKey>{_text(key)}</mock:MetaKey>"
        f"<mock:MetaValue>{_text(value)}</mock:MetaValue></rdf:li>"
    )


def _text(value: str) -> str:
    if _NOT_XML.search(value):
        raise ApiError("FailedOperation.ParameterValueError")
    return escape(value, {"\r": "&#13;"})  # a bare CR would be read back as LF


def _insert(data: bytes, at: int, piece: bytes) -> bytes:
    return b"".join((data[:at], piece, data[at:]))


def _jpeg_segment(packet: bytes) -> bytes:
    return struct.pack(">HH", 0xFFE1, 2 + len(_JPEG_HEADER) + len(packet)) + _JPEG_HEADER + packet


def _after_jfif(data: bytes) -> int:
    # JFIF wants its own segment first, right after the two bytes of SOI.
    has_jfif = data[2:4] == b"\xff\xe0"
    return 4 + struct.unpack(">H", data[4:6])[0] if has_jfif else 2


_PNG_HEADER_END = 33  # signature 8, IHDR 25


def _png_chunk(packet: bytes) -> bytes:
    # iTXt: keyword, not compressed, method 0, no language, no translated keyword
    body = b"iTXt" + _PNG_KEYWORD + b"\0\0\0\0\0" + packet
    return struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
