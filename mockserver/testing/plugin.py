"""The pytest plugin: the fixture `facefusion_mock`, and the marker of that name for its options.

Nothing of the mock is imported before a test asks for the fixture.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from mockserver.testing.server import MockServer

_MARKER = "facefusion_mock"


class Place:
    """Room for one mock, which stays for the next tests as long as their options are the same."""

    def __init__(self) -> None:
        self._options: Mapping[str, Any] = {}
        self._mock: MockServer | None = None

    def get(self, options: Mapping[str, Any]) -> MockServer:
        """Return a running mock with these options. Raises as `MockServer.start`."""
        from mockserver.testing.server import MockServer

        if self._mock is None or options != self._options:
            self.stop()
            self._mock, self._options = MockServer(**options), options
        if not self._mock.is_running:  # a test may have stopped it
            self._mock.start()
        return self._mock

    def stop(self) -> None:
        """Stop the mock, if there is one."""
        if self._mock is not None:
            self._mock.stop()


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known."""
    what = "options of the mock that the fixture facefusion_mock gives"
    config.addinivalue_line("markers", f"{_MARKER}(seed, verify, frozen, **settings): {what}")


@pytest.fixture(scope="session")
def _facefusion_places() -> Iterator[tuple[Place, Place]]:
    """For mocks without options, and for those with some: two at once at most."""
    plain, other = Place(), Place()
    yield plain, other
    plain.stop()
    other.stop()


@pytest.fixture
def facefusion_mock(
    request: pytest.FixtureRequest, _facefusion_places: tuple[Place, Place]
) -> MockServer:
    """A running mock, as at its start: a server in this process that the session's tests share."""
    options = _options(request)
    is_frozen = options.pop("frozen", False)
    mock = _facefusion_places[bool(options)].get(options)
    mock.reset()
    if is_frozen:
        mock.clock.freeze()
    return mock


def _options(request: pytest.FixtureRequest) -> dict[str, Any]:
    """Return what the test's markers say, the closest one winning; a seed is beside the test."""
    from mockserver.testing.server import option_names, refuse_unknown

    options: dict[str, Any] = {}
    for marker in reversed(list(request.node.iter_markers(_MARKER))):
        if marker.args:
            pytest.fail(f"@pytest.mark.{_MARKER} takes options by name only", pytrace=False)
        options |= marker.kwargs
    try:
        refuse_unknown(options, {"frozen", *option_names()})
    except TypeError as error:
        pytest.fail(f"@pytest.mark.{_MARKER}: {error}", pytrace=False)
    if "seed" in options:
        options["seed"] = request.path.parent / options["seed"]
    return options
