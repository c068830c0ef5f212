"""The journal as a page that keeps itself up to date, and one call with its diagnosis."""

import json
import zlib
from difflib import SequenceMatcher
from itertools import islice
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request, Response

from mockserver.admin import requests
from mockserver.admin.world import TheWorld
from mockserver.console.page import ConsoleRoute, back, render
from mockserver.console.status import utc
from mockserver.errors import catalogue
from mockserver.state.journal import Filter
from mockserver.world import World

router = APIRouter(route_class=ConsoleRoute)

_SHOWN = 100
_Text = Annotated[str, Query(max_length=256)]


def _wanted(action: _Text = "", project: _Text = "", code: _Text = "", key: _Text = "") -> Filter:
    """Return the filter of a form, whose empty fields admit all."""
    return Filter(action or None, project or None, code or None, key or None)


Wanted = Annotated[Filter, Depends(_wanted)]


@router.get("/")
@router.get("/calls")
async def calls(request: Request, world: TheWorld, wanted: Wanted) -> Response:
    """Show the last calls, the latest first."""
    return render(request, "calls.html", wanted=wanted, **_list(world, wanted))


@router.get("/calls/list")
async def calls_list(
    request: Request, world: TheWorld, wanted: Wanted, seen: _Text = ""
) -> Response:
    """Return the list alone; nothing (204) when it is the one that was seen."""
    found = _list(world, wanted)
    if found["mark"] == seen:
        return Response(status_code=204)
    return render(request, "calls_list.html", **found)


@router.post("/calls/clear")
async def clear(world: TheWorld) -> Response:
    """Forget every call."""
    await requests.clear_requests(world, Filter())
    return back("/calls")


@router.get("/calls/{request_id}")
async def one_call(request: Request, request_id: str, world: TheWorld) -> Response:
    """Show one call and, if authentication refused it, why."""
    entry = await requests.get_request(request_id, world)
    return render(
        request,
        "call.html",
        call=entry,
        time=utc(entry.time),
        params=json.dumps(entry.params, ensure_ascii=False, indent=2),
        error=catalogue().get(entry.code),
        texts=_texts(entry.diagnosis) if entry.diagnosis else [],
    )


def _list(world: World, wanted: Filter) -> dict[str, Any]:
    """Return what the list shows, and a mark that changes with it."""
    entries = list(islice(world.journal.select(wanted), _SHOWN))
    mark = repr([(entry.request_id, entry.diagnosis is None) for entry in entries]).encode()
    fields = {name: value for name, value in vars(wanted).items() if value is not None}
    return {
        "entries": [(entry, utc(entry.time)) for entry in entries],
        "mark": f"{zlib.crc32(mark):08x}",
        "query": urlencode({**fields, "seen": f"{zlib.crc32(mark):08x}"}),
    }


def _texts(diagnosis: dict[str, Any]) -> list[tuple[str, list[Any], list[Any]]]:
    """Return each text's lines as the server takes them and as the client signed them.

    A line is its text and whether the other side has it differently; the client's side is empty
    while it is not known.
    """
    server, client = diagnosis["server"] or {}, diagnosis["client"] or {}
    return [
        (name, *_marked(text.split("\n"), client.get(name, "").split("\n") if client else []))
        for name, text in server.items()
    ]


def _marked(one: list[str], other: list[str]) -> tuple[list[Any], list[Any]]:
    same = SequenceMatcher(None, one, other, autojunk=False).get_matching_blocks()
    kept = [{at + step for at, _, size in same for step in range(size)}]
    kept.append({at + step for _, at, size in same for step in range(size)})
    return (
        [(line, bool(other) and at not in kept[0]) for at, line in enumerate(one)],
        [(line, at not in kept[1]) for at, line in enumerate(other)],
    )
