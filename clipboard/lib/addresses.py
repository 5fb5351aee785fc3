"""Which network addresses lie on the public internet."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

Address = IPv4Address | IPv6Address

NAMES_OF_LOOPBACK = {"localhost", "127.0.0.1", "::1"}

# Python's is_global calls some of these public (multicast, 192.0.0.192) and differs by version.
NOT_PUBLIC_V4 = tuple(
    IPv4Network(net)
    for net in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",  # carrier NAT; Alibaba Cloud's metadata is 100.100.100.200
        "127.0.0.0/8",
        "168.63.129.16/32",  # Azure's host agent, inside public space
        "169.254.0.0/16",  # link-local; most clouds' metadata
        "172.16.0.0/12",
        "192.0.0.0/24",  # protocol assignments; Oracle Cloud's metadata
        "192.0.2.0/24",
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",
    )
)

# Everything outside is loopback, local, multicast, NAT64 (64:ff9b::/96) or not yet given out.
GLOBAL_UNICAST_V6 = IPv6Network("2000::/3")
NOT_PUBLIC_V6 = tuple(
    IPv6Network(net)
    for net in (
        "2001::/23",  # protocol assignments, among them Teredo (2001::/32)
        "2001:db8::/32",
        "2002::/16",  # 6to4 carries any IPv4 address, also 127.0.0.1
        "3fff::/20",
    )
)


def is_public(ip: str | Address) -> bool:
    """Whether `ip` is an ordinary address on the public internet.

    An IPv4 address in IPv6 clothes (`::ffff:a.b.c.d`) is judged by what it carries. The other
    wrappings (6to4, Teredo, NAT64, IPv4-compatible) are refused whatever they carry, as is
    anything that is no address. Ranges: the IANA special-purpose address registries.

    >>> is_public("8.8.8.8"), is_public("2606:4700:4700::1111"), is_public("::ffff:8.8.8.8")
    (True, True, True)
    >>> is_public("127.0.0.1"), is_public("::ffff:7f00:1"), is_public("64:ff9b::7f00:1")
    (False, False, False)
    >>> is_public("localhost")
    False
    """
    try:
        address = ip_address(ip)
    except ValueError:
        return False
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is None:
            return _is_public_v6(address)
        address = address.ipv4_mapped
    return address.is_global and not any(address in net for net in NOT_PUBLIC_V4)


def client_of(peer: str, forwarded: str, proxies: Iterable[str]) -> str:
    """Who asks: the peer of the connection or, where that is one of `proxies`, the last one that is
    none of them in `forwarded` (X-Forwarded-For). What stands before it anybody may have written.

    >>> client_of("127.0.0.1", "198.51.100.9, 203.0.113.7", ["127.0.0.1"])
    '203.0.113.7'
    >>> client_of("203.0.113.7", "198.51.100.9", ["127.0.0.1"])
    '203.0.113.7'
    >>> client_of("10.0.0.2", "203.0.113.7, 10.0.0.1", ["10.0.0.0/8"])
    '203.0.113.7'
    >>> client_of("10.0.0.2", "nonsense", ["10.0.0.0/8"])
    '10.0.0.2'
    >>> client_of("::ffff:127.0.0.1", "203.0.113.7", ["127.0.0.1"])
    '203.0.113.7'
    """
    networks = [ip_network(proxy) for proxy in proxies]
    client = peer
    for told in (peer, *reversed(forwarded.split(","))):
        try:
            address: Address = ip_address(told.strip())
        except ValueError:
            break
        if isinstance(address, IPv6Address) and address.ipv4_mapped:
            address = address.ipv4_mapped
        client = str(address)
        if not any(address in network for network in networks):
            break
    return client


def _is_public_v6(address: IPv6Address) -> bool:
    return (
        address.scope_id is None
        and address in GLOBAL_UNICAST_V6
        and address.is_global
        and not any(address in net for net in NOT_PUBLIC_V6)
    )
