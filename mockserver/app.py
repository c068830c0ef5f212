"""Wiring: one World, the emulated API at `/`, the server's own endpoints under /_mock."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.routing import Route

from mockserver import __version__, admin
from mockserver.admin.guard import Guard
from mockserver.gateway.endpoint import GatewayEndpoint
from mockserver.settings import Settings
from mockserver.world import World


def create_app(world: World | None = None) -> FastAPI:
    """Build the application around a world; without one, from the environment's settings."""
    world = world or World(Settings())

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        if not world.ready:
            await world.start()
        try:
            yield
        finally:
            world.close()

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
    app.add_middleware(Guard, settings=world.settings)
    for router in admin.ROUTERS:
        app.include_router(router, prefix="/_mock")
    # No methods: every one is answered, the wrong ones as the API does.
    app.router.routes.append(Route("/", GatewayEndpoint(world)))
    return app
