"""One request's facts, filled as it advances."""

from dataclasses import dataclass, field
from typing import Any

from mockserver.errors import Language
from mockserver.faults.rule import Act, ResultFault
from mockserver.gateway.connection import Peer
from mockserver.gateway.tc3 import Authorization
from mockserver.state.clock import MockClock
from mockserver.state.journal import Picture
from mockserver.state.models import Account
from mockserver.stopwatch import Stopwatch

FORM_TYPE = "application/x-www-form-urlencoded"
MULTIPART_TYPE = "multipart/form-data"
_LONG = 256  # characters of an action in the log


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
    clock: MockClock = field(default_factory=MockClock)  # the server's, or that of the key
    peer: Peer | None = None  # who waits for the answer, when it came over a connection
    body: bytes = b""
    body_size: int = 0
    server_name: str = ""  # that the TLS connection was made to

    v1: bool = False  # signed by the method before TC3, so its parameters stand in query or form
    common: dict[str, str] = field(default_factory=dict)  # Action, Version, ... without X-TC-
    authorization: Authorization | None = None
    account: Account | None = None
    secret_id: str = ""
    params: dict[str, Any] = field(default_factory=dict)
    texts: bool = False  # every value in `params` is a text, whatever its type should be
    pictures: list[Picture] = field(default_factory=list)
    result: str | None = None  # the link to the stored result
    faults: list[str] = field(default_factory=list)  # ids of the fault rules that acted
    act: Act | None = None  # what a rule does to the answer
    result_fault: ResultFault | None = None
    stopwatch: Stopwatch = field(default_factory=Stopwatch)
    code: str = "OK"
    message: str = ""

    def header(self, name: str) -> str:
        """Return a header by its lower-case name; empty when it was not sent."""
        return self.headers.get(name, "")

    def logged(self, **more: object) -> dict[str, object]:
        """What a log line of the call carries beside its text, as `extra`."""
        fields = {"RequestId": self.request_id, "action": self.action[:_LONG], **more}
        return {"fields": fields}

    @property
    def content_type(self) -> str:
        """The content type without its parameters, in lower case."""
        return self.header("content-type").partition(";")[0].strip().lower()

    @property
    def action(self) -> str:
        """The action that is called; empty until it is known."""
        return self.common.get("Action", "")

    @property
    def version(self) -> str:
        """The API's version; empty until it is known."""
        return self.common.get("Version", "")

    @property
    def language(self) -> Language:
        """The language of messages; English when none or an unknown one is asked (inferred)."""
        asked = self.common.get("Language") or self.header("x-tc-language")
        return "zh-CN" if asked == "zh-CN" else "en-US"
