"""The error catalogue as data."""

from fastapi import APIRouter
from pydantic import BaseModel

from mockserver.errors import MAGIC_MATERIAL, Entry, catalogue

router = APIRouter(prefix="/errors", tags=["errors"])


class CatalogueEntry(BaseModel):
    """One code: its texts, the versions that document it, what produces it, how to inject it."""

    code: str
    zh: str
    en: str
    versions: list[str]
    when: str
    when_zh: str
    recipe: str
    inject: str


@router.get("")
async def list_errors() -> list[CatalogueEntry]:
    """Return every code of the catalogue."""
    return [_shown(entry) for entry in catalogue().values()]


def _shown(entry: Entry) -> CatalogueEntry:
    return CatalogueEntry(
        code=entry.code,
        zh=entry.zh,
        en=entry.en,
        versions=list(entry.versions),
        when=entry.when,
        when_zh=entry.when_zh,
        recipe=entry.recipe,
        inject=f"ModelId={MAGIC_MATERIAL}{entry.code}",
    )
