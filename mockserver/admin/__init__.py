"""The server's own endpoints under /_mock."""

from mockserver.admin import clock, health, results

ROUTERS = (health.router, clock.router, results.router)
