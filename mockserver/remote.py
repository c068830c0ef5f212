"""A running server, asked at its own endpoints: by the command line, by tests."""

import http.client
import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit


class RemoteError(Exception):
    """The server does not answer, or refuses; the text says so in one line.

    `status` is the answer's, if there was one.
    """

    def __init__(self, text: str, status: int | None = None) -> None:
        super().__init__(text)
        self.status = status


@dataclass(frozen=True)
class Remote:
    """Where a server is, the admin token that it wants, if any, and how long an answer may take.

    The standard library's client, for it must cost little: the image's health check runs it every
    few seconds.
    """

    url: str
    token: str | None = field(default=None, repr=False)
    seconds: float = 30

    def ask(self, method: str, path: str, body: Any = None, **query: Any) -> Any:
        """Send a request to `/_mock` and return the JSON answer; None where there is no content.

        What is None in the query is left out. Raises RemoteError.
        """
        wanted = {name: value for name, value in query.items() if value is not None}
        target = f"/_mock{path}" + (f"?{urlencode(wanted)}" if wanted else "")
        shown = self.url.rstrip("/") + target
        try:
            status, content = self._send(method, target, body)
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise RemoteError(f"{shown}: {error or type(error).__name__}") from None
        if status >= 300:
            raise RemoteError(f"{shown}: HTTP {status} {_reason(content)}", status)
        try:
            return json.loads(content) if content else None
        except ValueError:
            raise RemoteError(f"{shown} does not answer as facefusion-mock does") from None

    def discard(self, path: str) -> None:
        """Delete what may be gone already. Raises RemoteError."""
        try:
            self.ask("DELETE", path)
        except RemoteError as error:
            if error.status != 404:
                raise

    def _send(self, method: str, target: str, body: Any) -> tuple[int, bytes]:
        connection, path = self._connection()
        headers = {"content-type": "application/json"}
        if self.token:
            headers["authorization"] = f"Bearer {self.token}".encode().decode("latin-1")
        content = None if body is None else json.dumps(body).encode()
        try:
            connection.request(method, path + target, content, headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def _connection(self) -> tuple[http.client.HTTPConnection, str]:
        parts = urlsplit(self.url)
        if parts.scheme not in ("http", "https"):
            raise ValueError("an address begins with http:// or https://")
        is_secure = parts.scheme == "https"
        kind = http.client.HTTPSConnection if is_secure else http.client.HTTPConnection
        return kind(parts.netloc, timeout=self.seconds), parts.path.rstrip("/")


def _reason(content: bytes) -> str:
    """Return why a request was refused: of every mistake, where it is and what is wrong."""
    try:
        detail = json.loads(content)["detail"]
    except (ValueError, TypeError, KeyError):
        return content[:4096].decode("utf-8", "replace")
    if isinstance(detail, str):
        return detail
    return "; ".join(f"{'.'.join(map(str, one['loc'][1:]))}: {one['msg']}" for one in detail)
