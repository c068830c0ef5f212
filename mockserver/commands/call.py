"""`call`: one signed call to a running server."""

from pathlib import Path

import click
import httpx
import pybase64

from mockserver.client import Caller
from mockserver.commands.files import save
from mockserver.commands.terminal import explain, show_progress


def run_call(
    picture: Path,
    *,
    endpoint: str,
    admin_token: str | None,
    secret_id: str,
    secret_key: str,
    project: str,
    model: str,
    response: str,
    language: str,
    output: Path | None,
    compare: Path | None,
) -> int:
    """Send the picture, save what comes back; return an exit status."""
    caller = Caller(endpoint, secret_id, secret_key, admin_token)
    params = {
        "ProjectId": project,
        "ModelId": model,
        "Image": pybase64.b64encode_as_string(picture.read_bytes()),
        "RspImgType": response,
    }
    show_progress(f"calling {endpoint}")
    try:
        answer = caller.call("FaceFusion", params, version="2018-12-01", language=language)
        if error := answer.get("Error"):
            return explain(f"{error['Code']}: {error['Message']} ({answer['RequestId']})")
        image = answer["Image"]
        data = caller.download(image) if response == "url" else pybase64.b64decode(image)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return explain(f"{endpoint}: {error}; is the server running? `facefusion-mock serve`")
    except (ValueError, KeyError):
        return explain(f"{endpoint} does not answer as facefusion-mock does")
    show_progress("")
    click.echo(f"RequestId     {answer['RequestId']}")
    if response == "url":
        click.echo(f"Image         {image}")
    return _keep(data, picture, output, compare)


def _keep(data: bytes, picture: Path, output: Path | None, compare: Path | None) -> int:
    try:
        saved = save(data, [picture.read_bytes()], output, compare)
    except OSError as error:
        return explain(f"{error.filename}: {error.strerror}")
    click.echo(saved)
    return 0
