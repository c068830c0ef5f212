"""Signed requests, prepared so far that sending one costs a load client next to nothing."""

import hashlib
import json
import struct
import time
from base64 import b64encode
from dataclasses import dataclass
from pathlib import Path

from mockserver.gateway import tc3
from mockserver.state.models import DEFAULT_SECRET_ID

_TYPE = "application/json"
_SERVICE = "facefusion"
_COMMENT, _END = b"\xff\xfe", b"\xff\xd9"  # JPEG markers


class Body:
    """A request body whose picture gets another serial number, hence another hash, each time.

    The number stands in a comment before the JPEG's end. All before it is encoded and hashed
    once, so that a new body costs a few microseconds.
    """

    def __init__(self, picture: bytes, project: str, model: str) -> None:
        params = {"ProjectId": project, "ModelId": model, "RspImgType": "url"}
        front = json.dumps(params)[:-1] + ', "Image": "'
        self._head = front.encode() + b64encode(_aligned(picture))
        self._hash = hashlib.sha256(self._head)

    def numbered(self, serial: int) -> tuple[bytes, bytes, str]:
        """Both parts of the body, and the SHA-256 of the whole."""
        digits = f"{serial:08}".encode()
        comment = _COMMENT + struct.pack(">H", 2 + len(digits)) + digits
        tail = b64encode(comment + _END) + b'"}'
        whole = self._hash.copy()
        whole.update(tail)
        return self._head, tail, whole.hexdigest()


def _aligned(picture: bytes) -> bytes:
    """The JPEG without its end, padded by fill bytes so that base64 can go on after it."""
    open_end = picture.removesuffix(_END)
    return open_end + b"\xff" * (-len(open_end) % 3)


def bodies(folder: Path, project: str, model: str) -> list[Body]:
    """One body for each picture of a folder."""
    return [Body(file.read_bytes(), project, model) for file in sorted(folder.glob("*.jpg"))]


@dataclass(frozen=True)
class Signer:
    """Signs for one host with one key, strictly as documented."""

    host: str
    secret_key: str

    def request(self, head: bytes, tail: bytes, body_hash: str) -> bytes:
        """A whole HTTP/1.1 request, signed for now."""
        moment = int(time.time())
        fields = (
            f"POST / HTTP/1.1\r\nHost: {self.host}\r\nContent-Type: {_TYPE}\r\n"
            f"Content-Length: {len(head) + len(tail)}\r\n"
            f"Authorization: {self._authorization(moment, body_hash)}\r\n"
            f"X-TC-Action: FaceFusion\r\nX-TC-Version: 2018-12-01\r\n"
            f"X-TC-Timestamp: {moment}\r\nX-TC-Region: ap-guangzhou\r\n\r\n"
        )
        return b"".join((fields.encode(), head, tail))

    def _authorization(self, moment: int, body_hash: str) -> str:
        headers = (("content-type", _TYPE), ("host", self.host))
        canonical = tc3.canonical_request("POST", "", headers, body_hash)
        date = tc3.utc_date(moment)
        scope = f"{date}/{_SERVICE}/{tc3.TERMINATOR}"
        key = tc3.signing_key(self.secret_key, date, _SERVICE)
        signature = tc3.sign(key, tc3.string_to_sign(moment, scope, canonical))
        return (
            f"{tc3.ALGORITHM} Credential={DEFAULT_SECRET_ID}/{scope}, "
            f"SignedHeaders=content-type;host, Signature={signature}"
        )
