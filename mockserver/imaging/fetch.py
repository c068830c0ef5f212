"""Fetching a picture from its Url, with limits on bytes, time, redirects and addresses."""

import asyncio
import ipaddress
import socket
from dataclasses import dataclass

import httpx

from mockserver.errors import ApiError

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

# Metadata services outside the link-local range: Alibaba Cloud's, and AWS' by IPv6.
_METADATA = {ipaddress.ip_address("100.100.100.200"), ipaddress.ip_address("fd00:ec2::254")}
_MAX_URL = 4096
_REDIRECTS = {301, 302, 303, 307, 308}


@dataclass(frozen=True)
class FetchLimits:
    """Bounds of one download: bytes, seconds (redirects included), redirects."""

    max_bytes: int
    seconds: float
    redirects: int


async def fetch(url: str, limits: FetchLimits) -> bytes:
    """Return what stands behind an http(s) address.

    Raises ApiError FailedOperation.ImageDownloadError (unreachable, refused, not 2xx, too slow,
    too many redirects, a forbidden address), FailedOperation.ImageSizeInvalid (over the byte
    limit). Loopback and private addresses are allowed: that is where developers keep pictures.
    """
    try:
        async with asyncio.timeout(limits.seconds), _client() as client:
            return await _follow(client, url, limits)
    except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError):
        raise ApiError("FailedOperation.ImageDownloadError") from None


def _client() -> httpx.AsyncClient:
    # No proxy and no netrc: what a test fetches must not depend on the environment.
    return httpx.AsyncClient(
        transport=_CheckedTransport(),
        headers={"accept-encoding": "identity", "user-agent": "facefusion-mock"},
        trust_env=False,
        follow_redirects=False,
        timeout=None,  # noqa: S113  the whole download is timed
    )


async def _follow(client: httpx.AsyncClient, url: str, limits: FetchLimits) -> bytes:
    target = httpx.URL(url[: _MAX_URL + 1])
    for _ in range(limits.redirects + 1):
        if target.scheme not in ("http", "https") or not target.host or len(url) > _MAX_URL:
            break
        async with client.stream("GET", target) as response:
            if response.status_code in _REDIRECTS and "location" in response.headers:
                target = target.join(response.headers["location"])
                continue
            if not response.is_success:
                break
            return await _read(response, limits.max_bytes)
    raise ApiError("FailedOperation.ImageDownloadError")


async def _read(response: httpx.Response, max_bytes: int) -> bytes:
    """Read the body; the limit counts bytes after any content encoding is undone."""
    data = bytearray()
    async for chunk in response.aiter_bytes(65536):
        data += chunk
        if len(data) > max_bytes:
            raise ApiError("FailedOperation.ImageSizeInvalid")
    return bytes(data)


class _CheckedTransport(httpx.AsyncHTTPTransport):
    """Connects to the very address that was checked, so that a name cannot change in between."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        host = request.url.host
        address = await _resolve(host, request.url.port or 0)
        request.extensions["sni_hostname"] = host
        request.url = request.url.copy_with(host=str(address))
        return await super().handle_async_request(request)


async def _resolve(host: str, port: int) -> IPAddress:
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = [ipaddress.ip_address(str(entry[4][0]).split("%")[0]) for entry in found]
    if not addresses or any(is_forbidden(address) for address in addresses):
        raise OSError(f"{host} leads to a forbidden address")
    return addresses[0]


def is_forbidden(address: IPAddress) -> bool:
    """Tell whether an address is never fetched from.

    Link-local (where clouds keep their metadata), known metadata services elsewhere, multicast,
    unspecified and reserved addresses; IPv4 addresses written as IPv6 are looked at as IPv4.
    """
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    return (
        address in _METADATA
        or address.is_link_local
        or address.is_multicast
        or address.is_unspecified
        or (address.is_reserved and not address.is_loopback)
    )
