"""The server's own endpoints under /_mock."""

from fastapi import FastAPI, Security
from fastapi.exceptions import RequestValidationError
from fastapi.security import HTTPBearer

from mockserver.admin import (
    ca,
    clock,
    docs,
    errors,
    faults,
    health,
    materials,
    metrics,
    projects,
    requests,
    reset,
    results,
    sandboxes,
    snapshots,
    state,
)
from mockserver.admin.console import Console
from mockserver.admin.guard import Guard
from mockserver.admin.refusals import (
    GUARDED,
    WITH_TOKEN,
    tell_methods,
    tell_mistakes,
    tell_no_store,
)
from mockserver.admin.sessions import Sessions
from mockserver.settings import Settings
from mockserver.state.valkey import StoreError

TAGS = [
    {"name": "server", "description": "Whether it is ready; back to the start."},
    {"name": "clock", "description": "The time that every rule goes by."},
    {"name": "requests", "description": "The journal: what was called, and how it ended."},
    {"name": "results", "description": "Pictures behind the links of answers."},
    {"name": "faults", "description": "Rules that make calls go wrong."},
    {"name": "errors", "description": "The error catalogue."},
    {
        "name": "state",
        "description": "Accounts, keys, projects, materials and limits, changed while it runs.",
    },
]
_OPEN = (health.router, results.router, materials.router, ca.router)
_GUARDED = (
    reset.router,
    clock.router,
    requests.router,
    state.router,
    projects.router,
    sandboxes.router,
    snapshots.router,
    faults.router,
    errors.router,
    metrics.router,
)


def include_in(app: FastAPI, settings: Settings) -> None:
    """Add the endpoints and their guard to an application."""
    app.openapi_tags = TAGS
    app.state.sessions = Sessions(settings.admin_token)
    app.add_middleware(Guard, settings=settings, sessions=app.state.sessions)
    app.add_exception_handler(405, tell_methods)
    app.add_exception_handler(RequestValidationError, tell_mistakes)
    app.add_exception_handler(StoreError, tell_no_store)
    app.include_router(docs.router, prefix="/_mock")
    app.mount("/_mock/console", Console())
    for router in _OPEN:
        app.include_router(router, prefix="/_mock")
    # The guard has looked at the token already; this says so in the description.
    token = [Security(HTTPBearer(auto_error=False))] if settings.admin_token else []
    refusals = {**GUARDED, **(WITH_TOKEN if settings.admin_token else {})}
    for router in _GUARDED:
        app.include_router(router, prefix="/_mock", dependencies=token, responses=refusals)
