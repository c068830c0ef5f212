"""MockClient: faults, clock, state, sandboxes, snapshots, as a test writes them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from tencentcloud.facefusion.v20181201.facefusion_client import FacefusionClient

from mockserver.faults import rule
from mockserver.testing import KeyPair, MockClient, RemoteError
from mockserver.testing.faults import Act, Deeds, Match, Options, When
from tests.live import HOPPER, MATERIAL, PROJECT, Live, error_of, face_fusion

BUSY, NO_RPC = "FailedOperation.FuseFreqCtrl", "FailedOperation.RpcFail"
UIN = "100000000001"


@pytest.fixture
def mock(live: Live) -> MockClient:
    return MockClient(live.url)


def code(client: FacefusionClient, **changes: Any) -> str:
    """How a call ends that needs no picture."""
    return error_of(client, face_fusion(**{"Image": "", **changes}))[0]


EMPTY = "InvalidParameterValue.ImageEmpty"  # how it ends by itself


def test_addresses_and_keys(mock: MockClient, live: Live) -> None:
    assert (mock.url, mock.endpoint) == (live.url, live.authority)
    assert (mock.project_id, mock.model_id) == (PROJECT, MATERIAL)
    assert mock.client().FaceFusion(face_fusion()).Image
    assert mock.secret_key not in repr(mock.key)
    newer = mock.client(version="2022-09-27")
    assert newer.__module__ == "tencentcloud.facefusion.v20220927.facefusion_client"
    with pytest.raises(ValueError, match="version: 2020-01-01 is none of 2018-12-01, 2022-09-27"):
        mock.client(version="2020-01-01")  # type: ignore[call-overload]
    stranger = KeyPair("AKIDnobody", "none")
    assert code(mock.client(stranger)) == "AuthFailure.SecretIdNotFound"
    with pytest.raises(LookupError, match="AKIDnobody has no project"):
        MockClient(mock.url, key=stranger).project_id  # noqa: B018  it asks


def test_a_fault_ends_with_its_block(mock: MockClient) -> None:
    client = mock.client()
    with mock.fault(BUSY, message="slower") as fault:
        assert error_of(client, face_fusion(Image="")) == (BUSY, "slower")
        fault.disable()
        assert code(client) == EMPTY
        fault.enable()
        assert code(client) == BUSY
        assert (fault.hits, fault.fired) == (2, 2)
    assert code(client) == EMPTY
    with pytest.raises(RemoteError, match="no rule"):
        fault.hits  # noqa: B018  it asks


def test_a_fault_may_be_gone_before_its_block_ends(mock: MockClient) -> None:
    with mock.fault(BUSY):
        mock.reset()
    assert code(mock.client()) == EMPTY


def test_a_sequence_of_codes_acts_and_none(mock: MockClient) -> None:
    mock.fault(sequence=[BUSY, None, {"error": NO_RPC, "latency": 0.01}], repeat=True)
    assert [code(mock.client()) for _ in range(4)] == [BUSY, EMPTY, NO_RPC, BUSY]


def test_options_go_to_their_part_of_the_rule(mock: MockClient) -> None:
    fault = mock.fault(
        id="mine", network="reset", latency=0.5, project="1", headers={"A": "b"}, times=2, ttl=60
    )
    (told,) = httpx.get(f"{mock.url}/_mock/faults").json()
    assert fault.id == told["rule"]["id"] == "mine"
    said = told["rule"]
    assert (said["act"]["network"], said["act"]["latency"]) == ("reset", 0.5)
    assert (said["match"]["project"], said["match"]["headers"]) == ("1", {"A": "b"})
    assert (said["when"]["times"], said["when"]["ttl"]) == (2, 60)


def test_a_fault_takes_every_field_of_a_rule() -> None:
    assert set(Act.__annotations__) == set(rule.Act.model_fields)
    assert set(Match.__annotations__) == set(rule.Match.model_fields)
    assert set(When.__annotations__) == set(rule.When.model_fields)
    parts = (Deeds, Match, When)
    assert set(Options.__annotations__) == {name for one in parts for name in one.__annotations__}


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"error": "Nonsense"}, "error: .*Nonsense is not in the catalogue"),
        ({}, "act: .* needs one of error, latency"),
        ({"error": BUSY, "times": 0}, "when.times: "),
        ({"error": BUSY, "sequence": [None]}, "sequence.act: "),
        ({"error": BUSY, "repeat": True}, "repeat: "),
    ],
)
def test_what_the_mock_refuses_is_told(
    mock: MockClient, options: dict[str, Any], reason: str
) -> None:
    with pytest.raises(RemoteError, match=f"HTTP 422 .*{reason}") as refused:
        mock.fault(**options)
    assert refused.value.status == 422


def test_an_option_that_no_rule_has_is_told(mock: MockClient) -> None:
    with pytest.raises(TypeError, match=r"no laten; there are: action, .*latency, "):
        mock.fault(BUSY, laten=1)  # type: ignore[call-arg]


def test_the_clock(mock: MockClient) -> None:
    clock = mock.clock
    clock.freeze("2030-01-01T00:00:00")
    assert (clock.is_frozen, clock.now) == (True, 1893456000)
    clock.advance(timedelta(days=1))
    clock.advance(-0.5)
    assert clock.now == 1893456000 + 86400 - 0.5
    clock.set(datetime(2030, 1, 1, 8, tzinfo=UTC))
    assert clock.now == 1893456000 + 8 * 3600
    clock.resume()
    assert not clock.is_frozen
    with pytest.raises(RemoteError, match="HTTP 422 set"):
        clock.set("tomorrow")


def test_accounts_and_limits_are_changed(mock: MockClient) -> None:
    state, client = mock.state, mock.client()
    state.change_account(billing="in_arrears", rate=5)
    assert (state.account().billing, state.account(UIN).rate) == ("in_arrears", 5)
    assert code(client) == "ResourceUnavailable.InArrears"
    state.change_account(billing="normal", rate=None)
    state.change_limits(actions={"FaceFusion": 0})
    assert code(client) == "RequestLimitExceeded"
    state.change_limits(actions={})
    other = state.add_account("9", billing="frozen")
    assert state.account("9").billing == "frozen"
    assert code(mock.client(other)) == "InvalidParameterValue.ActivityIdNotFound"
    state.remove_account("9")
    assert code(mock.client(other)) == "AuthFailure.SecretIdNotFound"
    with pytest.raises(LookupError, match="no account 9"):
        state.account("9")
    with pytest.raises(RemoteError, match="billing: Input should be 'normal', "):
        state.change_account(billing="poor")  # type: ignore[arg-type]


def test_keys_are_changed(mock: MockClient) -> None:
    state = mock.state
    key = state.add_key()
    assert code(mock.client(key)) == EMPTY
    state.change_key(key.secret_id, denied=["FaceFusion"])
    assert code(mock.client(key)) == "AuthFailure.UnauthorizedOperation"
    state.change_key(key.secret_id, denied=[])
    temporary = state.temporary_key(key.secret_id, seconds=60)
    assert temporary.token
    assert temporary.token not in repr(temporary)
    assert code(mock.client(temporary)) == EMPTY
    mock.clock.advance(60)
    assert code(mock.client(temporary)) == "AuthFailure.TokenFailure"
    state.remove_key(key.secret_id)
    assert code(mock.client(key)) == "AuthFailure.SecretIdNotFound"


def test_projects_and_materials_are_changed(mock: MockClient) -> None:
    state, client = mock.state, mock.client()
    project = state.add_project(quota=2)
    material = state.add_material(project, HOPPER, audit="pending")
    mine = {"ProjectId": project, "ModelId": material}
    assert code(client, **mine) == "FailedOperation.FuseMaterialNotAuth"
    state.change_material(material, audit="approved")
    assert (state.project(project).quota, state.material(material).audit) == (2, "approved")
    assert client.FaceFusion(face_fusion(**mine)).Image
    state.change_project(project, quota=None, state="stopped")
    assert code(client, **mine) == "FailedOperation.ProjectNotAuth"
    state.remove_material(material)
    state.remove_project(project)
    for find, name in ((state.material, material), (state.project, project)):
        with pytest.raises(LookupError, match=f"no .* {name}"):
            find(name)
    named = state.add_project(UIN, id="mine")
    sent = state.add_material(named, HOPPER.read_bytes(), id="qc_mine_1_1")
    assert (named, sent) == ("mine", "qc_mine_1_1")


def test_a_sandbox_has_its_own_of_everything(mock: MockClient) -> None:
    with mock.state.sandbox(projects=[PROJECT], seconds=60) as mine:
        assert (mine.project_id, mine.model_id) == (mine.project(PROJECT), mine.material(MATERIAL))
        with pytest.raises(KeyError):
            mine.project("100647")
        mine.fault(BUSY)
        mine.clock.advance(30)
        assert (code(mine.client()), code(mock.client())) == (BUSY, EMPTY)
        assert mine.clock.now == mock.clock.now + 30
        assert [call.code for call in mine.requests] == [BUSY]
        assert [call.code for call in mock.requests] == [BUSY, EMPTY]
        client = mine.client()
    assert code(client) == "AuthFailure.SecretIdNotFound"
    mine.remove()


def test_a_snapshot_is_put_back_at_the_end_of_its_block(mock: MockClient) -> None:
    client = mock.client()
    with mock.state.snapshot() as snapshot:
        mock.state.change_account(billing="frozen")
        mock.clock.advance(60)
        mock.fault(BUSY)
        snapshot.restore()
        assert code(client) == EMPTY
        mock.state.change_account(billing="frozen")
    assert code(client) == EMPTY
    with pytest.raises(RemoteError, match="no snapshot"):
        snapshot.restore()


def test_ready_or_not(mock: MockClient) -> None:
    mock.wait_until_ready(0)
    with pytest.raises(TimeoutError, match=r"not ready after 0 s: .*refused"):
        MockClient("http://127.0.0.1:9").wait_until_ready(0)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("localhost:8670", "an address begins with http:// or https://"),
        ("http://127.0.0.1:none", "nonnumeric port"),
        ("http://127.0.0.1:9", "refused"),
    ],
)
def test_an_address_that_is_none(url: str, reason: str) -> None:
    with pytest.raises(RemoteError, match=reason):
        MockClient(url).reset()
