"""The description of /_mock as a page, which loads nothing from elsewhere."""

from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, HTTPException
from fastapi import Path as InPath
from starlette.responses import FileResponse

router = APIRouter(include_in_schema=False)

_STATIC = Path(__file__).parent / "static"
_TYPES = {
    ".css": "text/css",
    ".html": "text/html",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
}
# Told to the browser as well, so that no part of the page can ask another server.
_POLICY = "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'"


@router.get("/docs")
async def docs() -> FileResponse:
    """Return the page."""
    return _file(_STATIC / "docs.html")


@router.get("/static/{name:path}")
async def static(
    name: Annotated[str, InPath(pattern=r"^([a-z][a-z.-]*/)?[a-z][a-z.-]*$")],
) -> FileResponse:
    """Return a part of the page."""
    file = _STATIC / name
    if file.suffix not in _TYPES or not file.is_file():
        raise HTTPException(404, "there is no such file")
    return _file(file)


def _file(file: Path) -> FileResponse:
    policy = {"content-security-policy": _POLICY, "x-content-type-options": "nosniff"}
    return FileResponse(file, media_type=_TYPES[file.suffix], headers=policy)
