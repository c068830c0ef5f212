"""The journal's assertions: what they demand, and how they explain that it was not so."""

from typing import Any

import pytest

from mockserver.gateway.diagnose import advice
from mockserver.state.models import DEFAULT_SECRET_ID
from mockserver.testing import KeyPair, RemoteError
from tests import mistaken
from tests.live import PROJECT, Live, error_of, face_fusion

BUSY, NO_RPC = "FailedOperation.FuseFreqCtrl", "FailedOperation.RpcFail"


def call(live: Live, *codes: str | None, pause: float = 1) -> None:
    """Calls that end so, a pause after each; None succeeds."""
    live.fault(sequence=[*codes])
    for code in codes:
        if code is None:
            live.client().FaceFusion(face_fusion())
        else:
            assert error_of(live.client(), face_fusion(Image=""))[0] == code
        live.clock.advance(pause)


def failure(live: Live, name: str, **wanted: Any) -> str:
    """What an assertion says when it fails."""
    with pytest.raises(AssertionError) as failed:
        getattr(live.requests, name)(**wanted)
    return str(failed.value)


def test_the_journal_is_a_sequence_that_can_be_narrowed(live: Live) -> None:
    call(live, BUSY, NO_RPC)
    requests = live.requests
    assert [entry.code for entry in requests] == [BUSY, NO_RPC]
    assert (len(requests), requests[0].code, requests[-1].code) == (2, BUSY, NO_RPC)
    few = requests.filter(code=NO_RPC)
    assert [entry.code for entry in few.filter(project=PROJECT)] == [NO_RPC]
    assert few.filter(project="0").count() == 0
    assert few.filter(key=DEFAULT_SECRET_ID, action="FaceFusion").count() == 1
    assert requests.get(few[0].request_id) == few[0]
    with pytest.raises(RemoteError, match="no call"):
        requests.get("none")
    with pytest.raises(TypeError, match="not filtered by kode, but by: action, code, key, project"):
        requests.filter(kode=BUSY)  # type: ignore[call-arg]
    with pytest.raises(ValueError, match=f"filtered by code={NO_RPC} already"):
        few.filter(code=BUSY)
    few.clear()
    assert [entry.code for entry in requests] == [BUSY]
    requests.clear()
    assert not requests


def test_called(live: Live) -> None:
    requests = live.requests
    requests.assert_not_called()
    call(live, BUSY, BUSY)
    requests.assert_called()
    requests.assert_called(times=2, action="FaceFusion", code=BUSY)
    requests.assert_not_called(code="OK")
    requests.filter(code="OK").assert_not_called()


def test_not_called_as_expected(live: Live) -> None:
    nothing = failure(live, "assert_called", code="OK")
    assert nothing == (
        "expected at least 1 call with code=OK, there were 0\n\nthe journal has no calls"
    )
    call(live, BUSY, None)
    said = failure(live, "assert_called", times=3, action="FaceFusion", code="OK")
    first, _, heads, one, two = said.splitlines()
    assert first == "expected 3 calls with action=FaceFusion code=OK, there were 1"
    assert heads.split() == ["after", "action", "ProjectId", "ModelId", "code", "faults"]
    assert one.startswith("  1  +0.000 s  FaceFusion  100646 ")
    assert two.startswith("> 2  +1.000 s  FaceFusion  100646 ")
    assert BUSY in one
    assert two.endswith("OK")
    said = failure(live, "assert_not_called", code=BUSY)
    assert said.startswith(f"expected 0 calls with code={BUSY}, there were 1\n")


def test_of_many_calls_the_last_are_shown(live: Live) -> None:
    call(live, *[BUSY] * 25)
    lines = failure(live, "assert_called", times=1).splitlines()
    assert lines[3:5] == ["  (5 earlier calls)", lines[4]]
    assert lines[4].startswith("> 6 ")
    assert len(lines) == 24


def test_a_refused_call_is_diagnosed(live: Live) -> None:
    wrong = KeyPair(DEFAULT_SECRET_ID, "a-wrong-key")
    error_of(live.client(wrong.secret_id, wrong.secret_key), face_fusion(Image=""))
    said = failure(live, "assert_called", code="OK")
    assert "\ncall 1 was refused: none of the known mistakes leads to this signature" in said
    assert "canonical request, as the mock takes it:\n  POST\n  /\n\n  content-type:" in said
    assert "string to sign, as the mock takes it:\n  TC3-HMAC-SHA256\n" in said
    assert "a-wrong-key" not in said


def test_a_mistake_in_signing_is_named_with_what_was_signed(live: Live) -> None:
    mistaken.CompactJson(live).send()
    said = failure(live, "assert_called", code="OK")
    assert f"\ncall 1 was refused: {advice()['body-serialised-again']['en']}\n" in said
    assert "string to sign, as the mock takes it:\n  TC3-HMAC-SHA256\n" in said
    assert "string to sign, as the client signed it:\n  TC3-HMAC-SHA256\n" in said


def test_a_retry_that_keeps_its_contract(live: Live) -> None:
    call(live, BUSY, NO_RPC, None, pause=2)
    requests = live.requests
    requests.assert_retried(attempts=3)
    requests.assert_retried(attempts=3, codes=[BUSY, NO_RPC], min_spacing=2, max_spacing=2)
    requests.assert_retried(attempts=3, min_spacing=[1, 2], max_spacing=[2])
    requests.assert_retried(attempts=1, code=BUSY, last=BUSY)


@pytest.mark.parametrize(
    ("codes", "contract", "reasons"),
    [
        ([BUSY, None], {"attempts": 3}, ["expected 3 attempts, there were 2"]),
        ([], {"attempts": 1}, ["expected 1 attempt, there were 0"]),
        (
            [BUSY, NO_RPC, None],
            {"attempts": 3, "codes": [BUSY]},
            [f"attempt 2 ended with {NO_RPC}, which must not be tried again"],
        ),
        ([None, None], {"attempts": 2}, ["attempt 1 succeeded, yet there was another"]),
        ([BUSY, BUSY], {"attempts": 2}, [f"the last attempt ended with {BUSY}, not OK"]),
        (
            [BUSY, BUSY, None],
            {"attempts": 3, "min_spacing": [1, 2], "max_spacing": 0.5},
            [
                "attempt 2 came 1.000 s after the one before, too late: at most 0.5 s",
                "attempt 3 came 1.000 s after the one before, too early: at least 2 s",
                "attempt 3 came 1.000 s after the one before, too late: at most 0.5 s",
            ],
        ),
    ],
)
def test_a_retry_that_does_not(
    live: Live, codes: list[str | None], contract: dict[str, Any], reasons: list[str]
) -> None:
    if codes:
        call(live, *codes)
    said = failure(live, "assert_retried", **contract)
    assert said.split("\n\n")[0].splitlines() == reasons
