"""The servers that tests share."""

from collections.abc import Iterator

import httpx
import pytest

from mockserver.settings import Settings
from tests.live import Live, running


@pytest.fixture(scope="session")
def session_live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """One server with default settings for the whole run."""
    folder = tmp_path_factory.mktemp("results")
    with running(Settings(results_folder=folder)) as live:
        yield live


@pytest.fixture
def live(session_live: Live) -> Live:
    """The shared server, put back to its start, at a clock that stands still."""
    httpx.post(f"{session_live.url}/_mock/reset").raise_for_status()
    httpx.post(f"{session_live.url}/_mock/clock", json={"freeze": True}).raise_for_status()
    return session_live
