"""The pytest plugin: a clean mock for each test, options by a marker, no cost where unused."""

import subprocess
import sys
from pathlib import Path

import pytest

from mockserver.testing import MockServer
from tests.live import HOPPER, error_of, face_fusion

pytest_plugins = ["pytester"]

ALONE = ("-p", "no:asyncio")  # it warns where there is no configuration
BUSY = "FailedOperation.FuseFreqCtrl"

INNER = """
import pytest

pytestmark = pytest.mark.facefusion_mock(seed="mine/seed.yaml", workers=1)


@pytest.mark.facefusion_mock(frozen=True)
def test_options_of_module_and_test(facefusion_mock):
    assert (facefusion_mock.project_id, facefusion_mock.clock.is_frozen) == ("mine", True)


@pytest.mark.facefusion_mock(sed="x")
def test_unknown_option(facefusion_mock):
    pass


@pytest.mark.facefusion_mock("mine")
def test_option_without_a_name(facefusion_mock):
    pass


@pytest.mark.facefusion_mock(seed="none.yaml")
def test_seed_that_is_not_there(facefusion_mock):
    pass


def test_failure(facefusion_mock):
    facefusion_mock.requests.assert_called()
"""
SEED = "accounts: [{{projects: [{{id: mine, materials: [{{id: m, file: '{file}'}}]}}]}}]"


@pytest.mark.parametrize("turn", ["first", "second", "third"])
def test_each_test_finds_it_as_at_its_start(facefusion_mock: MockServer, turn: str) -> None:
    mock = facefusion_mock
    assert mock.requests.count() == 0
    assert (mock.clock.is_frozen, mock.state.account().billing) == (False, "normal")
    assert mock.client().FaceFusion(face_fusion()).Image
    mock.fault(BUSY)
    assert error_of(mock.client(), face_fusion())[0] == BUSY
    mock.state.change_account(billing="frozen")
    mock.clock.freeze("2030-01-01T00:00:00")
    if turn == "second":
        mock.stop()


@pytest.mark.facefusion_mock(verify=False, random_seed=7, workers=1, frozen=True)
def test_options_reach_the_server(facefusion_mock: MockServer) -> None:
    facefusion_mock.clock.set("2030-01-01T00:00:00")
    first = facefusion_mock.client().FaceFusion(face_fusion(RspImgType="url"))
    facefusion_mock.reset()
    facefusion_mock.clock.freeze("2030-01-01T00:00:00")
    again = facefusion_mock.client().FaceFusion(face_fusion(RspImgType="url"))
    assert (first.RequestId, first.Image) == (again.RequestId, again.Image)


def test_markers_are_joined_and_their_mistakes_told(pytester: pytest.Pytester) -> None:
    folder = pytester.mkdir("below")  # a seed is beside the test, wherever pytest is run
    folder.joinpath("mine").mkdir()
    folder.joinpath("mine", "seed.yaml").write_text(SEED.format(file=HOPPER))
    folder.joinpath("test_inner.py").write_text(INNER)
    done = pytester.runpytest_inprocess(*ALONE)
    done.assert_outcomes(passed=1, errors=3, failed=1)
    done.stdout.fnmatch_lines(
        [
            "@pytest.mark.facefusion_mock: there is no option sed; there are: *frozen, *verify*",
            "@pytest.mark.facefusion_mock takes options by name only",
            "*SeedError: *none.yaml: No such file or directory",
            "    def test_failure(facefusion_mock):",
            "E       AssertionError: expected at least 1 call, there were 0",
        ]
    )
    done.stdout.no_fnmatch_line("*def assert_called*")


def test_the_marker_is_listed(pytester: pytest.Pytester) -> None:
    done = pytester.runpytest_inprocess(*ALONE, "--markers")
    done.stdout.fnmatch_lines(["@pytest.mark.facefusion_mock(seed, verify, frozen, *"])


def test_a_suite_that_does_not_use_it_imports_nothing(tmp_path: Path) -> None:
    loaded = '[name for name in sys.modules if name.startswith("mockserver")]'
    heavy = '{"cv2", "fastapi", "http.client", "mediapipe", "numpy", "pydantic"} & set(sys.modules)'
    (tmp_path / "test_other.py").write_text(
        f"import sys\ndef test_other():\n    assert len({loaded}) == 3\n    assert not {heavy}\n"
    )
    words = [sys.executable, "-m", "pytest", "-p", "mockserver.testing.plugin", "-q"]
    done = subprocess.run(
        words,
        cwd=tmp_path,
        env={"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stdout
