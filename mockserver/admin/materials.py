"""Material pictures behind the links that DescribeMaterialList tells."""

import asyncio

from fastapi import APIRouter, Response

from mockserver.admin.refusals import INVALID, Responses
from mockserver.admin.results import refuse_as_store
from mockserver.admin.world import TheWorld
from mockserver.imaging.codec import encode

router = APIRouter(tags=["results"])

_ANSWERS: Responses = {
    200: {"description": "the picture", "content": {"image/jpeg": {}, "image/png": {}}},
    404: {"description": "there is no such material", "content": {"application/xml": {}}},
    **INVALID,
}


@router.head("/materials/{material}/{name}", response_class=Response, responses=_ANSWERS)
@router.get("/materials/{material}/{name}", response_class=Response, responses=_ANSWERS)
async def material_picture(material: str, name: str, world: TheWorld) -> Response:
    """Return a material's picture; `name` is that of the link, which cannot be guessed."""
    found = world.accounts.material(material)
    prepared = world.gallery.find(found[1]) if found else None
    if prepared is None or prepared.name != name:
        missing = "The specified key does not exist."
        return refuse_as_store(world, 404, "NoSuchKey", missing, f"{material}/{name}")
    quality = world.settings.jpeg_quality

    def encoded() -> bytes:
        return encode(prepared.image, prepared.format, quality=quality, alpha=prepared.alpha)

    data = await asyncio.to_thread(encoded)
    return Response(data, media_type="image/png" if prepared.format == "png" else "image/jpeg")
