"""Projects and materials: made, changed and removed while the server runs."""

import base64
import binascii
import math
from pathlib import Path as FilePath
from typing import Annotated, Literal

from fastapi import APIRouter, HTTPException, Path, Response
from pydantic import BaseModel, Field

from mockserver.admin.bounded import Bounded
from mockserver.admin.refusals import INVALID, NO_STORE, Responses, refusal
from mockserver.admin.state import (
    CHANGE,
    NO_ACCOUNT,
    Change,
    Uin,
    WholeRate,
    current,
    find_account,
)
from mockserver.admin.world import TheWorld
from mockserver.errors import ApiError
from mockserver.imaging.codec import Format
from mockserver.materials import (
    MAX_MATERIAL_BYTES,
    GalleryFullError,
    PreparedMaterial,
    named_faces,
)
from mockserver.state.accounts import TakenError
from mockserver.state.models import Account, Audit, Identifier, Material, Project, Review
from mockserver.state.valkey import StoreError
from mockserver.state.values import Count, Degree

MAX_IMAGE_BASE64 = math.ceil(MAX_MATERIAL_BYTES / 3) * 4


router = APIRouter(prefix="/state", tags=["state"], route_class=Bounded)

ProjectId = Annotated[str, Path(pattern=r"^[A-Za-z0-9_.-]{1,64}$")]
MaterialId = Annotated[str, Path(pattern=r"^[A-Za-z0-9_.-]{1,64}$")]
NewMaterialId = Annotated[str, Field(pattern=r"^qc_[A-Za-z0-9.-]{1,32}_[0-9]{1,12}_[0-9]{1,12}$")]
_NO_PROJECT: Responses = {**refusal(404, "no such project"), **INVALID}
_NO_MATERIAL: Responses = {**refusal(404, "no such material"), **INVALID}


class ProjectChange(Change):
    """What can be changed of a project; null takes a limit away."""

    state: Literal["published", "unpublished", "stopped"] = "published"
    rate: WholeRate | None = None
    quota: Count | None = None


class NewProject(ProjectChange):
    """A project to be made; without `id` it is given a free one."""

    id: Identifier | None = None


class MaterialChange(Change):
    """What can be changed of a material; null takes the review away."""

    audit: Audit = "approved"
    deleted: bool = False
    review: Review | None = None
    profile_degree: Degree = 50
    face_degree: Degree = 50


class NewMaterial(Change):
    """A picture to be a material, as base64; without `id` it is given a free one."""

    id: NewMaterialId | None = None
    image: Annotated[str, Field(min_length=1, max_length=MAX_IMAGE_BASE64)]
    audit: Audit = "approved"
    profile_degree: Degree = 50
    face_degree: Degree = 50


class Face(BaseModel):
    """A material's face: its id, and its box in whole pixels of the material."""

    id: str
    x: int
    y: int
    width: int
    height: int


class MaterialMade(BaseModel):
    """A material that was made, with its faces, the largest first."""

    id: str
    project: str
    format: Format
    width: int
    height: int
    audit: Audit
    faces: list[Face]


@router.post(
    "/accounts/{uin}/projects",
    status_code=201,
    responses={
        **NO_ACCOUNT,
        **refusal(409, "the id is taken, or there are too many"),
        **CHANGE,
        **NO_STORE,
    },
)
async def add_project(uin: Uin, new: NewProject, world: TheWorld) -> Project:
    """Give an account a project without materials."""
    account = find_account(world, uin)
    project = Project(
        id=new.id or world.accounts.free_project_id(),
        state=new.state,
        rate=new.rate,
        quota=new.quota,
    )
    try:
        world.accounts.add_project(account, project)
        await world.quotas.put([project])
    except TakenError as error:
        raise HTTPException(409, str(error)) from None
    except StoreError:
        world.accounts.remove_project(account, project)
        raise
    return project


@router.patch("/projects/{project}", responses={**_NO_PROJECT, **CHANGE, **NO_STORE})
async def change_project(project: ProjectId, change: ProjectChange, world: TheWorld) -> Project:
    """Change a project's state, rate and quota."""
    _, found = _project(world, project)
    (shown,) = await current(world, [found])
    change.apply(shown)
    await world.quotas.put([shown])
    change.apply(found)
    return shown


@router.delete("/projects/{project}", status_code=204, responses=_NO_PROJECT)
async def remove_project(project: ProjectId, world: TheWorld) -> Response:
    """Forget a project with its materials."""
    world.accounts.remove_project(*_project(world, project))
    world.forget_unused()
    return Response(status_code=204)


@router.post(
    "/projects/{project}/materials",
    status_code=201,
    responses={
        **_NO_PROJECT,
        **refusal(409, "the id is taken, the picture is of no use, or there are too many"),
        **CHANGE,
    },
)
async def add_material(project: ProjectId, new: NewMaterial, world: TheWorld) -> MaterialMade:
    """Give a project a material: a JPG or PNG with a face, 1080x1080 at most.

    The picture is held in memory until its last material is removed, or until a reset.
    """
    _project(world, project)
    gallery = world.gallery
    try:
        file = await gallery.add_sent(_bytes(new.image), world.pool)
        if gallery is not world.gallery:
            raise HTTPException(409, "the server was reset meanwhile")
        _, owner = _project(world, project)  # it may be gone by now
        name = new.id or world.accounts.free_material_id(owner)
        material = _material_of(new, name, file, world.clock.now())
        world.accounts.add_material(owner, material)
        return _made(owner, material, gallery.get(material))
    except (TakenError, GalleryFullError) as error:
        raise HTTPException(409, str(error)) from None
    except ApiError as error:
        reason = f"image: {error.message('en-US')} ({error.code})"
        raise HTTPException(409, reason) from None
    finally:
        world.forget_unused()


@router.patch("/materials/{material}", responses={**_NO_MATERIAL, **CHANGE})
async def change_material(
    material: MaterialId, change: MaterialChange, world: TheWorld
) -> Material:
    """Change a material's audit, degrees, whether it is deleted, and what its review says."""
    _, found = _material(world, material)
    change.apply(found)
    found.updated = world.clock.now()
    return found


@router.delete("/materials/{material}", status_code=204, responses=_NO_MATERIAL)
async def remove_material(material: MaterialId, world: TheWorld) -> Response:
    """Forget a material; unlike a deleted one it is unknown from now on."""
    world.accounts.remove_material(*_material(world, material))
    world.forget_unused()
    return Response(status_code=204)


def _project(world: TheWorld, project_id: str) -> tuple[Account, Project]:
    found = world.accounts.owned_project(project_id)
    if found is None:
        raise HTTPException(404, f"there is no project {project_id}")
    return found


def _material(world: TheWorld, model_id: str) -> tuple[Project, Material]:
    found = world.accounts.material(model_id)
    if found is None:
        raise HTTPException(404, f"there is no material {model_id}")
    return found


def _bytes(image: str) -> bytes:
    try:
        return base64.b64decode(image, validate=True)
    except (binascii.Error, ValueError):  # ValueError: letters beyond ASCII
        raise HTTPException(409, "image: is no base64") from None


def _material_of(new: NewMaterial, name: str, file: FilePath, now: float) -> Material:
    return Material(
        id=name,
        file=file,
        audit=new.audit,
        profile_degree=new.profile_degree,
        face_degree=new.face_degree,
        created=now,
    )


def _made(project: Project, material: Material, prepared: PreparedMaterial) -> MaterialMade:
    height, width = prepared.image.shape[:2]
    return MaterialMade(
        id=material.id,
        project=project.id,
        format=prepared.format,
        width=width,
        height=height,
        audit=material.audit,
        faces=[Face(**face._asdict()) for face in named_faces(material.id, prepared)],
    )
