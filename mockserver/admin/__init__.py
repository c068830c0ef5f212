"""The server's own endpoints under /_mock."""

from mockserver.admin import clock, health, requests, results, state

ROUTERS = (health.router, clock.router, requests.router, results.router, state.router)
