"""The way to a Valkey server, which holds what several servers share."""

import asyncio
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import ModuleType
from typing import Any

from mockserver.errors import ApiError

log = logging.getLogger("facefusion_mock")

SECONDS = 2.0  # for one answer; without it the store counts as out of reach
MAX_CONNECTIONS = 50  # of the event loop; more calls at once wait for one
_PREFIX = "facefusion-mock:"


class StoreError(ApiError):
    """The store cannot be reached, or does not answer in time."""

    def __init__(self) -> None:
        super().__init__("FailedOperation.ServerError")


class RefusedError(StoreError):
    """The store answers, but refuses: it is full, say, or read-only."""


class Valkey:
    """The way to one Valkey server: from the event loop, and from threads, which wait."""

    def __init__(self, url: str) -> None:
        """Connect when first asked. Raises RuntimeError without the library or for a bad URL."""
        valkey = _library()
        self._errors = (valkey.ValkeyError, OSError)
        self._refusal = valkey.ResponseError
        limits: dict[str, Any] = {"socket_timeout": SECONDS, "socket_connect_timeout": SECONDS}
        try:
            pool = valkey.asyncio.BlockingConnectionPool.from_url(
                url, max_connections=MAX_CONNECTIONS, timeout=SECONDS, **limits
            )
            self._waiting: Any = valkey.Valkey.from_url(url, **limits)
        except ValueError:  # its text may hold a password
            raise RuntimeError(
                "FACEFUSION_MOCK_VALKEY_URL: is no address like valkey://localhost:6379/0; "
                "valkeys://, redis://, rediss:// and unix:// are possible too"
            ) from None
        self._client: Any = valkey.asyncio.Valkey.from_pool(pool)
        self.address = _shown(pool.connection_kwargs)

    async def run(self, script: str, keys: Sequence[str], *values: Any) -> Any:
        """Run a script in the event loop. Raises StoreError."""
        with self._told():
            async with asyncio.timeout(SECONDS):
                return await self._client.eval(script, len(keys), *_full(keys), *values)

    def run_in_thread(self, script: str, keys: Sequence[str], *values: Any) -> Any:
        """Run a script and wait for it. Raises StoreError."""
        with self._told():
            return self._waiting.eval(script, len(keys), *_full(keys), *values)

    async def is_reachable(self) -> bool:
        """Tell whether it answers."""
        try:
            async with asyncio.timeout(SECONDS):
                await self._client.ping()
        except self._errors:
            return False
        return True

    async def close(self) -> None:
        """End every connection."""
        await self._client.aclose(close_connection_pool=True)
        self._waiting.connection_pool.disconnect()

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except self._refusal as error:
            log.warning("the store at %s refuses: %s", self.address, error)
            raise RefusedError from None
        except self._errors as error:
            reason = type(error).__name__
            log.warning("the store at %s cannot be reached: %s", self.address, reason)
            raise StoreError from None


def _library() -> ModuleType:
    """Return the library, which is an extra. Raises RuntimeError."""
    try:
        import valkey
        import valkey.asyncio
    except ImportError:
        raise RuntimeError(
            "FACEFUSION_MOCK_VALKEY_URL needs the library valkey: "
            "pip install 'facefusion-mock[valkey]'"
        ) from None
    return valkey


def _full(keys: Sequence[str]) -> list[str]:
    return [f"{_PREFIX}{key}" for key in keys]


def _shown(parts: dict[str, Any]) -> str:
    """Return an address without name and password."""
    host, port = parts.get("host", "localhost"), parts.get("port", 6379)
    return f"{parts.get('path') or f'{host}:{port}'}/{parts.get('db', 0)}"
