"""The testcontainers class, as far as it goes without a Docker engine."""

from pathlib import Path
from typing import Any

import pytest

from mockserver.testing import RemoteError
from mockserver.testing.container import PORT, FaceFusionContainer
from tests.live import FIXTURES, Live, face_fusion

# With its version given no engine is asked for it.
NO_ENGINE: dict[str, Any] = {"docker_client_kw": {"version": "1.44"}}


class Elsewhere(FaceFusionContainer):
    """A container whose engine says that it listens where a live server does."""

    def __init__(self, live: Live) -> None:
        super().__init__(**NO_ENGINE)
        self._at = live.authority.split(":")

    def get_container_host_ip(self) -> str:
        return self._at[0]

    def get_exposed_port(self, port: int) -> int:
        assert port == PORT
        return int(self._at[1])


def test_what_it_asks_of_the_engine() -> None:
    container = FaceFusionContainer(**NO_ENGINE)
    assert (container.image, container.ports) == ("facefusion-mock", {"8670": None})
    assert (container.env, container.volumes) == ({}, {})
    container = FaceFusionContainer("mine:1", admin_token="secret", **NO_ENGINE)
    container.with_env("FACEFUSION_MOCK_WORKERS", "1")
    assert container.image == "mine:1"
    assert container.env == {
        "FACEFUSION_MOCK_ADMIN_TOKEN": "secret",
        "FACEFUSION_MOCK_WORKERS": "1",
    }


@pytest.mark.parametrize(
    ("seed", "inside"), [(FIXTURES, "/seed"), (FIXTURES / "seed.yaml", "/seed/seed.yaml")]
)
def test_a_seed_is_mounted_with_what_lies_beside_it(seed: Path, inside: str) -> None:
    container = FaceFusionContainer(seed=seed, **NO_ENGINE)
    assert container.env == {"FACEFUSION_MOCK_SEED": inside}
    assert container.volumes == {str(FIXTURES): {"bind": "/seed", "mode": "ro"}}


def test_it_is_a_mock_once_it_runs(live: Live) -> None:
    container = Elsewhere(live)
    with pytest.raises(RuntimeError, match="not running"):
        container.reset()
    assert container._wait_strategy is not None
    container._wait_strategy.wait_until_ready(container)
    container._join()
    assert container.url == live.url
    assert container.client().FaceFusion(face_fusion()).Image
    container.requests.assert_called(times=1, code="OK")


def test_it_waits_for_a_mock_that_is_not_ready(live: Live) -> None:
    container = Elsewhere(live)
    container._at = ["127.0.0.1", "9"]
    assert container._wait_strategy is not None
    container._wait_strategy.with_startup_timeout(0)
    with pytest.raises(TimeoutError):
        container._wait_strategy.wait_until_ready(container)
    container._join()
    with pytest.raises(RemoteError, match="refused"):
        container.reset()
