"""The states of the default seed: each billing code is one key away, and costs nothing."""

from typing import get_args

import pytest

from mockserver.actions.checks import _BILLING_CODES
from mockserver.errors import catalogue
from mockserver.state.models import Account, Billing
from mockserver.state.seed import default_seed, load_seed
from tests.live import Live, error_of, face_fusion, fuse_face, material_list

ACCOUNTS = load_seed(default_seed()).accounts
REFUSED = [account for account in ACCOUNTS if account.billing != "normal"]


def test_every_billing_state_has_an_account() -> None:
    states = [account.billing for account in ACCOUNTS]
    assert sorted(states) == sorted(get_args(Billing))
    codes = {_BILLING_CODES[account.billing] for account in REFUSED}
    named = {code for code in catalogue() if code.startswith("ResourceUnavailable.")}
    assert codes == {*named, "ResourcesSoldOut.ChargeStatusException"}


@pytest.mark.parametrize("account", REFUSED, ids=lambda account: account.billing)
def test_the_account_of_a_billing_state(live: Live, account: Account) -> None:
    (key,), (project,) = account.keys, account.projects
    (material,) = project.materials
    client = live.client(key.secret_id, key.secret_key)
    entry = catalogue()[_BILLING_CODES[account.billing]]
    ids = {"ProjectId": project.id, "ModelId": material.id}
    listing = material_list(ActivityId=int(project.id))
    for request in (face_fusion(**ids), fuse_face(**ids), listing):
        code, message = error_of(client, request)
        assert code == entry.code
        assert message in (entry.zh, entry.en)


def test_the_key_tells_its_state() -> None:
    for account in REFUSED:
        (key,) = account.keys
        state = "".join(word.capitalize() for word in account.billing.split("_"))
        assert key.secret_id == f"AKIDbilling{state}EXAMPLE"


def test_further_accounts_add_no_pictures(live: Live) -> None:
    first = {one.file for project in ACCOUNTS[0].projects for one in project.materials}
    assert set(live.world.gallery._prepared) == first
