"""The least that a FastAPI server can do: read the body, answer. Same uvicorn settings."""

import asyncio
import socket

import uvicorn
from fastapi import FastAPI, Request, Response

_ANSWER = b'{"Response":{"RequestId":"00000000-0000-4000-8000-000000000000"}}'


def bare_app() -> FastAPI:
    """An app with the one route `POST /`."""
    app = FastAPI(openapi_url=None)

    @app.post("/")
    async def read(request: Request) -> Response:
        await request.body()
        return Response(_ANSWER, media_type="application/json")

    return app


def main() -> None:
    """Serve on a free port of the loopback and print it."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=2048)
    config = uvicorn.Config(
        bare_app(),
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        ws="none",
        timeout_keep_alive=75,
    )
    print(f"ready at http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
    with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
        runner.run(uvicorn.Server(config).serve(sockets=[listener]))


if __name__ == "__main__":
    main()
