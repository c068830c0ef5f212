"""Requests made by hand, for what no SDK would send."""

import json
from dataclasses import dataclass, field
from typing import Any

import httpx

from mockserver.gateway.tc3 import payload_hash, sign, signing_key, string_to_sign, utc_date
from mockserver.state.models import DEFAULT_SECRET_ID, DEFAULT_SECRET_KEY
from tests.live import Live

# A request that passes authentication and then fails at once, without a picture.
PROBE = {"ProjectId": "0", "ModelId": "0", "RspImgType": "url"}
PASSED = "InvalidParameterValue.ActivityIdNotFound"


@dataclass
class Wire:
    """A signed POST whose every part can be changed before or after it is signed."""

    live: Live
    secret_id: str = DEFAULT_SECRET_ID
    secret_key: str = DEFAULT_SECRET_KEY
    service: str = "facefusion"
    body: bytes = field(default_factory=lambda: json.dumps(PROBE).encode())
    content_type: str = "application/json"
    timestamp: int | None = None
    date: str | None = None
    signed_names: tuple[str, ...] = ("content-type", "host")
    headers: dict[str, str] = field(default_factory=dict)

    def signed(self) -> dict[str, str]:
        """All headers, the signature among them."""
        moment = int(self.live.world.clock.now()) if self.timestamp is None else self.timestamp
        headers = {
            "host": self.live.authority,
            "content-type": self.content_type,
            "x-tc-action": "FaceFusion",
            "x-tc-version": "2018-12-01",
            "x-tc-timestamp": str(moment),
            "x-tc-region": "ap-guangzhou",
            **self.headers,
        }
        lines = "".join(f"{name}:{headers[name].lower()}\n" for name in self.signed_names)
        names = ";".join(self.signed_names)
        canonical = f"POST\n/\n\n{lines}\n{names}\n{payload_hash(self.body)}"
        date = self.date or utc_date(moment)
        scope = f"{date}/{self.service}/tc3_request"
        key = signing_key(self.secret_key, date, self.service)
        signature = sign(key, string_to_sign(moment, scope, canonical))
        headers["authorization"] = (
            f"TC3-HMAC-SHA256 Credential={self.secret_id}/{scope}, "
            f"SignedHeaders={names}, Signature={signature}"
        )
        return headers

    def send(self, **changes: str | None) -> dict[str, Any]:
        """Sign, then change headers (underscores for hyphens; None removes one), and send."""
        headers = self.signed()
        for name, value in changes.items():
            headers[name.replace("_", "-")] = value or ""
            if value is None:
                del headers[name.replace("_", "-")]
        return post(self.live, headers, self.body)


def post(live: Live, headers: dict[str, str], body: bytes, method: str = "POST") -> dict[str, Any]:
    """Send a request and return what stands in Response."""
    answer = httpx.request(method, f"{live.url}/", headers=headers, content=body)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    response: dict[str, Any] = answer.json()["Response"]
    assert len(response["RequestId"]) == 36
    return response


def code_of(response: dict[str, Any]) -> str:
    """The error's code."""
    return str(response["Error"]["Code"])
