"""Clients that sign wrongly, each in its own way."""

import base64
import hmac
import json
from urllib.parse import quote

from tests.signer import PARAMS, Signer, sha256

REAL_HOST = "facefusion.tencentcloudapi.com"
QUERY = "RspImgType=url&ProjectId=0&ModelId=%E7%B4%A0%E6%9D%90%20a"


class TheRealHost(Signer):
    def host(self) -> str:
        return REAL_HOST


class TheUsualPort(Signer):
    def host(self) -> str:
        return "localhost:8670"


class NoCharset(Signer):
    def sent_content_type(self) -> str:
        return "application/json; charset=utf-8"

    def content_type(self) -> str:
        return "application/json"


class ACharset(Signer):
    def content_type(self) -> str:
        return "application/json; charset=utf-8"


class CompactJson(Signer):
    def hashed_payload(self) -> str:
        return sha256(json.dumps(PARAMS, separators=(",", ":"), ensure_ascii=False).encode())


class SortedJson(Signer):
    def hashed_payload(self) -> str:
        return sha256(json.dumps(PARAMS, sort_keys=True).encode())


class JsonEscapedAsByGo(Signer):
    def hashed_payload(self) -> str:
        text = json.dumps(PARAMS, separators=(",", ":"), ensure_ascii=False)
        return sha256(text.replace("&", "\\u0026").encode())


class JsonEscapedAsByPhp(Signer):
    def hashed_payload(self) -> str:
        text = json.dumps(PARAMS, separators=(",", ":"))
        return sha256(text.replace("/", "\\/").encode())


class LargeJson(Signer):
    body = json.dumps({**PARAMS, "Image": "/9j/" * 100_000}).encode()

    def hashed_payload(self) -> str:
        return sha256(json.dumps(json.loads(self.body), separators=(",", ":")).encode())


class AnotherEncoding(Signer):
    body = json.dumps(PARAMS, ensure_ascii=False).encode()

    def hashed_payload(self) -> str:
        return sha256(self.body.decode().encode("gbk"))


class ALineBreakMore(Signer):
    body = json.dumps(PARAMS).encode() + b"\n"

    def hashed_payload(self) -> str:
        return sha256(self.body.strip())


class ALineBreakLess(Signer):
    def hashed_payload(self) -> str:
        return sha256(self.body + b"\n")


class NoPayload(Signer):
    def hashed_payload(self) -> str:
        return sha256(b"")


class UnsignedPayload(Signer):
    def hashed_payload(self) -> str:
        return sha256(b"UNSIGNED-PAYLOAD")


class PayloadSignedAllTheSame(Signer):
    def further_headers(self) -> dict[str, str]:
        return {"x-tc-content-sha256": "UNSIGNED-PAYLOAD"}


class BodyInItself(Signer):
    def hashed_payload(self) -> str:
        return self.body.decode()


class AnotherServiceInTheKey(Signer):
    def chain(self) -> tuple[str, str, str]:
        return self.date(), "cvm", self.terminator()


class YesterdayInTheKey(Signer):
    def chain(self) -> tuple[str, str, str]:
        self.moment -= 86400
        yesterday = self.date()
        self.moment += 86400
        return yesterday, self.service(), self.terminator()


class AnotherTerminatorInTheKey(Signer):
    def chain(self) -> tuple[str, str, str]:
        return self.date(), self.service(), "aws4_request"


class MillisecondsInTheString(Signer):
    def signed_timestamp(self) -> str:
        return f"{self.moment}678"


class SecondsTakenTwice(Signer):
    def signed_timestamp(self) -> str:
        return str(self.moment + 2)


class NoPrefix(Signer):
    def first_key(self) -> bytes:
        return self.secret_key.encode()


class ALineBreakInTheKey(Signer):
    def first_key(self) -> bytes:
        return f"TC3{self.secret_key}\n".encode()


class SpacesAroundTheKey(Signer):
    def first_key(self) -> bytes:
        return f"TC3 {self.secret_key} ".encode()


class UpperCaseSignature(Signer):
    def sent_signature(self) -> str:
        return self.signature().upper()


class Base64Signature(Signer):
    def sent_signature(self) -> str:
        return base64.b64encode(bytes.fromhex(self.signature())).decode()


class Base64OfHex(Signer):
    def sent_signature(self) -> str:
        return base64.b64encode(self.signature().encode()).decode()


class UpperCasePayloadHash(Signer):
    def hashed_payload(self) -> str:
        return sha256(self.body).upper()


class UpperCaseRequestHash(Signer):
    def hashed_canonical_request(self) -> str:
        return sha256(self.canonical_request().encode()).upper()


class UnsortedLines(Signer):
    def header_lines(self) -> str:
        return f"host:{self.host()}\ncontent-type:{self.content_type()}\n"


class UnsortedLinesAndList(UnsortedLines):
    def listed_headers(self) -> str:
        return "host;content-type"


class CapitalsInTheLines(Signer):
    def header_lines(self) -> str:
        return f"Content-Type:{self.content_type()}\nHost:{self.host()}\n"


class CapitalsInTheList(Signer):
    def signed_headers(self) -> str:
        return "Content-Type;Host"


class OneHeaderMore(Signer):
    def header_lines(self) -> str:
        return super().header_lines() + "x-tc-action:facefusion\n"

    def listed_headers(self) -> str:
        return "content-type;host;x-tc-action"


class AnotherHeaderValue(Signer):
    def signed_headers(self) -> str:
        return "content-type;host;x-tc-region"

    def header_lines(self) -> str:
        return super().header_lines() + "x-tc-region:\n"


class ASpaceAfterTheColon(Signer):
    def header_lines(self) -> str:
        return f"content-type: {self.content_type()}\nhost: {self.host()}\n"


class NoBlankLine(Signer):
    def canonical_request(self) -> str:
        return super().canonical_request().replace("\n\ncontent-type;", "\ncontent-type;")


class Get(Signer):
    method = "GET"
    query = QUERY
    body = b""

    def sent_content_type(self) -> str:
        return "application/x-www-form-urlencoded"


class QuerySorted(Get):
    def signed_query(self) -> str:
        return "&".join(sorted(self.query.split("&")))


class QueryWithPlus(Get):
    def signed_query(self) -> str:
        return self.query.replace("%20", "+")


class QueryNotEncoded(Get):
    def signed_query(self) -> str:
        return "RspImgType=url&ProjectId=0&ModelId=素材 a"


class QueryEncodedTwice(Get):
    def signed_query(self) -> str:
        return quote(self.query, safe="=&")


class SignedAsGet(Signer):
    def signed_method(self) -> str:
        return "GET"


class HexInTheChain(Signer):
    def derive(self, key: bytes, part: str) -> bytes:
        return super().derive(key, part).hex().encode()


class HexAtTheEndOfTheChain(Signer):
    def signing_key(self) -> bytes:
        return super().signing_key().hex().encode()


class SwappedArguments(Signer):
    def derive(self, key: bytes, part: str) -> bytes:
        return hmac.digest(part.encode(), key, "sha256")

    def signature(self) -> str:
        return hmac.digest(self.string_to_sign().encode(), self.signing_key(), "sha256").hex()


class KeyNotDerived(Signer):
    def signing_key(self) -> bytes:
        return self.secret_key.encode()


class RequestNotHashed(Signer):
    def hashed_canonical_request(self) -> str:
        return self.canonical_request()


class CredentialForScope(Signer):
    def signed_scope(self) -> str:
        return f"{self.secret_id}/{self.credential_scope()}"


class RealHostAndNoPrefix(TheRealHost, NoPrefix):
    pass


class CharsetAndLineBreakInTheKey(ACharset, ALineBreakInTheKey):
    pass


class CompactJsonAndHexChain(CompactJson, HexInTheChain):
    pass


class NoPrefixUpperCase(NoPrefix, UpperCaseSignature):
    pass
