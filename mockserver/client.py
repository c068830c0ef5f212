"""A small caller of the API: signs one request, sends it, saves the picture."""

import json
import ssl
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx

from mockserver.gateway.tc3 import Signed, sign_request
from mockserver.remote import Remote, RemoteError

JSON_TYPE = "application/json"


@dataclass(frozen=True)
class Caller:
    """Where to call, and as whom."""

    endpoint: str
    secret_id: str
    secret_key: str
    admin_token: str | None = None  # where the server wants one for /_mock

    @property
    def host(self) -> str:
        """The Host header's value."""
        return urlsplit(self.endpoint).netloc

    def sign(self, payload: bytes, timestamp: int | None = None) -> tuple[Signed, int]:
        """Sign a JSON POST; without a timestamp, for now."""
        moment = int(time.time()) if timestamp is None else timestamp
        signed = sign_request(
            secret_id=self.secret_id,
            secret_key=self.secret_key,
            service="facefusion",
            timestamp=moment,
            headers=[("content-type", JSON_TYPE), ("host", self.host)],
            payload=payload,
        )
        return signed, moment

    def call(
        self, action: str, params: dict[str, Any], *, version: str, language: str
    ) -> dict[str, Any]:
        """Send one call and return what stands in Response. Raises httpx.HTTPError, ValueError."""
        payload = json.dumps(params).encode()
        signed, moment = self.sign(payload, self._server_time())
        headers = {
            "Authorization": signed.authorization,
            "Content-Type": JSON_TYPE,
            "Host": self.host,
            "X-TC-Action": action,
            "X-TC-Version": version,
            "X-TC-Timestamp": str(moment),
            "X-TC-Region": "ap-guangzhou",
            "X-TC-Language": language,
        }
        with _http(60) as http:
            answer = http.post(self.endpoint, content=payload, headers=headers)
        response: dict[str, Any] = answer.json()["Response"]
        return response

    def _server_time(self) -> int:
        """Return the mock's time, which a test may have moved; else this machine's."""
        server = Remote(self.endpoint.rstrip("/"), self.admin_token, seconds=10)
        try:
            return int(server.ask("GET", "/clock")["now"])
        except RemoteError:  # the call itself will tell when nobody is there
            return int(time.time())

    def download(self, url: str) -> bytes:
        """Return a result picture. Raises httpx.HTTPError."""
        with _http(60) as http:
            return http.get(url).raise_for_status().content


def _http(seconds: float) -> httpx.Client:
    """Return a client without a proxy, which trusts what SSL_CERT_FILE or the system names."""
    trusted = ssl.create_default_context()
    return httpx.Client(timeout=seconds, trust_env=False, verify=trusted)
