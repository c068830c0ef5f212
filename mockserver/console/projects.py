"""Accounts and projects as a page, with their states to be changed."""

from typing import Annotated, get_args

import pybase64
from fastapi import APIRouter, Form, Request, Response
from pydantic import BaseModel

from mockserver.admin import projects as api
from mockserver.admin import state
from mockserver.admin.world import TheWorld
from mockserver.console.materials import AUDITS, prepared
from mockserver.console.page import ConsoleRoute, back, render
from mockserver.console.upload import read_upload
from mockserver.state.models import Billing

router = APIRouter(prefix="/projects", route_class=ConsoleRoute)

PROJECT_STATES = ("published", "unpublished", "stopped")
_SHOWN = 100  # accounts


class AccountForm(BaseModel):
    """An account's billing state and rate; an empty rate is none."""

    billing: str
    rate: int | None = None


class ProjectForm(BaseModel):
    """A project's state, rate and quota; an empty number is none."""

    state: str
    rate: int | None = None
    quota: int | None = None


@router.get("")
async def projects(request: Request, world: TheWorld) -> Response:
    """Show accounts with their projects and materials."""
    accounts = (await state.read_state(world)).accounts
    materials = world.accounts.materials()
    without_picture = {one.id for one in materials if prepared(world, one)[0] is None}
    return render(
        request,
        "projects.html",
        accounts=accounts[:_SHOWN],
        count=len(accounts),
        billings=get_args(Billing),
        states=PROJECT_STATES,
        audits=AUDITS,
        without_picture=without_picture,
    )


class NewProjectForm(BaseModel):
    """A project to be made; an empty id is given out."""

    id: str | None = None
    state: str = "published"


class KeyForm(BaseModel):
    """A key's states; `denied` are names of actions with blanks between them."""

    enabled: bool = False
    mfa: bool = False
    denied: str = ""


@router.post("/accounts/{uin}")
async def change_account(
    uin: state.Uin, form: Annotated[AccountForm, Form()], world: TheWorld
) -> Response:
    """Change an account's billing state and rate."""
    change = state.AccountChange.model_validate(form.model_dump())
    await state.change_account(uin, change, world)
    return back(f"/projects#account-{uin}")


@router.post("/accounts/{uin}/projects")
async def add_project(
    uin: state.Uin, form: Annotated[NewProjectForm, Form()], world: TheWorld
) -> Response:
    """Give an account a project."""
    new = api.NewProject.model_validate(form.model_dump(exclude_none=True))
    made = await api.add_project(uin, new, world)
    return back(f"/projects#project-{made.id}")


@router.post("/keys/{secret_id}")
async def change_key(
    secret_id: state.SecretIdInPath, form: Annotated[KeyForm, Form()], world: TheWorld
) -> Response:
    """Disable or enable a key, deny it actions, demand a second factor."""
    values = {**form.model_dump(), "denied": form.denied.split()[:100]}
    await state.change_key(secret_id, state.KeyChange.model_validate(values), world)
    return back("/projects")


@router.post("/{project}/remove")
async def remove_project(project: api.ProjectId, world: TheWorld) -> Response:
    """Forget a project with its materials."""
    await api.remove_project(project, world)
    return back("/projects")


@router.post("/{project}/materials")
async def add_material(request: Request, project: api.ProjectId, world: TheWorld) -> Response:
    """Give a project a picture as a material."""
    form = await read_upload(request)
    image = pybase64.b64encode_as_string(form.file("picture"))
    new = api.NewMaterial.model_validate({"image": image, "audit": form.text("audit")})
    made = await api.add_material(project, new, world)
    return back(f"/materials/{made.id}")


@router.post("/{project}")
async def change_project(
    project: api.ProjectId, form: Annotated[ProjectForm, Form()], world: TheWorld
) -> Response:
    """Change a project's state, rate and quota."""
    change = api.ProjectChange.model_validate(form.model_dump())
    await api.change_project(project, change, world)
    return back(f"/projects#project-{project}")
