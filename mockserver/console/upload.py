"""Forms with a file, read in memory: a photo must not be left on a disk."""

from typing import Any

from fastapi import HTTPException, Request

from mockserver.errors import ApiError

_MAX_TEXT = 128


class Upload:
    """A form's fields as they were sent."""

    def __init__(self, values: dict[str, Any]) -> None:
        self._values = values

    def text(self, name: str) -> str:
        """Return a field, cut where it is longer than any id; empty when it is absent."""
        value = self._values.get(name, "")
        return value[:_MAX_TEXT] if isinstance(value, str) else ""

    def file(self, name: str) -> bytes:
        """Return a file's bytes; empty when it is absent."""
        value = self._values.get(name, b"")
        return value if isinstance(value, bytes) else str(value).encode()


async def read_upload(request: Request) -> Upload:
    """Read a multipart form. Raises HTTPException 400, and 413 through the route's bound."""
    from mockserver.gateway.multipart import read_multipart  # 3 MB, and rarely needed

    try:
        sent = read_multipart(request.headers.get("content-type", ""), await request.body())
    except ApiError:
        raise HTTPException(400, "the form cannot be read") from None
    return Upload(sent)
