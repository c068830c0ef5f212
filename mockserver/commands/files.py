"""Result and before/after files."""

from collections.abc import Sequence
from pathlib import Path

from mockserver.imaging.codec import Format, Pixels, decode, encode, read_header
from mockserver.imaging.sheet import side_by_side

_QUALITY = 90


def format_of(data: bytes) -> Format:
    """Return a picture's format. Raises ApiError FailedOperation.ImageDecodeFailed."""
    return read_header(data).format


def save(result: bytes, before: Sequence[bytes], output: Path | None, compare: Path | None) -> str:
    """Write the result, and beside it the pictures before and after in a row; tell where."""
    output = output or Path(f"fused.{format_of(result)}")
    compare = compare or output.with_name(f"{output.stem}-compare.jpg")
    sheet = side_by_side([_pixels(data) for data in (*before, result)])
    for file, data in ((output, result), (compare, encode(sheet, "jpg", quality=_QUALITY))):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
    return f"result        {output}\nbefore/after  {compare}"


def _pixels(data: bytes) -> Pixels:
    return decode(data, read_header(data))
