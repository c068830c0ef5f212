"""`status`, `reset`, `token`: one request to the server's own endpoints."""

from typing import Any

import click

from mockserver.commands.terminal import explain
from mockserver.remote import Remote, RemoteError


def ask(
    endpoint: str, token: str | None, method: str, path: str, body: dict[str, Any] | None = None
) -> int:
    """Send a request and print the JSON answer; return 0 when it is well."""
    try:
        shown = Remote(endpoint, token).ask(method, path, body)
    except RemoteError as error:
        return explain(str(error))
    for name, value in shown.items():
        click.echo(f"{name:12} {value}")
    return 0
