"""`status` and `reset`: one request to the server's own endpoints."""

import json
import urllib.error
import urllib.request
from typing import Any

import click

from mockserver.commands.terminal import explain


def ask(endpoint: str, method: str, path: str, body: dict[str, Any] | None = None) -> int:
    """Send a request and print the JSON answer; return 0 when it is well.

    The standard library's client, for the image's health check runs this every few seconds.
    """
    url = endpoint.rstrip("/") + path
    data = None if body is None else json.dumps(body).encode()
    json_type = {"content-type": "application/json"}
    request = urllib.request.Request(url, data, json_type, method=method)  # noqa: S310
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=10) as answer:
            shown = json.load(answer)
    except urllib.error.HTTPError as error:
        return explain(f"{url}: HTTP {error.code} {error.read(4096).decode('utf-8', 'replace')}")
    except (urllib.error.URLError, OSError) as error:
        return explain(f"{url}: {getattr(error, 'reason', error)}")
    except ValueError:
        return explain(f"{url} does not answer as facefusion-mock does")
    for name, value in shown.items():
        click.echo(f"{name:12} {value}")
    return 0
