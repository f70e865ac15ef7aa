"""Where a user's URL may lead: names resolved under a policy, and connections to the addresses that passed it."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

import httpcore
import httpx

from cutfarm.errors import AssetMissing, AssetRefused

_GLOBAL_UNICAST = IPv6Network("2000::/3")
_NAT64 = IPv6Network("64:ff9b::/96")
_ALSO_REFUSED = (
    IPv4Network("192.88.99.0/24"),  # a relay into other networks
    IPv4Network("168.63.129.16/32"),  # Azure's host services, public in form alone
)
_NO_SUCH_NAME = (socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME))


@dataclass(frozen=True, slots=True)
class FetchPolicy:
    """Which hosts the farm reads from on a user's word."""

    allow_private_network: bool = False  #: read from any address whatever
    allowed_hosts: frozenset[str] = frozenset()  #: `host:port` as in the URL, lower case, that are never checked

    def permits(self, host: str, port: int, address: str) -> bool:
        """Tell whether a connection to `address`, as the host's name resolves, may be opened."""
        trusted = self.allow_private_network or f"{host.lower()}:{port}" in self.allowed_hosts
        return trusted or is_public(address)


def is_public(address: str) -> bool:
    """Tell whether an IPv4 or IPv6 address in digits belongs to the public internet, judged by the IPv4 inside it."""
    try:
        parsed = ip_address(address)
    except ValueError:  # a zone, as in fe80::1%eth0
        return False
    if isinstance(parsed, IPv6Address):
        inner = _embedded(parsed)
        if inner is None:
            return parsed in _GLOBAL_UNICAST and parsed.is_global
        parsed = inner
    return parsed.is_global and not parsed.is_multicast and not any(parsed in network for network in _ALSO_REFUSED)


def _embedded(address: IPv6Address) -> IPv4Address | None:
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour


class GuardedTransport(httpx.AsyncHTTPTransport):
    """httpx's transport, asking a `FetchPolicy` at every new connection, so after every redirect too.

    The connection goes to the very address that was judged; Host, SNI and the certificate's name stay the URL's.
    Raises `AssetRefused` where no address of the host is permitted, `AssetMissing` where there is no such host.
    """

    def __init__(self, policy: FetchPolicy) -> None:
        super().__init__(trust_env=False)
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=httpx.create_ssl_context(),
            max_connections=32,
            keepalive_expiry=15,
            network_backend=_GuardedNetwork(policy),
        )


class _GuardedNetwork(httpcore.AnyIOBackend):
    def __init__(self, policy: FetchPolicy) -> None:
        self._policy = policy

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        if not 0 < port < 1 << 16:
            raise AssetRefused(f"there is no port {port}")
        failure: Exception = httpcore.ConnectError(f"{host} has no address")
        for address in await self._addresses(host, port, timeout):
            try:
                return await super().connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure

    async def _addresses(self, host: str, port: int, timeout: float | None) -> list[str]:
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(timeout):
                found = await loop.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)
        except TimeoutError as error:
            raise httpcore.ConnectTimeout(f"{host} is not resolved in time") from error
        except (socket.gaierror, UnicodeError) as error:
            if isinstance(error, UnicodeError) or error.errno in _NO_SUCH_NAME:
                raise AssetMissing(f"there is no host {host}") from error
            raise httpcore.ConnectError(f"{host} is not resolved") from error
        addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
        permitted = [address for address in addresses if self._policy.permits(host, port, address)]
        if addresses and not permitted:
            raise AssetRefused(f"{host} is an address of a private network, where the farm does not read")
        return permitted
