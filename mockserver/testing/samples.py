"""The pictures that come with the package."""

from pathlib import Path


def fixtures() -> Path:
    """Return their folder: `users/`, `materials/`, and `errors/` with one for each picture error.

    `users/hopper.jpg` goes with every material.
    """
    from mockserver.state.seed import default_seed

    return default_seed().parent
