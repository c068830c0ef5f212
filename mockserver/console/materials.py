"""One material as a page: its picture with the faces' boxes, and its states to be changed."""

import asyncio
from typing import Annotated

import cv2
import numpy as np
from fastapi import APIRouter, Form, HTTPException, Request, Response
from pydantic import BaseModel

from mockserver.admin import projects as api
from mockserver.admin.world import TheWorld
from mockserver.console import overlay
from mockserver.console.page import ConsoleRoute, back, render
from mockserver.errors import ApiError
from mockserver.imaging.codec import encode
from mockserver.materials import PreparedMaterial
from mockserver.state.models import Material, Project
from mockserver.world import World

router = APIRouter(prefix="/materials", route_class=ConsoleRoute)

AUDITS = ("approved", "pending", "rejected")
_THUMBNAIL = 160  # px, the longer side
_QUALITY = 85


class MaterialForm(BaseModel):
    """A material's states; an empty confidence takes its review away."""

    audit: str
    deleted: bool = False
    profile_degree: int = 50
    face_degree: int = 50
    confidence: float | None = None
    label: str = ""


@router.get("/{material}")
async def material(request: Request, material: api.MaterialId, world: TheWorld) -> Response:
    """Show a material."""
    project, found = _found(world, material)
    picture, error = prepared(world, found)
    return render(
        request,
        "material.html",
        project=project,
        material=found,
        prepared=picture,
        overlay=overlay.of_faces(found.id, picture) if picture else None,
        error=error,
        audits=AUDITS,
    )


@router.post("/{material}")
async def change(
    material: api.MaterialId, form: Annotated[MaterialForm, Form()], world: TheWorld
) -> Response:
    """Change a material's audit, whether it is deleted, and its review."""
    values = form.model_dump(exclude={"confidence", "label"})
    if form.confidence is not None:
        values["review"] = form.model_dump(include={"confidence", "label"})
    changed = api.MaterialChange.model_validate({"review": None, **values})
    await api.change_material(material, changed, world)
    return back(f"/materials/{material}")


@router.post("/{material}/remove")
async def remove(material: api.MaterialId, world: TheWorld) -> Response:
    """Forget a material."""
    await api.remove_material(material, world)
    return back("/projects")


@router.get("/{material}/picture")
async def picture(material: api.MaterialId, world: TheWorld) -> Response:
    """Return the picture as it is prepared."""
    return await _picture(world, material, None)


@router.get("/{material}/thumbnail")
async def thumbnail(material: api.MaterialId, world: TheWorld) -> Response:
    """Return the picture made small."""
    return await _picture(world, material, _THUMBNAIL)


async def _picture(world: World, material_id: str, side: int | None) -> Response:
    found, error = prepared(world, _found(world, material_id)[1])
    if found is None:
        raise HTTPException(404, f"the material has no picture: {error and error.code}")
    data = await asyncio.to_thread(_encoded, found, side)
    return Response(data, media_type="image/png" if found.format == "png" else "image/jpeg")


def _encoded(found: PreparedMaterial, side: int | None) -> bytes:
    image, alpha = found.image, found.alpha
    if side is not None and max(image.shape[:2]) > side:
        scale = side / max(image.shape[:2])
        image = np.asarray(
            cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8
        )
        alpha = None
    return encode(image, found.format, quality=_QUALITY, alpha=alpha)


def _found(world: World, material_id: str) -> tuple[Project, Material]:
    found = world.accounts.material(material_id)
    if found is None:
        raise HTTPException(404, f"there is no material {material_id}")
    return found


def prepared(world: World, material: Material) -> tuple[PreparedMaterial | None, ApiError | None]:
    """Return a material as it is prepared, or the error that a call of it is answered with."""
    try:
        return world.gallery.get(material), None
    except ApiError as error:
        return None, error
