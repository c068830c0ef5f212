"""Talking to whoever runs a command."""

import re
import sys

import click


def show_progress(text: str) -> None:
    """Show one line of progress in place, on a terminal only; an empty text clears it."""
    if sys.stderr.isatty():
        click.echo(f"\r\x1b[K{text}", nl=False, err=True)


def explain(text: str) -> int:
    """Print why a command failed, in one line; return the exit status."""
    show_progress("")
    click.echo(f"facefusion-mock: {text}", err=True)
    return 1


def missing_library(error: ImportError) -> str:
    """Say what cannot be imported and how to get it: a system library, or a Python package."""
    library = re.search(r"lib[\w+.-]+\.so[\w.]*", str(error))
    if library is None:
        return f"{str(error).splitlines()[0]}; the installation is not whole, install it anew"
    return (
        f"the system library {library[0]} is missing; on Debian or Ubuntu `apt-get install "
        f"libstdc++6 libgcc-s1` is enough for most, `apt-file search {library[0]}` finds others"
    )
