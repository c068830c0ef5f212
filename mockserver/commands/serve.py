"""`serve`: from the command line's options to a running server."""

import logging
import os
import sys
from typing import TYPE_CHECKING, Any

import click

from mockserver.commands.logs import log_to_stderr
from mockserver.commands.terminal import explain, missing_library, show_progress
from mockserver.settings import Settings, SettingsError, read_settings, unknown_variables
from mockserver.state.models import DEFAULT_SECRET_ID, DEFAULT_SECRET_KEY
from mockserver.state.seed import SeedError

if TYPE_CHECKING:
    from mockserver.world import World

log = logging.getLogger("facefusion_mock")

_BANNER = """\
facefusion-mock {version} is ready at {address}

  endpoint   {address}
  SecretId   {secret_id}
  SecretKey  {secret_key}
{tls}  try        facefusion-mock call PICTURE --endpoint {address}
  stop       Ctrl+C
"""


def run_server(overrides: dict[str, Any]) -> int:
    """Run the server with settings from the environment and `overrides`; return an exit status."""
    try:
        settings = read_settings(overrides)
    except SettingsError as error:
        return explain(str(error))
    log_to_stderr(settings.log_level, settings.log_format)
    for name in unknown_variables(os.environ):
        log.warning("there is no setting %s; the README lists all", name)
    try:
        return _serve(settings)
    except ImportError as error:
        return explain(missing_library(error))
    except KeyboardInterrupt:
        return 130


def _serve(settings: Settings) -> int:
    from mockserver import __version__
    from mockserver.server import Server, StartError
    from mockserver.world import World

    try:
        world = World(settings)
        server = Server(world, settings.host, settings.port)
        banner = _BANNER.format(
            version=__version__,
            address=server.address,
            tls=_tls_lines(world),
            secret_id=DEFAULT_SECRET_ID,
            secret_key=DEFAULT_SECRET_KEY,
        )
        server.run(progress=show_progress, started=lambda: _announce(banner, settings))
    except (StartError, SeedError, RuntimeError) as error:
        return explain(str(error))
    except OSError as error:
        return explain(f"{error.filename or 'cannot start'}: {error.strerror or error}")
    return 0


def _tls_lines(world: "World") -> str:
    if world.tls_url is None:
        return ""
    return f"  HTTPS      {world.tls_url}\n  trust      {world.settings.tls_folder / 'ca.pem'}\n"


def _announce(banner: str, settings: Settings) -> None:
    show_progress("")
    if settings.log_format == "json":  # who reads objects is not to meet a text
        log.info(banner.partition("\n")[0])
        return
    click.echo(banner)
    sys.stdout.flush()
