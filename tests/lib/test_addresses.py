from __future__ import annotations

import doctest
from ipaddress import ip_address

import pytest

from clipboard.lib import addresses
from clipboard.lib.addresses import is_public

BAD = """
0.0.0.0 0.1.2.3 10.0.0.1 100.64.0.1 100.100.100.200 127.0.0.1 127.255.255.254 168.63.129.16
169.254.169.254 169.254.170.2 172.16.0.1 172.31.255.255 192.0.0.1 192.0.0.192 192.0.2.1
192.88.99.1 192.168.1.1 198.18.0.1 198.19.255.255 198.51.100.1 203.0.113.1 224.0.0.1
239.255.255.255 240.0.0.1 255.255.255.255
:: ::1 ::127.0.0.1 ::8.8.8.8 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:169.254.169.254
::ffff:0:127.0.0.1 64:ff9b::7f00:1 64:ff9b::169.254.169.254 64:ff9b:1::1 100::1 2001::1
2001:0:4136:e378:8000:63bf:3fff:fdd2 2001:10::1 2001:20::1 2001:db8::1 2002:7f00:1::
2002:a9fe:a9fe::1 3fff::1 4000::1 5f00::1 fc00::1 fd00:ec2::254 fe80::1 fe80::1%eth0 fec0::1
ff02::1 ff0e::1 2606:4700:4700::1111%1
"""

GOOD = """
1.1.1.1 8.8.8.8 9.255.255.255 11.0.0.0 100.63.255.255 100.128.0.0 126.255.255.255 128.0.0.0
168.63.129.15 168.63.129.17 169.253.255.255 172.15.255.255 172.32.0.0 192.0.1.0 192.167.255.255
198.17.255.255 198.20.0.0 223.255.255.255 ::ffff:8.8.8.8 2001:200::1 2001:4860:4860::8888
2003::1 2606:4700:4700::1111 2a00:1450:4001:81b::200e 2620:fe::fe
"""


@pytest.mark.parametrize("ip", BAD.split())
def test_it_refuses_what_is_not_on_the_public_internet(ip: str) -> None:
    assert not is_public(ip)
    assert not is_public(ip_address(ip))


@pytest.mark.parametrize("ip", GOOD.split())
def test_it_keeps_public_addresses(ip: str) -> None:
    assert is_public(ip)
    assert is_public(ip_address(ip))


@pytest.mark.parametrize("text", ["", "localhost", "127.1", "0x7f000001", "8.8.8.8:80", "a b"])
def test_it_refuses_what_is_no_address(text: str) -> None:
    assert not is_public(text)


def test_its_examples_are_true() -> None:
    assert doctest.testmod(addresses).failed == 0
