"""`fuse`: two files in, one out, without a server."""

from pathlib import Path

import click

from mockserver.commands.terminal import explain, missing_library, show_progress
from mockserver.errors import ApiError
from mockserver.settings import Settings


def run_fuse(user: Path, material: Path, output: Path | None, compare: Path | None) -> int:
    """Fuse and save; return an exit status."""
    settings = Settings()
    show_progress("loading the face model")
    try:
        from mockserver.commands.files import save
        from mockserver.fusing import Fusion, Tools, UserFile, fuse_picture
        from mockserver.imaging.engine import MeshEngine
        from mockserver.known_faces import KnownFaces
        from mockserver.materials import prepare_material

        engine = MeshEngine()
    except ImportError as error:
        return explain(missing_library(error))
    try:
        show_progress("fusing")
        files = [user.read_bytes(), material.read_bytes()]
        culprit = material
        prepared = prepare_material(files[1], engine, settings)
        if prepared is None:
            raise ApiError("FailedOperation.ImagePixelExceed")
        culprit = user
        tools, fusion = Tools(engine, settings, KnownFaces(0)), Fusion(material=prepared)
        result = fuse_picture(tools, [UserFile(files[0], "")], fusion)
        show_progress("")
        saved = save(result, files, output, compare)
    except ApiError as error:
        return explain(f"{culprit}: {error.code}: {error.message('en-US')}")
    except OSError as error:
        return explain(f"{error.filename}: {error.strerror}")
    click.echo(saved)
    return 0
