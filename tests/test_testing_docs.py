"""docs/testing*.md: the examples are those that are run, and a failure looks as it says."""

import re

import pytest

from mockserver.testing import MockServer
from mockserver.testing.server import option_names
from tests.live import error_of, face_fusion
from tests.pages import blocks, both, each
from tests.readme_tables import ROOT

EXAMPLES = ROOT / "tests" / "examples"
BUSY = "FailedOperation.FuseFreqCtrl"
each_text = each(both("testing"))


@each_text
def test_every_example_is_shown_as_it_is_run(text: str) -> None:
    files = {file.read_text("utf-8") for file in EXAMPLES.glob("*.py")}
    assert set(blocks(text, "python")) == files


@pytest.mark.facefusion_mock(frozen=True)
def test_the_failure_shown_is_what_is_said(facefusion_mock: MockServer) -> None:
    client, request = facefusion_mock.client(), face_fusion()
    facefusion_mock.fault(BUSY, times=2, id="busy")
    for pause in (1, 2):
        assert error_of(client, request)[0] == BUSY
        facefusion_mock.clock.advance(pause)
    client.FaceFusion(request)
    with pytest.raises(AssertionError) as failed:
        facefusion_mock.requests.assert_retried(attempts=4, codes=[BUSY], min_spacing=[1, 4])
    for page in both("testing"):
        assert f"{failed.value}\n" in blocks(page.read_text("utf-8"), "text")


@each_text
def test_every_fault_shown_is_taken(text: str, facefusion_mock: MockServer) -> None:
    (shown,) = [block for block in blocks(text, "text") if "mock.fault(" in block]
    calls = re.findall(r"^(mock\.fault\(.*?\))(?:  |$)", shown, re.MULTILINE)
    assert len(calls) == len(shown.splitlines())
    for call in calls:
        eval(call, {"mock": facefusion_mock, "key": facefusion_mock.key})


@each_text
def test_every_word_in_code_for_the_mock_is_one(text: str, facefusion_mock: MockServer) -> None:
    for owner in ("clock", "state"):
        (row,) = re.findall(rf"^\| `{owner}` \| (.+) \|$", text, re.MULTILINE)
        for name in re.findall(r"`(\w+)(?:\(\))?`", row):
            assert hasattr(type(getattr(facefusion_mock, owner)), name), name


@each_text
def test_every_option_shown_is_one(text: str) -> None:
    (shown,) = [block for block in blocks(text, "text") if "@pytest.mark" in block]
    assert set(re.findall(r"(\w+)=", shown)) <= {"frozen", *option_names()}
