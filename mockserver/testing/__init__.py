"""The test author's kit: a mock in process or elsewhere, driven and questioned by a test.

A name is imported when it is first used: pytest loads this package for every suite, since the
plugin is in it.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mockserver.remote import RemoteError
    from mockserver.testing.access import KeyPair
    from mockserver.testing.client import MockClient
    from mockserver.testing.faults import Fault
    from mockserver.testing.requests import Requests
    from mockserver.testing.samples import fixtures
    from mockserver.testing.sandbox import Sandbox
    from mockserver.testing.server import MockServer
else:
    _HOMES = {
        "Fault": "mockserver.testing.faults",
        "KeyPair": "mockserver.testing.access",
        "MockClient": "mockserver.testing.client",
        "MockServer": "mockserver.testing.server",
        "RemoteError": "mockserver.remote",
        "Requests": "mockserver.testing.requests",
        "Sandbox": "mockserver.testing.sandbox",
        "fixtures": "mockserver.testing.samples",
    }

    def __getattr__(name: str) -> object:
        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(_HOMES[name]), name)


__all__ = [
    "Fault",
    "KeyPair",
    "MockClient",
    "MockServer",
    "RemoteError",
    "Requests",
    "Sandbox",
    "fixtures",
]
