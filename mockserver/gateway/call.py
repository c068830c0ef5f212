"""One request's facts, filled as it advances."""

from dataclasses import dataclass, field
from typing import Any

from mockserver.errors import Language
from mockserver.state.models import Account


@dataclass(slots=True)
class Call:
    """A request to the emulated API.

    The first block is what came over the wire, `headers` by lower-case name; the second is filled
    by the steps of `handle`.
    """

    method: str
    scheme: str
    query: str
    headers: dict[str, str]
    client: str
    request_id: str
    received: float  # the clock's time, seconds since 1970-01-01 UTC
    body: bytes = b""
    body_too_large: bool = False

    action: str = ""
    version: str = ""
    account: Account | None = None
    secret_id: str = ""
    params: dict[str, Any] = field(default_factory=dict)
    code: str = "OK"

    def header(self, name: str) -> str:
        """Return a header by its lower-case name; empty when it was not sent."""
        return self.headers.get(name, "")

    @property
    def language(self) -> Language:
        """The language of messages; English when none or an unknown one is asked (inferred)."""
        return "zh-CN" if self.header("x-tc-language") == "zh-CN" else "en-US"
