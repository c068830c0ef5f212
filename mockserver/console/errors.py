"""The error catalogue as a page: what each code means, what provokes it, and a way to inject it."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from mockserver.admin.errors import list_errors
from mockserver.console.page import ConsoleRoute, render

router = APIRouter(prefix="/errors", route_class=ConsoleRoute)


@router.get("")
async def errors(request: Request, find: Annotated[str, Query(max_length=100)] = "") -> Response:
    """Show every code, or those that hold a text in their code, texts or causes."""
    entries = await list_errors()
    wanted = find.strip().lower()
    found = [
        entry for entry in entries if wanted in " ".join(map(str, vars(entry).values())).lower()
    ]
    return render(request, "errors.html", errors=found, find=find, count=len(entries))
