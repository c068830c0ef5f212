"""Changes over /_mock that are refused: wholly, whatever part of them was wrong."""

from typing import Any

import httpx
import pytest

from mockserver.state.models import DEFAULT_SECRET_ID
from tests.live import Live

UIN = "100000000001"


def state(live: Live) -> Any:
    return httpx.get(f"{live.url}/_mock/state").raise_for_status().json()


@pytest.mark.parametrize(
    ("method", "path", "body", "code"),
    [
        ("PATCH", f"/accounts/{UIN}", {"billing": "in_arrears", "rate": -1}, 422),
        ("PATCH", f"/accounts/{UIN}", {"billing": "in_arrears", "rate": True}, 422),
        ("PATCH", f"/accounts/{UIN}", {"rate": 1, "nonsense": 1}, 422),
        ("PATCH", f"/accounts/{UIN}", {"rate": 1, "ip_deny": ["127.0.0.1", "x"]}, 422),
        ("PATCH", f"/accounts/{UIN}", {"rate": 1, "ip_allow": [5]}, 422),
        ("PATCH", "/accounts/999", {"rate": 1}, 404),
        ("PATCH", f"/keys/{DEFAULT_SECRET_ID}", {"enabled": False, "mfa": "yes"}, 422),
        ("PATCH", f"/keys/{DEFAULT_SECRET_ID}", {"mfa": True, "denied": [1]}, 422),
        ("PATCH", "/keys/AKIDnobody", {"enabled": False}, 404),
        ("PATCH", "/limits", {"ip": 1, "actions": {"FaceFusion": -1}}, 422),
        ("PATCH", "/limits", {"ip": 1, "actions": None}, 422),
        ("POST", "/accounts", {"uin": UIN, "rate": 1}, 409),
        ("POST", "/accounts", {"uin": "9", "rate": 1.5}, 422),
        ("POST", "/accounts", {"uin": "nine"}, 422),
        ("POST", "/accounts/999/keys", None, 404),
        ("POST", f"/keys/{DEFAULT_SECRET_ID}/temporary", {"seconds": 0}, 422),
        ("POST", f"/keys/{DEFAULT_SECRET_ID}/temporary", {"seconds": 129_601}, 422),
        ("POST", "/keys/AKIDnobody/temporary", None, 404),
        ("DELETE", "/accounts/999", None, 404),
        ("DELETE", "/keys/AKIDnobody", None, 404),
    ],
)
def test_a_refused_change_changes_nothing(
    live: Live, method: str, path: str, body: Any, code: int
) -> None:
    before = state(live)
    answer = httpx.request(method, f"{live.url}/_mock/state{path}", json=body)
    assert answer.status_code == code
    assert answer.json()["detail"]
    assert state(live) == before


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        (f"/state/keys/{DEFAULT_SECRET_ID}", rb'{"mfa": true, "denied": ["\ud800"]}', 422),
        (f"/state/keys/{DEFAULT_SECRET_ID}", rb'{"mfa": true, "\ud800": 1}', 422),
        (f"/state/accounts/{UIN}", b'{"billing": "frozen", "rate": NaN}', 422),
        ("/state/limits", b'{"ip": 1, "actions": {"FaceFusion": Infinity}}', 422),
        ("/state/limits", rb'{"ip": 1, "actions": {"\ud800": 1}}', 422),
        ("/state/limits", b'{"ip": 1', 422),
        ("/state/limits", b"\xff", 400),
        ("/state/limits", b"[" * 100_000, 400),
        ("/state/limits", b"[]", 422),
        ("/clock", b'{"freeze": false, "set": NaN}', 422),
        ("/clock", b'{"freeze": false, "advance": Infinity}', 422),
        ("/clock", b'{"freeze": false, "set": "tomorrow"}', 422),
        ("/clock", b'{"advance": 5, "freeze": 1}', 422),
    ],
)
def test_what_json_libraries_choke_on_is_refused(
    live: Live, path: str, body: bytes, code: int
) -> None:
    before, moment = state(live), live.world.clock.now()
    method = "POST" if path == "/clock" else "PATCH"
    headers = {"content-type": "application/json"}
    answer = httpx.request(method, f"{live.url}/_mock{path}", content=body, headers=headers)
    assert answer.status_code == code
    assert answer.json()["detail"]
    assert state(live) == before
    assert live.world.clock.frozen
    assert live.world.clock.now() == moment
