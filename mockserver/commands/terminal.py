"""Talking to whoever runs a command."""

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
    """Say which system library a package lacks and how to get it."""
    name = str(error).split(":")[0]
    return (
        f"cannot load a native library ({error}); on Debian or Ubuntu `apt-get install libstdc++6 "
        f"libgcc-s1` is enough for most, `apt-file search {name}` finds the package of others"
    )
