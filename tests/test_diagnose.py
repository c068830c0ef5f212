"""Why a signature was refused: clients with known mistakes, and what the journal says of them."""

import logging

import httpx
import pytest

from mockserver.gateway.diagnose import advice
from mockserver.gateway.examiner import MAX_WAITING, SAVED_SECONDS, Examiner
from mockserver.gateway.mistakes import VARIANTS
from tests import mistaken
from tests.live import Live
from tests.signer import Signer, diagnosis_of, entry_of, sha256
from tests.wire import PASSED, code_of

FAILURE = "AuthFailure.SignatureFailure"

MISTAKES: list[tuple[type[Signer], list[str]]] = [
    (mistaken.TheRealHost, ["host"]),
    (mistaken.TheUsualPort, ["host"]),
    (mistaken.NoCharset, ["content-type"]),
    (mistaken.ACharset, ["content-type"]),
    (mistaken.CompactJson, ["body-serialised-again"]),
    (mistaken.SortedJson, ["body-serialised-again"]),
    (mistaken.JsonEscapedAsByGo, ["body-serialised-again"]),
    (mistaken.JsonEscapedAsByPhp, ["body-serialised-again"]),
    (mistaken.LargeJson, ["body-serialised-again"]),
    (mistaken.AnotherEncoding, ["body-encoded-again"]),
    (mistaken.ALineBreakMore, ["body-encoded-again"]),
    (mistaken.ALineBreakLess, ["body-encoded-again"]),
    (mistaken.NoPayload, ["payload-empty"]),
    (mistaken.UnsignedPayload, ["payload-unsigned"]),
    (mistaken.PayloadSignedAllTheSame, ["payload-unsigned"]),
    (mistaken.BodyInItself, ["payload-not-hashed"]),
    (mistaken.AnotherServiceInTheKey, ["service"]),
    (mistaken.YesterdayInTheKey, ["date"]),
    (mistaken.AnotherTerminatorInTheKey, ["terminator"]),
    (mistaken.MillisecondsInTheString, ["milliseconds"]),
    (mistaken.SecondsTakenTwice, ["timestamp"]),
    (mistaken.NoPrefix, ["key-prefix"]),
    (mistaken.ALineBreakInTheKey, ["key-spaces"]),
    (mistaken.SpacesAroundTheKey, ["key-spaces"]),
    (mistaken.UpperCaseSignature, ["upper-case-signature"]),
    (mistaken.Base64Signature, ["base64-signature"]),
    (mistaken.Base64OfHex, ["base64-signature"]),
    (mistaken.UpperCasePayloadHash, ["upper-case-hash"]),
    (mistaken.UpperCaseRequestHash, ["upper-case-hash"]),
    (mistaken.UnsortedLines, ["header-order"]),
    (mistaken.UnsortedLinesAndList, ["header-order"]),
    (mistaken.CapitalsInTheLines, ["header-case"]),
    (mistaken.CapitalsInTheList, ["header-case"]),
    (mistaken.OneHeaderMore, ["header-set"]),
    (mistaken.AnotherHeaderValue, ["header-value"]),
    (mistaken.ASpaceAfterTheColon, ["layout"]),
    (mistaken.NoBlankLine, ["layout"]),
    (mistaken.QuerySorted, ["query"]),
    (mistaken.QueryWithPlus, ["query"]),
    (mistaken.QueryNotEncoded, ["query"]),
    (mistaken.QueryEncodedTwice, ["query"]),
    (mistaken.SignedAsGet, ["method"]),
    (mistaken.HexInTheChain, ["key-chain-hex"]),
    (mistaken.HexAtTheEndOfTheChain, ["key-chain-hex"]),
    (mistaken.SwappedArguments, ["hmac-arguments"]),
    (mistaken.KeyNotDerived, ["key-not-derived"]),
    (mistaken.RequestNotHashed, ["canonical-not-hashed"]),
    (mistaken.CredentialForScope, ["scope-in-string"]),
    (mistaken.RealHostAndNoPrefix, ["host", "key-prefix"]),
    (mistaken.CharsetAndLineBreakInTheKey, ["content-type", "key-spaces"]),
    (mistaken.CompactJsonAndHexChain, ["body-serialised-again", "key-chain-hex"]),
    (mistaken.NoPrefixUpperCase, ["upper-case-signature", "key-prefix"]),
]


def name(value: object) -> str:
    return value.__name__ if isinstance(value, type) else ""


@pytest.fixture(autouse=True)
def rested(live: Live) -> None:
    """Diagnoses have a share of the time; let other tests not have used it up."""
    live.world.examiner.close()
    live.world.examiner = Examiner()


def right_texts(wrong: Signer) -> dict[str, str]:
    """What a client that signs rightly makes of the same request."""
    right = Signer(wrong.live)
    right.moment, right.method, right.query, right.body = (
        wrong.moment,
        wrong.method,
        wrong.query,
        wrong.body,
    )
    canonical = right.canonical_request()
    if isinstance(wrong, mistaken.PayloadSignedAllTheSame):
        canonical = canonical.replace(sha256(wrong.body), sha256(b"UNSIGNED-PAYLOAD"))
    if isinstance(wrong, mistaken.AnotherHeaderValue):
        lines = f"host:{wrong.live.authority}\nx-tc-region:ap-guangzhou\n"
        canonical = canonical.replace(f"host:{wrong.live.authority}\n", lines)
        canonical = canonical.replace("content-type;host", "content-type;host;x-tc-region")
    sent_type = f"content-type:{wrong.sent_content_type()}\n"
    canonical = canonical.replace("content-type:application/json\n", sent_type)
    text = f"TC3-HMAC-SHA256\n{right.moment}\n{right.credential_scope()}\n"
    return {
        "canonical_request": canonical,
        "string_to_sign": text + sha256(canonical.encode()),
    }


def secrets_of(signer: Signer) -> list[str]:
    """The secret key and every key derived from it."""
    found, key = [signer.secret_key], f"TC3{signer.secret_key}".encode()
    for part in (signer.date(), signer.service(), signer.terminator()):
        key = Signer.derive(signer, key, part)
        found.append(key.hex())
    return found


def test_a_right_signature_has_no_diagnosis(live: Live) -> None:
    for signer in (Signer(live), mistaken.Get(live)):
        response = signer.send()
        assert code_of(response) == PASSED
        assert entry_of(live, response)["diagnosis"] is None


@pytest.mark.parametrize(("client", "causes"), MISTAKES, ids=name)
def test_a_mistake_is_proven_and_explained(
    live: Live, client: type[Signer], causes: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    signer = client(live)
    response = signer.send()
    assert code_of(response) == FAILURE
    diagnosis = diagnosis_of(live, response)
    assert (diagnosis["causes"], diagnosis["proven"]) == (causes, True)
    assert diagnosis["explanation"] == "; ".join(advice()[cause]["en"] for cause in causes)
    assert diagnosis["explanation_zh"] == "；".join(advice()[cause]["zh"] for cause in causes)
    assert diagnosis["server"] == right_texts(signer)
    if not isinstance(signer, mistaken.BodyInItself):
        assert diagnosis["client"] == {
            "canonical_request": signer.canonical_request(),
            "string_to_sign": signer.string_to_sign(),
        }
    told = f"RequestId {response['RequestId']} refused: {diagnosis['explanation']}"
    assert told in caplog.messages


@pytest.mark.parametrize(("client", "causes"), MISTAKES, ids=name)
def test_no_secret_and_no_picture_is_told(
    live: Live, client: type[Signer], causes: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    signer = client(live)
    text = str(entry_of(live, signer.send())) + caplog.text
    assert "causes" in text
    assert not [secret for secret in secrets_of(signer) if secret in text]
    assert "/9j//9j/" not in text


@pytest.mark.parametrize("client", [mistaken.RequestNotHashed, mistaken.NoPrefix])
def test_a_signed_token_stays_hidden(
    live: Live, client: type[Signer], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    found = live.world.accounts.by_secret_id(Signer.secret_id)
    assert found is not None
    found[1].token = "a-token-that-nobody-may-read"

    class WithToken(client):  # type: ignore[misc, valid-type]
        def further_headers(self) -> dict[str, str]:
            return {"x-tc-token": "a-token-that-nobody-may-read"}

        def signed_headers(self) -> str:
            return "content-type;host;x-tc-token"

        def header_lines(self) -> str:
            return f"{super().header_lines()}x-tc-token:a-token-that-nobody-may-read\n"

    entry = entry_of(live, WithToken(live).send())
    assert entry["diagnosis"]["proven"]
    assert "x-tc-token:***" in entry["diagnosis"]["client"]["canonical_request"]
    assert "nobody-may-read" not in str(entry) + caplog.text


class NoPort(mistaken.NoPrefix):
    def host(self) -> str:
        return "127.0.0.1"


class LowerCasedAction(mistaken.NoPrefix):
    def signed_headers(self) -> str:
        return "content-type;host;x-tc-action"

    def header_lines(self) -> str:
        return f"{super().header_lines()}x-tc-action:facefusion\n"


@pytest.mark.parametrize("client", [NoPort, LowerCasedAction])
def test_what_the_server_takes_is_no_mistake(live: Live, client: type[Signer]) -> None:
    signer = client(live)
    diagnosis = diagnosis_of(live, signer.send())
    assert diagnosis["causes"] == ["key-prefix"]
    assert diagnosis["server"] == {
        "canonical_request": signer.canonical_request(),
        "string_to_sign": signer.string_to_sign(),
    }


def test_another_accounts_key(live: Live) -> None:
    other = live.world.accounts.any().model_copy(deep=True, update={"uin": "2", "projects": []})
    other.keys[0].secret_id, other.keys[0].secret_key = "AKIDother", "another-secret-key"
    live.world.accounts.add(other)
    signer = Signer(live)
    signer.secret_key = "another-secret-key"
    entry = entry_of(live, signer.send())
    assert entry["diagnosis"]["causes"] == ["another-key"]
    assert entry["diagnosis"]["proven"]
    assert "another-secret-key" not in str(entry)


def test_an_unknown_mistake_gives_the_servers_texts(live: Live) -> None:
    signer = Signer(live)
    signer.secret_key = "nobody's"
    diagnosis = diagnosis_of(live, signer.send())
    assert (diagnosis["causes"], diagnosis["proven"]) == (["unknown"], False)
    assert diagnosis["server"] == right_texts(signer)
    assert diagnosis["client"] is None


def test_every_mistake_has_advice_in_both_languages() -> None:
    assert set(VARIANTS) < set(advice())
    assert all(row["en"] and row["zh"] for row in advice().values())


def test_a_flood_of_refused_calls_is_examined_only_on_demand(live: Live) -> None:
    examiner = live.world.examiner
    for credit, waiting in ((-SAVED_SECONDS, 0), (SAVED_SECONDS, MAX_WAITING)):
        examiner._credit, examiner._waiting = credit, waiting
        response = mistaken.NoPrefix(live).send()
        assert code_of(response) == FAILURE
        [latest] = httpx.get(f"{live.url}/_mock/requests", params={"limit": 1}).json()
        assert latest["diagnosis"] is None
        examiner._waiting = 0
        assert diagnosis_of(live, response)["causes"] == ["key-prefix"]
