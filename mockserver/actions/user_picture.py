"""The user's picture: from what the caller sends to a file's bytes."""

import binascii
import hashlib
from dataclasses import dataclass

import pybase64

from mockserver.errors import ApiError
from mockserver.imaging.codec import read_header
from mockserver.settings import Settings
from mockserver.state.journal import Picture


@dataclass(frozen=True)
class UserPicture:
    """A picture as it was sent: base64 text, or the bytes of a download."""

    sent: str | bytes

    def data(self) -> bytes:
        """Return the file's bytes. Raises ApiError FailedOperation.ImageDecodeFailed."""
        if isinstance(self.sent, bytes):
            return self.sent
        try:
            # Line breaks are borne, as MIME encoders write them (inferred); nothing else is.
            text = self.sent
            if "\n" in text:
                text = text.replace("\r", "").replace("\n", "")
            decoded: bytes = pybase64.b64decode(text, validate=True)
        except (binascii.Error, ValueError):
            raise ApiError("FailedOperation.ImageDecodeFailed") from None
        return decoded


def describe(data: bytes) -> Picture:
    """Return what the journal keeps of a picture."""
    picture = Picture(sha256=hashlib.sha256(data).hexdigest(), bytes=len(data))
    try:
        header = read_header(data)
    except ApiError:
        return picture
    picture.format, picture.width, picture.height = header.format, header.width, header.height
    return picture


async def collect(image: str | None, url: str | None, settings: Settings) -> UserPicture:
    """Take the picture from Image or Url; Url wins (documented).

    Raises ApiError InvalidParameterValue.ImageEmpty, FailedOperation.ImageSizeExceed, and those
    of `fetch`.
    """
    if url:
        image_or_data: str | bytes = await _download(url, settings)
    else:
        image_or_data = image or ""
        if len(image_or_data) > settings.max_image_base64:
            raise ApiError("FailedOperation.ImageSizeExceed")
    if not image_or_data:
        raise ApiError("InvalidParameterValue.ImageEmpty")
    return UserPicture(image_or_data)


async def _download(url: str, settings: Settings) -> bytes:
    # The HTTP client takes 16 MB and 0.2 s to import; many servers never need it.
    from mockserver.imaging.fetch import FetchLimits, fetch

    limits = FetchLimits(
        settings.download_max_bytes, settings.download_seconds, settings.download_redirects
    )
    return await fetch(url, limits)
