"""Accounts and keys, from the seed and changed while the server runs; rights and tokens."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest
from tencentcloud.common import credential
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException
from tencentcloud.facefusion.v20181201 import facefusion_client

from mockserver.settings import Settings
from mockserver.state.models import DEFAULT_SECRET_ID, DEFAULT_SECRET_KEY
from tests.live import FIXTURES, Live, error_of, face_fusion, running
from tests.wire import PASSED, PROBE, Wire, code_of

UIN = "100000000001"
OTHER_UIN = "200000000002"
PROBING = face_fusion(**PROBE)


def ask(live: Live, method: str, path: str = "", body: Any = None) -> httpx.Response:
    return httpx.request(method, f"{live.url}/_mock/state{path}", json=body)


def state(live: Live) -> dict[str, Any]:
    found: dict[str, Any] = ask(live, "GET").raise_for_status().json()
    return found


def change_key(live: Live, **changes: Any) -> None:
    ask(live, "PATCH", f"/keys/{DEFAULT_SECRET_ID}", changes).raise_for_status()


def change_account(live: Live, **changes: Any) -> None:
    ask(live, "PATCH", f"/accounts/{UIN}", changes).raise_for_status()


def outcome(live: Live, secret_id: str, secret_key: str, token: str | None = None) -> str:
    """How a call of the official SDK with this key ends."""
    key = credential.Credential(secret_id, secret_key, token)
    client = facefusion_client.FacefusionClient(key, "ap-guangzhou", live.profile())
    return error_of(client, PROBING)[0]


SEED = f"""
accounts:
  - uin: "1"
    keys:
      - {{secret_id: AKIDone, secret_key: key-one}}
      - {{secret_id: AKIDtwo, secret_key: key-two, enabled: false}}
      - {{secret_id: AKIDthree, secret_key: key-three, denied: [FaceFusion]}}
    projects:
      - id: p1
        materials: [{{id: m1, file: '{FIXTURES}/materials/qc_100646_154021_9.jpg'}}]
  - uin: "2"
    ip_deny: ["127.0.0.0/8"]
    keys: [{{secret_id: AKIDfour, secret_key: key-four}}]
  - uin: "3"
    ip_allow: ["127.0.0.1"]
    keys:
      - {{secret_id: AKIDfive, secret_key: key-five, mfa: true}}
      - {{secret_id: AKIDsix, secret_key: key-six, token: t, expires: 99999999999}}
"""


def test_accounts_and_keys_of_a_seed(tmp_path: Path) -> None:
    (tmp_path / "seed.yaml").write_text(SEED)
    settings = Settings(seed=tmp_path, results_folder=tmp_path / "results", workers=1)
    with running(settings) as live:
        assert outcome(live, "AKIDone", "key-one") == PASSED
        assert outcome(live, "AKIDtwo", "key-two") == "AuthFailure.SecretIdNotFound"
        assert outcome(live, "AKIDthree", "key-three") == "AuthFailure.UnauthorizedOperation"
        assert outcome(live, "AKIDfour", "key-four") == "IpInBlacklist"
        assert outcome(live, "AKIDfive", "key-five") == "AuthFailure.MFAFailure"
        assert outcome(live, "AKIDsix", "key-six", "t") == PASSED
        assert outcome(live, "AKIDone", "key-six") == "AuthFailure.SignatureFailure"
        client = live.client("AKIDone", "key-one")
        assert client.FaceFusion(face_fusion(ProjectId="p1", ModelId="m1")).Image
        foreign = error_of(live.client("AKIDsix", "key-six"), face_fusion(ProjectId="p1"))
        assert foreign[0] == "AuthFailure.TokenFailure"


def test_an_account_made_while_it_runs(live: Live) -> None:
    made = ask(live, "POST", "/accounts", {"uin": OTHER_UIN})
    assert made.status_code == 201
    pair = made.json()
    assert outcome(live, **pair) == PASSED
    code, _ = error_of(live.client(**pair), face_fusion())
    assert code == PASSED  # another account's project is unknown to it
    assert ask(live, "DELETE", f"/accounts/{OTHER_UIN}").status_code == 204
    assert outcome(live, **pair) == "AuthFailure.SecretIdNotFound"


def test_further_keys(live: Live) -> None:
    made = ask(live, "POST", f"/accounts/{UIN}/keys")
    assert made.status_code == 201
    pair = made.json()
    assert live.client(**pair).FaceFusion(face_fusion()).Image
    assert ask(live, "DELETE", f"/keys/{pair['secret_id']}").status_code == 204
    assert outcome(live, **pair) == "AuthFailure.SecretIdNotFound"


def test_the_state_shows_no_secrets(live: Live) -> None:
    pair = ask(live, "POST", f"/accounts/{UIN}/keys").json()
    temporary = ask(live, "POST", f"/keys/{DEFAULT_SECRET_ID}/temporary").json()
    shown = ask(live, "GET").text
    assert pair["secret_id"] in shown
    for secret in (pair["secret_key"], DEFAULT_SECRET_KEY, temporary["Token"]):
        assert secret not in shown
    assert temporary["TmpSecretKey"] not in shown


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"enabled": False}, "AuthFailure.SecretIdNotFound"),
        ({"denied": ["FaceFusion"]}, "AuthFailure.UnauthorizedOperation"),
        ({"denied": ["*"]}, "AuthFailure.UnauthorizedOperation"),
        ({"denied": ["FuseFace"]}, PASSED),
        ({"mfa": True}, "AuthFailure.MFAFailure"),
    ],
)
def test_rights_of_a_key(live: Live, changes: dict[str, Any], code: str) -> None:
    change_key(live, **changes)
    assert outcome(live, DEFAULT_SECRET_ID, DEFAULT_SECRET_KEY) == code
    change_key(live, enabled=True, denied=[], mfa=False)
    assert outcome(live, DEFAULT_SECRET_ID, DEFAULT_SECRET_KEY) == PASSED


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"ip_deny": ["127.0.0.1"]}, "IpInBlacklist"),
        ({"ip_deny": ["10.0.0.0/8", "127.0.0.0/8"]}, "IpInBlacklist"),
        ({"ip_deny": ["10.0.0.0/8", "::1"]}, PASSED),
        ({"ip_allow": ["10.0.0.0/8"]}, "IpNotInWhitelist"),
        ({"ip_allow": []}, "IpNotInWhitelist"),
        ({"ip_allow": ["10.0.0.0/8", "127.0.0.1"]}, PASSED),
        ({"ip_allow": ["127.0.0.99/8"]}, PASSED),
        ({"ip_allow": ["127.0.0.1"], "ip_deny": ["127.0.0.1"]}, "IpInBlacklist"),
    ],
)
def test_addresses_of_an_account(live: Live, changes: dict[str, Any], code: str) -> None:
    change_account(live, **changes)
    assert outcome(live, DEFAULT_SECRET_ID, DEFAULT_SECRET_KEY) == code
    change_account(live, ip_allow=None, ip_deny=[])
    assert outcome(live, DEFAULT_SECRET_ID, DEFAULT_SECRET_KEY) == PASSED


def temporary(live: Live, **body: int) -> tuple[str, str, str]:
    path = f"/keys/{DEFAULT_SECRET_ID}/temporary"
    answer = ask(live, "POST", path, body or None)
    assert answer.status_code == 201
    pair = answer.json()
    return pair["TmpSecretId"], pair["TmpSecretKey"], pair["Token"]


def test_a_temporary_key_needs_its_token(live: Live) -> None:
    secret_id, secret_key, token = temporary(live)
    failure = "AuthFailure.TokenFailure"
    assert outcome(live, secret_id, secret_key, token) == PASSED
    assert outcome(live, secret_id, secret_key) == failure
    assert outcome(live, secret_id, secret_key, token + "x") == failure
    assert outcome(live, secret_id, secret_key, temporary(live)[2]) == failure
    assert outcome(live, secret_id, DEFAULT_SECRET_KEY, token) == "AuthFailure.SignatureFailure"
    assert outcome(live, DEFAULT_SECRET_ID, DEFAULT_SECRET_KEY, token) == failure


def test_a_token_expires_by_the_mocks_clock(live: Live) -> None:
    answer = ask(live, "POST", f"/keys/{DEFAULT_SECRET_ID}/temporary", {"seconds": 60}).json()
    key = (answer["TmpSecretId"], answer["TmpSecretKey"], answer["Token"])
    assert answer["ExpiredTime"] == int(live.world.clock.now() + 60)
    live.world.clock.advance(59)
    assert outcome(live, *key) == PASSED
    live.world.clock.advance(1)
    assert outcome(live, *key) == "AuthFailure.TokenFailure"


def test_a_temporary_key_has_its_parents_rights(live: Live) -> None:
    change_key(live, denied=["FaceFusion"])
    assert outcome(live, *temporary(live)) == "AuthFailure.UnauthorizedOperation"


def test_the_token_command(live: Live) -> None:
    words = ["token", "--endpoint", live.url, "--seconds", "60"]
    done = subprocess.run(
        [sys.executable, "-m", "mockserver", *words], capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, "")
    printed = dict(re.findall(r"^(\w+) +(\S+)$", done.stdout, re.MULTILINE))
    key = (printed["TmpSecretId"], printed["TmpSecretKey"], printed["Token"])
    assert outcome(live, *key) == PASSED
    with_token = credential.Credential(*key)
    client = facefusion_client.FacefusionClient(with_token, "ap-guangzhou", live.profile())
    assert client.FaceFusion(face_fusion()).Image
    live.world.clock.advance(60)
    with pytest.raises(TencentCloudSDKException, match="TokenFailure"):
        client.FaceFusion(face_fusion())


def test_temporary_keys_are_bounded_and_the_oldest_goes(
    live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mockserver.state.accounts.MAX_KEYS", 3)
    first, second, third = (temporary(live) for _ in range(3))
    assert outcome(live, *first) == "AuthFailure.SecretIdNotFound"
    assert outcome(live, *second) == outcome(live, *third) == PASSED
    assert outcome(live, DEFAULT_SECRET_ID, DEFAULT_SECRET_KEY) == PASSED


def test_a_change_leaves_the_rest(live: Live) -> None:
    change_account(live, rate=7, billing="frozen")
    change_account(live, rate=None)
    change_key(live, mfa=True)
    change_key(live, denied=["*"])
    account = state(live)["accounts"][0]
    assert (account["billing"], account["rate"]) == ("frozen", None)
    (key,) = account["keys"]
    assert (key["mfa"], key["denied"], key["enabled"]) == (True, ["*"], True)


def test_reset_restores(live: Live) -> None:
    before = state(live)
    pair = ask(live, "POST", "/accounts", {"uin": OTHER_UIN}).json()
    key = temporary(live)
    change_key(live, enabled=False)
    change_account(live, ip_deny=["127.0.0.1"], rate=0)
    ask(live, "PATCH", "/limits", {"ip": 0}).raise_for_status()
    assert state(live) != before
    httpx.post(f"{live.url}/_mock/reset").raise_for_status()
    assert state(live) == before
    assert outcome(live, **pair) == outcome(live, *key) == "AuthFailure.SecretIdNotFound"
    assert code_of(Wire(live).send()) == PASSED
