"""Accounts and projects as a page, with their states to be changed."""

from typing import Annotated, get_args

from fastapi import APIRouter, Form, Request, Response
from pydantic import BaseModel

from mockserver.admin import projects as api
from mockserver.admin import state
from mockserver.admin.world import TheWorld
from mockserver.console.materials import prepared
from mockserver.console.page import ConsoleRoute, back, render
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
        without_picture=without_picture,
    )


@router.post("/accounts/{uin}")
async def change_account(
    uin: state.Uin, form: Annotated[AccountForm, Form()], world: TheWorld
) -> Response:
    """Change an account's billing state and rate."""
    change = state.AccountChange.model_validate(form.model_dump())
    await state.change_account(uin, change, world)
    return back(f"/projects#account-{uin}")


@router.post("/{project}")
async def change_project(
    project: api.ProjectId, form: Annotated[ProjectForm, Form()], world: TheWorld
) -> Response:
    """Change a project's state, rate and quota."""
    change = api.ProjectChange.model_validate(form.model_dump())
    await api.change_project(project, change, world)
    return back(f"/projects#project-{project}")
