"""Refusals whose reason the request itself shows, and what the journal says of them."""

import json
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from mockserver.gateway import v1
from mockserver.gateway.examiner import Examiner
from mockserver.state.models import DEFAULT_SECRET_ID, DEFAULT_SECRET_KEY
from tests.live import Live
from tests.mistaken import NoPrefix, TheRealHost
from tests.signer import PARAMS, Signer, diagnosis_of, entry_of
from tests.wire import code_of, post

INVALID = "AuthFailure.InvalidAuthorization"
NEAR_MIDNIGHT = 1700000000 - 1700000000 % 86400 + 86400 - 7200  # 22:00 UTC


@pytest.fixture(autouse=True)
def rested(live: Live) -> None:
    """Diagnoses have a share of the time; let other tests not have used it up."""
    live.world.examiner.close()
    live.world.examiner = Examiner()


class AnotherService(Signer):
    def service(self) -> str:
        return "cvm"


class AnotherDate(Signer):
    def date(self) -> str:
        return "2019-02-25"


class AnotherTerminator(Signer):
    def terminator(self) -> str:
        return "aws4_request"


class OnlyTheHost(Signer):
    def signed_headers(self) -> str:
        return "host"


class Milliseconds(Signer):
    def sent_timestamp(self) -> str:
        return f"{self.moment}678"


class Unwritten(Signer):
    def headers(self) -> dict[str, str]:
        return {**super().headers(), "authorization": "TC3-HMAC-SHA256 Credential"}


class AnotherServiceAndHost(AnotherService, TheRealHost):
    pass


class AnotherDateAndNoPrefix(AnotherDate, NoPrefix):
    pass


@pytest.mark.parametrize(
    ("client", "causes"),
    [
        (AnotherService, ["scope-service"]),
        (AnotherDate, ["scope-date"]),
        (AnotherTerminator, ["scope-terminator"]),
        (OnlyTheHost, ["signed-headers"]),
        (Milliseconds, ["timestamp-milliseconds"]),
        (Unwritten, ["authorization-form"]),
        (AnotherServiceAndHost, ["scope-service", "host"]),
        (AnotherDateAndNoPrefix, ["scope-date", "key-prefix"]),
    ],
)
def test_an_authorization_that_is_not_taken(
    live: Live, client: type[Signer], causes: list[str]
) -> None:
    response = client(live).send()
    assert code_of(response) == INVALID
    diagnosis = diagnosis_of(live, response)
    assert (diagnosis["causes"], diagnosis["proven"]) == (causes, True)


@pytest.mark.parametrize("client", [AnotherService, AnotherDate, AnotherTerminator, Milliseconds])
def test_the_scope_is_shown_as_it_was_and_as_it_should_be(live: Live, client: type[Signer]) -> None:
    signer, right = client(live), Signer(live)
    diagnosis = diagnosis_of(live, signer.send())
    assert diagnosis["server"] == {
        "canonical_request": right.canonical_request(),
        "string_to_sign": right.string_to_sign(),
    }
    assert diagnosis["client"] == {
        "canonical_request": signer.canonical_request(),
        "string_to_sign": signer.string_to_sign(),
    }


def test_a_local_date_shows_near_midnight_only(live: Live) -> None:
    class LocalDate(Signer):
        def date(self) -> str:
            self.moment += 8 * 3600
            local = super().date()
            self.moment -= 8 * 3600
            return local

    live.world.clock.set(NEAR_MIDNIGHT)
    response = LocalDate(live).send()
    assert code_of(response) == INVALID
    assert diagnosis_of(live, response)["causes"] == ["local-date"]
    live.world.clock.set(NEAR_MIDNIGHT - 12 * 3600)
    assert code_of(LocalDate(live).send()) != INVALID


@pytest.mark.parametrize(
    ("seconds", "cause"), [(8 * 3600, "time-zone"), (-5 * 3600 + 3, "time-zone"), (1000, "clock")]
)
def test_a_clock_that_is_off(live: Live, seconds: int, cause: str) -> None:
    signer = Signer(live)
    signer.moment += seconds
    response = signer.send()
    assert code_of(response) == "AuthFailure.SignatureExpire"
    assert diagnosis_of(live, response)["causes"] == [cause]


@pytest.mark.parametrize(
    ("secret_id", "code", "cause"),
    [
        (DEFAULT_SECRET_KEY, "AuthFailure.InvalidSecretId", "swapped-keys"),
        (f'"{DEFAULT_SECRET_ID}"', "AuthFailure.InvalidSecretId", "secret-id-spaces"),
        ("AKIDnobody", "AuthFailure.SecretIdNotFound", "secret-id-unknown"),
    ],
)
def test_a_wrong_secret_id(
    live: Live, secret_id: str, code: str, cause: str, caplog: pytest.LogCaptureFixture
) -> None:
    signer = Signer(live)
    signer.secret_id = secret_id
    response = signer.send()
    assert code_of(response) == code
    diagnosis = diagnosis_of(live, response)
    assert diagnosis["causes"] == [cause]
    assert DEFAULT_SECRET_KEY not in str(diagnosis) + caplog.text


def _temporary(live: Live) -> dict[str, Any]:
    url = f"{live.url}/_mock/state/keys/{DEFAULT_SECRET_ID}/temporary"
    pair: dict[str, Any] = httpx.post(url, json={"seconds": 60}).raise_for_status().json()
    return pair


@pytest.mark.parametrize(
    ("token", "later", "cause"),
    [(None, 0, "token-missing"), ("other", 0, "token-wrong"), ("", 60, "token-expired")],
)
def test_a_wrong_token(live: Live, token: str | None, later: int, cause: str) -> None:
    pair = _temporary(live)
    live.world.clock.advance(later)

    class Temporary(Signer):
        secret_id, secret_key = pair["TmpSecretId"], pair["TmpSecretKey"]

        def further_headers(self) -> dict[str, str]:
            return {} if token is None else {"x-tc-token": token or pair["Token"]}

    response = Temporary(live).send()
    assert code_of(response) == "AuthFailure.TokenFailure"
    entry = entry_of(live, response)
    assert entry["diagnosis"]["causes"] == [cause]
    assert pair["Token"] not in str(entry)
    assert pair["TmpSecretKey"] not in str(entry)


def test_a_token_with_a_permanent_key(live: Live) -> None:
    class WithToken(Signer):
        def further_headers(self) -> dict[str, str]:
            return {"x-tc-token": "some-token"}

    response = WithToken(live).send()
    assert code_of(response) == "AuthFailure.TokenFailure"
    assert diagnosis_of(live, response)["causes"] == ["token-not-wanted"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (json.dumps(PARAMS).encode(), "InvalidParameter"),
        (b'{"Image": "abcd="}', "MissingParameter"),
    ],
)
def test_no_authorization(live: Live, body: bytes, code: str) -> None:
    headers = {**Signer(live).headers()}
    del headers["authorization"]
    response = post(live, headers, body)
    assert code_of(response) == code
    assert diagnosis_of(live, response)["causes"] == ["no-authorization"]


def test_a_form(live: Live) -> None:
    headers = {**Signer(live).headers(), "content-type": "application/x-www-form-urlencoded"}
    response = post(live, headers, urlencode(PARAMS).encode())
    assert code_of(response) == "MissingParameter"
    assert diagnosis_of(live, response)["causes"] == ["form-body"]


@pytest.mark.parametrize(("right", "cause"), [(True, "v1"), (False, "v1-wrong")])
@pytest.mark.parametrize("method", ["HmacSHA1", "HmacSHA256"])
def test_the_method_before(live: Live, method: str, right: bool, cause: str) -> None:
    params = {
        "Action": "FaceFusion",
        "Version": "2018-12-01",
        "Timestamp": str(int(live.world.clock.now())),
        "Region": "ap-guangzhou",
        "Nonce": "1",
        "SecretId": DEFAULT_SECRET_ID,
        "SignatureMethod": method,
    }
    text = v1.string_to_sign("POST", live.authority, params)
    key = DEFAULT_SECRET_KEY if right else "another"
    params["Signature"] = str(v1.sign(key, method, text))
    headers = {"content-type": "application/x-www-form-urlencoded"}
    response = post(live, headers, urlencode(params).encode())
    assert code_of(response) == "AuthFailure.SignatureFailure"
    assert ("TC3-HMAC-SHA256" in response["Error"]["Message"]) == right
    assert diagnosis_of(live, response)["causes"] == [cause]
