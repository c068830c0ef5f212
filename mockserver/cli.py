"""The command line: serve, call, fuse, errors, status, reset, token, sign.

What a command needs is imported when it runs, so that `--help` and `status` are quick.
"""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from mockserver import __version__
from mockserver.errors import Language
from mockserver.state.models import DEFAULT_SECRET_ID, DEFAULT_SECRET_KEY

ENDPOINT = "http://localhost:8670"
_picture = click.Path(exists=True, dir_okay=False, path_type=Path)
_new_file = click.Path(dir_okay=False, writable=True, path_type=Path)


def _file_options(command: Callable[..., Any]) -> Callable[..., Any]:
    command = click.option(
        "--compare", type=_new_file, help="Before/after file (default: beside the result)."
    )(command)
    return click.option(
        "-o",
        "--output",
        type=_new_file,
        help="Result file, in the material's format whatever its name; fused.jpg or .png if none.",
    )(command)


def _server_options(command: Callable[..., Any]) -> Callable[..., Any]:
    command = click.option(
        "--admin-token",
        envvar="FACEFUSION_MOCK_ADMIN_TOKEN",
        help="The server's admin token, where it has one.",
    )(command)
    return click.option(
        "--endpoint",
        default=ENDPOINT,
        show_default=True,
        envvar="FACEFUSION_MOCK_ENDPOINT",
        callback=lambda _context, _option, value: value if "://" in value else f"http://{value}",
        help="Base address of the server.",
    )(command)


def _key_options(command: Callable[..., Any]) -> Callable[..., Any]:
    for name, value in (("--secret-key", DEFAULT_SECRET_KEY), ("--secret-id", DEFAULT_SECRET_ID)):
        command = click.option(name, default=value, help="Default: the default seed's key.")(
            command
        )
    return command


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__)
def main() -> None:
    """Answer as Tencent Cloud's FaceFusion API does, on this machine.

    \b
    Begin with:
      facefusion-mock serve              start the server
      facefusion-mock call me.jpg        in a second terminal: one signed call
    """


@main.command()
@click.option("--host", help="Address to listen on (default 127.0.0.1).")
@click.option("--port", type=int, help="Port to listen on, 0 for any free one (default 8670).")
@click.option(
    "--seed", type=click.Path(path_type=Path), help="Seed file, or folder with seed.yaml."
)
@click.option("--no-verify", is_flag=True, help="Accept every signature.")
@click.option("--tls", is_flag=True, help="Serve HTTPS as well, by the service's own names.")
@click.option("--tls-port", type=int, help="Port for HTTPS, 0 for any free one (default 8643).")
def serve(no_verify: bool, tls: bool, **given: Any) -> None:
    """Run the server until Ctrl+C."""
    from mockserver.commands.serve import run_server

    overrides: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    if no_verify:
        overrides["verify_signatures"] = False
    if tls:
        overrides["tls"] = True
    sys.exit(run_server(overrides))


@main.command()
@click.argument("picture", type=_picture)
@_server_options
@_key_options
@click.option("--project", default="100646", show_default=True, help="ProjectId.")
@click.option("--model", default="qc_100646_154021_9", show_default=True, help="ModelId.")
@click.option("--response", type=click.Choice(["url", "base64"]), default="url", show_default=True)
@click.option("--language", type=click.Choice(["zh-CN", "en-US"]), default="en-US")
@_file_options
def call(picture: Path, **options: Any) -> None:
    """Sign and send one FaceFusion call with PICTURE, save the result and a before/after."""
    from mockserver.commands.call import run_call

    sys.exit(run_call(picture, **options))


@main.command()
@click.argument("user", type=_picture)
@click.argument("material", type=_picture)
@_file_options
def fuse(user: Path, material: Path, output: Path | None, compare: Path | None) -> None:
    """Fuse the face of USER onto MATERIAL, without a server."""
    from mockserver.commands.fuse import run_fuse

    sys.exit(run_fuse(user, material, output, compare))


@main.command()
@click.argument("code", required=False)
@click.option("--language", type=click.Choice(["zh-CN", "en-US"]), default="en-US")
def errors(code: str | None, language: str) -> None:
    """List the error catalogue, or all that is known of one CODE."""
    from mockserver.commands.errors import describe, list_codes

    if code is None:
        click.echo(list_codes(language == "zh-CN"))
        return
    text = describe(code)
    if text is None:
        raise click.ClickException(f"{code} is not in the catalogue; `errors` lists all codes")
    click.echo(text)


@main.command()
@_server_options
def status(endpoint: str, admin_token: str | None) -> None:
    """Ask a server whether it is ready; exit status 0 if so, else 1."""
    from mockserver.commands.admin import ask

    sys.exit(ask(endpoint, admin_token, "GET", "/health/ready"))


@main.command()
@_server_options
def reset(endpoint: str, admin_token: str | None) -> None:
    """Put a server's accounts, counts and clock back to the start."""
    from mockserver.commands.admin import ask

    sys.exit(ask(endpoint, admin_token, "POST", "/reset"))


@main.command()
@_server_options
@click.option("--secret-id", default=DEFAULT_SECRET_ID, help="The key whose rights it gets.")
@click.option("--seconds", type=click.IntRange(1), default=1800, show_default=True)
def token(endpoint: str, admin_token: str | None, secret_id: str, seconds: int) -> None:
    """Issue a temporary key with a token, valid for some seconds of the server's clock."""
    from mockserver.commands.admin import ask

    path = f"/state/keys/{secret_id}/temporary"
    sys.exit(ask(endpoint, admin_token, "POST", path, {"seconds": seconds}))


@main.command()
@click.argument("body", type=click.File("rb"), default="-")
@_server_options
@_key_options
@click.option("--timestamp", type=click.IntRange(0), help="X-TC-Timestamp (default: now).")
@click.option("--method", type=click.Choice(["POST", "GET"]), default="POST", show_default=True)
@click.option("--query", default="", help="What stands after `?`, as it is sent.")
@click.option("--content-type", default="application/json", show_default=True)
@click.option("--header", "headers", multiple=True, help="A further header to sign, `Name: value`.")
@click.option(
    "--explain",
    metavar="AUTHORIZATION",
    help="Say what is wrong with this header's value, or with the call that has this RequestId.",
)
@click.option("--language", type=click.Choice(["zh-CN", "en-US"]), default="en-US")
def sign(
    body: Any,
    endpoint: str,
    admin_token: str | None,
    explain: str | None,
    language: Language,
    content_type: str,
    headers: tuple[str, ...],
    **sent: Any,
) -> None:
    """Print canonical request, string to sign and Authorization; or explain a client's own.

    BODY is the request's body as a file, or - for standard input; a GET has none. The bytes are
    taken as they are, a trailing line break included.
    """
    from mockserver.commands import sign as command

    if explain is not None and command.is_request_id(explain):
        sys.exit(command.explain_call(explain, endpoint, admin_token, language))
    split = [header.partition(":") for header in (f"content-type: {content_type}", *headers)]
    request = command.Request(
        endpoint=endpoint,
        body=b"" if sent["method"] == "GET" else body.read(),
        headers={name.strip().lower(): value.strip() for name, _, value in split},
        **sent,
    )
    if explain is None:
        sys.exit(command.print_signature(request))
    sys.exit(command.explain_authorization(explain, request, language))
