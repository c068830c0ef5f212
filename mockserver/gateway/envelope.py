"""The answer's envelope: HTTP 200, `application/json`, one object named Response."""

from dataclasses import dataclass, field
from typing import Any

import msgspec

from mockserver.errors import ApiError
from mockserver.gateway.call import Call

# Exactly this, without a charset: the Python SDK reads errors from no other (observed).
CONTENT_TYPE = "application/json"


@dataclass(slots=True)
class Answer:
    """What goes back over the wire."""

    body: bytes
    status: int = 200
    headers: dict[str, str] = field(default_factory=lambda: {"content-type": CONTENT_TYPE})

    @property
    def start(self) -> dict[str, Any]:
        """The ASGI event that begins it."""
        headers = {**self.headers, "content-length": str(len(self.body))}
        pairs = [
            (name.encode(), text.encode("latin-1", "replace")) for name, text in headers.items()
        ]
        return {"type": "http.response.start", "status": self.status, "headers": pairs}


def succeed(call: Call, result: dict[str, Any]) -> Answer:
    """Wrap an action's result."""
    return _wrap(call, result)


def fail(call: Call, error: ApiError) -> Answer:
    """Wrap an error in the caller's language."""
    call.code, call.message = error.code, error.message(call.language)
    return _wrap(call, {"Error": {"Code": call.code, "Message": call.message}})


def _wrap(call: Call, content: dict[str, Any]) -> Answer:
    answer = Answer(msgspec.json.encode({"Response": {**content, "RequestId": call.request_id}}))
    if trace_id := call.header("x-tc-traceid"):
        answer.headers["x-tc-traceid"] = trace_id  # the Node SDK reads it back (observed)
    return answer
