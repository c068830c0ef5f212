"""The service's host names: its own, and those that SDKs turn to when calls there fail."""

from functools import lru_cache

from starlette.types import Scope

from mockserver.gateway import regions
from mockserver.gateway.connection import EXTENSION
from mockserver.gateway.signing import REAL_DOMAINS, SERVICE, host_name, is_real_host
from mockserver.state.journal import Failover

SERVER_NAME = "facefusion_mock_server_name"  # a TLS connection's attribute: what it was asked for

# Labels between service and domain: none, and those of the families in the SDKs for Go and Java.
_FAMILIES = ("", "ai.", "internal.")


def service_names() -> list[str]:
    """Return every name by which the service may be asked.

    The documented one with its regional forms; the .cn and .com.cn twins, to which the SDKs for
    Go, Java and C++ fail over (read in their sources).
    """
    between = (*_FAMILIES, *(f"{region}." for region in sorted(regions.KNOWN)))
    return [f"{SERVICE}.{part}{domain}" for domain in REAL_DOMAINS for part in between]


def server_name_of(scope: Scope) -> str:
    """Return the name that a request's TLS connection was made to; empty without TLS or a name."""
    lent = (scope.get("extensions") or {}).get(EXTENSION)
    if lent is None or scope["scheme"] != "https":
        return ""
    transport = lent["connection"].transport
    return getattr(transport.get_extra_info("ssl_object"), SERVER_NAME, None) or ""


@lru_cache(maxsize=256)
def failover_of(host: str) -> Failover | None:
    """Tell whether a host is one of the places that SDKs turn to after failures.

    `domain`: a twin, which nobody asks first. `region`: a regional name, where the region breakers
    of the SDKs go, and whoever has set it as endpoint.
    """
    name = host_name(host.lower())
    if not is_real_host(name):
        return None
    if not name.endswith(f".{REAL_DOMAINS[0]}"):
        return "domain"
    region = name.removeprefix(f"{SERVICE}.").removesuffix(f".{REAL_DOMAINS[0]}")
    return "region" if region in regions.KNOWN else None
