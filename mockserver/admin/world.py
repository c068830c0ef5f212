"""How an endpoint comes by the server's state."""

from typing import Annotated

from fastapi import Depends, Request

from mockserver.world import World


def _world(request: Request) -> World:
    world: World = request.app.state.world
    return world


TheWorld = Annotated[World, Depends(_world)]
