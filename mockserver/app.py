"""Wiring: one World, the emulated API at `/`, the server's own endpoints under /_mock."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.types import Receive, Scope, Send

from mockserver import __version__, admin
from mockserver.gateway.endpoint import GatewayEndpoint
from mockserver.settings import Settings
from mockserver.world import World


class Application:
    """The server as an ASGI application: `/` goes to the gateway, all else to `own`.

    The gateway answers every method, and needs nothing of what FastAPI does for an endpoint.
    """

    def __init__(self, world: World) -> None:
        self.own = _own_endpoints(world)
        self._gateway = GatewayEndpoint(world)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "http" and scope["path"] == "/":
            await self._gateway(scope, receive, send)
        else:
            await self.own(scope, receive, send)


def create_app(world: World | None = None) -> Application:
    """Build the application around a world; without one, from the environment's settings."""
    return Application(world or World(Settings()))


def _own_endpoints(world: World) -> FastAPI:
    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        if not world.ready:
            await world.start()
        try:
            yield
        finally:
            world.close()
            await world.disconnect()

    app = FastAPI(
        title="facefusion-mock",
        version=__version__,
        summary="The server's own endpoints; the emulated API is at /.",
        openapi_url="/_mock/openapi.json",
        docs_url=None,  # the stock page loads its scripts from elsewhere
        redoc_url=None,
        lifespan=lifespan,
    )
    app.state.world = world
    admin.include_in(app, world.settings)
    return app
