"""The console at /_mock/console: what the server knows and does, as pages for a browser.

The pages are made here and carry no logic of their own: each change calls the function behind
the endpoint of /_mock that does the same.
"""

from fastapi import APIRouter

from mockserver.console import (
    calls,
    clock,
    errors,
    faults,
    login,
    materials,
    projects,
    server,
    trial,
)

router = APIRouter()
for part in (calls, projects, materials, faults, clock, trial, errors, server, login):
    router.include_router(part.router)
