"""`status`, `reset`, `token`: one request to the server's own endpoints."""

import json
import urllib.error
import urllib.request
from typing import Any

import click

from mockserver.commands.terminal import explain


class AskError(Exception):
    """The server does not answer, or refuses; the text says so in one line."""


def ask(
    endpoint: str, token: str | None, method: str, path: str, body: dict[str, Any] | None = None
) -> int:
    """Send a request and print the JSON answer; return 0 when it is well."""
    try:
        shown = fetch(endpoint, token, method, path, body)
    except AskError as error:
        return explain(str(error))
    for name, value in shown.items():
        click.echo(f"{name:12} {value}")
    return 0


def fetch(
    endpoint: str, token: str | None, method: str, path: str, body: dict[str, Any] | None = None
) -> dict[str, Any]:
    """Send a request with the admin token, if any; return the JSON answer. Raises AskError.

    The standard library's client, for the image's health check runs this every few seconds.
    """
    url = endpoint.rstrip("/") + path
    data = None if body is None else json.dumps(body).encode()
    headers = {"content-type": "application/json"}
    if token:
        headers["authorization"] = f"Bearer {token}".encode().decode("latin-1")
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        request = urllib.request.Request(url, data, headers, method=method)  # noqa: S310
        with opener.open(request, timeout=10) as answer:
            shown: dict[str, Any] = json.load(answer)
    except urllib.error.HTTPError as error:
        text = error.read(4096).decode("utf-8", "replace")
        raise AskError(f"{url}: HTTP {error.code} {text}") from None
    except OSError as error:
        raise AskError(f"{url}: {getattr(error, 'reason', error)}") from None
    except ValueError:
        raise AskError(f"{url} does not answer as facefusion-mock does") from None
    return shown
