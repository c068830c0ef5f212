"""The console, which is put together when it is first looked at: many servers never are."""

from functools import cached_property

from starlette.types import ASGIApp, Receive, Scope, Send


class Console:
    """The console's pages as an ASGI application to be mounted."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        await self._pages(scope, receive, send)

    @cached_property
    def _pages(self) -> ASGIApp:
        from mockserver.console import router

        return router
