"""What a known caller may do: addresses, second factor, actions; and how often."""

import ipaddress

from pydantic import IPvAnyNetwork

from mockserver.errors import ApiError
from mockserver.gateway.call import Call
from mockserver.state.models import Account
from mockserver.world import World


def authorize(call: Call, world: World) -> None:
    """Check the account's addresses and the key's rights.

    Raises ApiError IpInBlacklist, IpNotInWhitelist, AuthFailure.MFAFailure,
    AuthFailure.UnauthorizedOperation; their order is inferred.
    """
    account = _account(call)
    if _listed(call.client, account.ip_deny):
        raise ApiError("IpInBlacklist")
    if account.ip_allow is not None and not _listed(call.client, account.ip_allow):
        raise ApiError("IpNotInWhitelist")
    found = world.accounts.by_secret_id(call.secret_id)
    if found is None:  # only when signatures are not verified
        return
    if found[1].mfa:
        raise ApiError("AuthFailure.MFAFailure")
    if not found[1].may_call(call.action):
        raise ApiError("AuthFailure.UnauthorizedOperation")


async def limit(call: Call, world: World) -> None:
    """Count the call against address, account and action, in this (inferred) order.

    Raises ApiError RequestLimitExceeded and its sub-codes.
    """
    account, limits = _account(call), world.accounts.limits
    counted = (
        (f"ip:{call.client}", limits.ip, "RequestLimitExceeded.IPLimitExceeded"),
        (f"uin:{account.uin}", account.rate, "RequestLimitExceeded.UinLimitExceeded"),
        (
            f"action:{account.uin}:{call.version}:{call.action}",
            limits.actions.get(call.action),
            "RequestLimitExceeded",
        ),
    )
    for key, most, code in counted:
        if most is not None and (count := await world.limiter.hit(key, call.clock)) > most:
            raise ApiError(code, count=count, limit=most)


def _account(call: Call) -> Account:
    assert call.account is not None  # noqa: S101  set by authenticate
    return call.account


def _listed(client: str, networks: list[IPvAnyNetwork]) -> bool:
    if not networks:
        return False
    try:
        address = ipaddress.ip_address(client)
    except ValueError:
        return False
    return any(address in network for network in networks)
