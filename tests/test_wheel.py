"""The wheel in an environment of its own: command, plugin, model and pictures come with it."""

import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

from tests.readme_tables import ROOT

OWN = ("mockserver", "facefusion_mock", "_editable_impl_facefusion_mock", "pip", "setuptools")
TEST = """
import base64
import os
from pathlib import Path

import mockserver
from mockserver.testing import fixtures
from tencentcloud.facefusion.v20181201.models import FaceFusionRequest


def test_a_picture_is_fused(facefusion_mock):
    request = FaceFusionRequest()
    request.ProjectId, request.ModelId = facefusion_mock.project_id, facefusion_mock.model_id
    request.Image = base64.b64encode((fixtures() / "users" / "hopper.jpg").read_bytes()).decode()
    request.RspImgType = "base64"
    assert facefusion_mock.client().FaceFusion(request).Image.startswith("/9j/")
    for file in (Path(mockserver.__file__), fixtures()):
        assert file.is_relative_to(os.environ["ENVIRONMENT"])
    Path(os.environ["PYTEST_XDIST_WORKER"]).write_text(facefusion_mock.url)
"""


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with the built wheel and, as links, all that this one has beside it."""
    folder = tmp_path_factory.mktemp("wheel")
    run(ROOT, sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder)
    (wheel,) = folder.glob("*.whl")
    made = folder / "environment"
    venv.create(made, symlinks=True)
    site = Path(sysconfig.get_path("purelib", vars={"base": str(made)}))
    for item in Path(sysconfig.get_path("purelib")).iterdir():
        if not item.name.startswith(OWN):
            (site / item.name).symlink_to(item)
    uv = (sys.executable, "-m", "uv", "pip", "install", "--offline", "--no-deps")
    run(folder, *uv, "--python", made, wheel)
    return made


def run(folder: Path, *words: str | Path, **variables: str) -> str:
    """Run a command in a folder; return what it prints. Fails with that when the command fails."""
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(folder), **variables}
    done = subprocess.run(
        words, cwd=folder, env=environment, capture_output=True, text=True, timeout=90
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_command_is_there(environment: Path, tmp_path: Path) -> None:
    shown = run(tmp_path, environment / "bin" / "facefusion-mock", "errors")
    assert "FailedOperation.FuseFreqCtrl" in shown


def test_the_plugin_fuses_in_each_worker(environment: Path, tmp_path: Path) -> None:
    """From an empty folder; each of two xdist workers has a server of its own."""
    (tmp_path / "test_it.py").write_text(TEST)
    words = ("-m", "pytest", "-q", "-n", "2", "--dist", "each", "-p", "no:cacheprovider")
    run(tmp_path, environment / "bin" / "python", *words, ENVIRONMENT=str(environment))
    urls = {(tmp_path / worker).read_text() for worker in ("gw0", "gw1")}
    assert len(urls) == 2
