"""A client that signs by the documentation; a subclass does one step of it wrong."""

import hashlib
import hmac
import json
from datetime import UTC, datetime
from typing import Any

import httpx

from mockserver.state.models import DEFAULT_SECRET_ID, DEFAULT_SECRET_KEY
from tests.live import Live

# Characters that JSON libraries write differently, and parameters that fail without a picture.
PARAMS = {"ProjectId": "0", "ModelId": "素材/1&=", "RspImgType": "url"}


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


class Signer:
    """Every step of TC3-HMAC-SHA256, and what is sent."""

    secret_id = DEFAULT_SECRET_ID
    secret_key = DEFAULT_SECRET_KEY
    method = "POST"
    query = ""  # as sent
    body = json.dumps(PARAMS).encode()  # as sent

    def __init__(self, live: Live) -> None:
        self.live = live
        self.moment = int(live.world.clock.now())

    def further_headers(self) -> dict[str, str]:
        return {}

    def sent_content_type(self) -> str:
        return "application/json"

    def sent_timestamp(self) -> str:
        return str(self.moment)

    def sent_signature(self) -> str:
        return self.signature()

    def host(self) -> str:
        return self.live.authority

    def content_type(self) -> str:
        return self.sent_content_type()

    def signed_method(self) -> str:
        return self.method

    def signed_query(self) -> str:
        return self.query

    def hashed_payload(self) -> str:
        return sha256(self.body)

    def header_lines(self) -> str:
        return f"content-type:{self.content_type()}\nhost:{self.host()}\n"

    def signed_headers(self) -> str:
        return "content-type;host"

    def listed_headers(self) -> str:
        return self.signed_headers()

    def canonical_request(self) -> str:
        return (
            f"{self.signed_method()}\n/\n{self.signed_query()}\n{self.header_lines()}\n"
            f"{self.listed_headers()}\n{self.hashed_payload()}"
        )

    def date(self) -> str:
        return datetime.fromtimestamp(self.moment, UTC).strftime("%Y-%m-%d")

    def service(self) -> str:
        return "facefusion"

    def terminator(self) -> str:
        return "tc3_request"

    def credential_scope(self) -> str:
        return f"{self.date()}/{self.service()}/{self.terminator()}"

    def signed_scope(self) -> str:
        return self.credential_scope()

    def signed_timestamp(self) -> str:
        return self.sent_timestamp()

    def hashed_canonical_request(self) -> str:
        return sha256(self.canonical_request().encode())

    def string_to_sign(self) -> str:
        return "\n".join(
            (
                "TC3-HMAC-SHA256",
                self.signed_timestamp(),
                self.signed_scope(),
                self.hashed_canonical_request(),
            )
        )

    def first_key(self) -> bytes:
        return f"TC3{self.secret_key}".encode()

    def chain(self) -> tuple[str, str, str]:
        return self.date(), self.service(), self.terminator()

    def derive(self, key: bytes, part: str) -> bytes:
        return hmac.digest(key, part.encode(), "sha256")

    def signing_key(self) -> bytes:
        key = self.first_key()
        for part in self.chain():
            key = self.derive(key, part)
        return key

    def signature(self) -> str:
        return hmac.digest(self.signing_key(), self.string_to_sign().encode(), "sha256").hex()

    def headers(self) -> dict[str, str]:
        return {
            "host": self.live.authority,
            "content-type": self.sent_content_type(),
            "x-tc-action": "FaceFusion",
            "x-tc-version": "2018-12-01",
            "x-tc-timestamp": self.sent_timestamp(),
            "x-tc-region": "ap-guangzhou",
            "authorization": (
                f"TC3-HMAC-SHA256 Credential={self.secret_id}/{self.credential_scope()}, "
                f"SignedHeaders={self.signed_headers()}, Signature={self.sent_signature()}"
            ),
            **self.further_headers(),
        }

    def send(self) -> dict[str, Any]:
        """Send the call; return what stands in Response."""
        url = f"{self.live.url}/" + (f"?{self.query}" if self.query else "")
        body = None if self.method == "GET" else self.body
        answer = httpx.request(self.method, url, headers=self.headers(), content=body)
        response: dict[str, Any] = answer.json()["Response"]
        return response


def entry_of(live: Live, response: dict[str, Any]) -> dict[str, Any]:
    """The journal's entry of an answered call."""
    answer = httpx.get(f"{live.url}/_mock/requests/{response['RequestId']}")
    entry: dict[str, Any] = answer.raise_for_status().json()
    return entry


def diagnosis_of(live: Live, response: dict[str, Any]) -> dict[str, Any]:
    """The diagnosis of a refused call."""
    diagnosis: dict[str, Any] = entry_of(live, response)["diagnosis"]
    return diagnosis
