from __future__ import annotations

import socket

import pytest
from django.core.exceptions import ImproperlyConfigured
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from clipboard.lib.addresses import is_public
from clipboard.providers.errors import ProviderError
from clipboard.providers.guard import REFUSAL, Guard, GuardedBackend
from clipboard.providers.outbound import open_client
from tests.lib.test_addresses import BAD
from tests.providers.internet import answer, sends
from tests.texts import texts

PUBLIC = "93.184.215.14"
OTHER_PUBLIC = "1.1.1.1"

LITERALS = """
127.0.0.1 127.1 0x7f000001 0x7f.1 2130706433 017700000001 0 0.0.0.0 ①②⑦.⓪.⓪.①  127。0。0。1
[::] [::1] [::ffff:7f00:1] [::ffff:127.0.0.1] [::127.0.0.1] [64:ff9b::7f00:1] [2002:7f00:1::]
[fec0::1] [fe80::1] [fd00:ec2::254] 169.254.169.254 192.0.0.192 100.100.100.200 168.63.129.16
10.0.0.1 192.168.1.1 224.0.0.1 localhost localhost. LOCALHOST
"""

MALFORMED = [
    "",
    " ",
    "clip.mp4",
    "//example.com/a",
    "http://",
    "http:///a",
    "http://:80/",
    "http://[::1",
    "http://[::1]x/",
    "http://[fe80::1%25eth0]/",
    "http://example.com:port/",
    "http://example.com:99999/",
    "http://exa mple.com/",
    "http://example.com\t/",
    "http://example.com\r\nHost: a/",
    "http://example.com/\x00",
    "http://" + "a" * 64 + ".com/",
    "http://" + "a." * 200 + "com/",
    "http://..",
    "http://%31%32%37.0.0.1/",
    "http://example.com@127.0.0.1/",
    "http://user:word@example.com/",
    "http://127.0.0.1\\@example.com/",
    "http://example.com\\@127.0.0.1/",
    "http://127.0.0.1#@example.com/",
    "http://127.0.0.1?@example.com/",
    "https://example.com/" + "a" * 70_000,
]

FOREIGN = ["ftp", "file", "gopher", "data", "blob", "dict", "ldap", "ws", "javascript", "HTTPX"]


def refusal_of(url: str, **options) -> ProviderError:
    with open_client(**options) as client, pytest.raises(ProviderError) as caught:
        client.request("GET", url, deadline=5)
    assert (caught.value.kind, caught.value.code) == ("input", "refused")
    assert not caught.value.retryable
    assert str(caught.value) == REFUSAL
    return caught.value


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("host", LITERALS.split())
def test_it_refuses_every_way_to_write_an_inner_address(internet, settings, host, scheme):
    settings.ALLOWED_HOSTS = []  # so that nothing but the address itself speaks against it
    internet.names["localhost"] = internet.names["localhost."] = [["127.0.0.1", "::1"]]
    refusal_of(f"{scheme}://{host}/")
    assert internet.connects == []


@pytest.mark.parametrize("url", MALFORMED)
def test_it_refuses_urls_that_parsers_disagree_about(internet, url):
    internet.names["example.com"] = [[PUBLIC]]
    refusal_of(url)
    assert internet.connects == []


@pytest.mark.parametrize("scheme", FOREIGN)
def test_it_refuses_other_schemes(internet, scheme):
    refusal_of(f"{scheme}://example.com/etc/passwd")
    refusal_of(f"{scheme}:text/html,hello")
    assert internet.lookups == internet.connects == []


@pytest.mark.parametrize("port", [1, 22, 25, 53, 5432, 6379, 8000, 8080, 8443, 11211, 65535])
def test_it_refuses_other_ports(internet, port):
    internet.names["example.com"] = [[PUBLIC]]
    refusal_of(f"http://example.com:{port}/")
    refusal_of(f"https://example.com:{port}/")
    assert internet.connects == []


@pytest.mark.parametrize("ip", [ip for ip in BAD.split() if "%" not in ip])
def test_it_refuses_names_that_lead_inside(internet, ip):
    internet.names["metadata.example.com"] = [[ip]]
    refusal_of("http://metadata.example.com/latest/meta-data/")
    assert internet.connects == []


@pytest.mark.parametrize("order", [[PUBLIC, "10.0.0.1"], ["::1", PUBLIC], [PUBLIC] * 9 + ["::1"]])
def test_it_refuses_a_name_when_one_of_its_addresses_is_inside(internet, order):
    internet.names["mixed.example.com"] = [order]
    refusal_of("http://mixed.example.com/")
    assert internet.connects == []


def test_it_says_the_same_when_a_name_does_not_exist(internet):
    assert "its name was not found" in str(refusal_of("http://no-such-host.internal/"))
    assert internet.connects == []


def test_it_resolves_once_and_connects_to_that_very_address(internet, start):
    internet.names["rebind.example.com"] = [[PUBLIC], ["127.0.0.1"]]
    server = start(sends(answer(b"{}")))
    internet.routes[PUBLIC, 80] = server
    with open_client() as client:
        got = client.request("GET", "http://rebind.example.com/a", deadline=5)
    assert got.json() == {}
    assert internet.lookups == ["rebind.example.com"]
    assert internet.connects == [(PUBLIC, 80)]
    assert b"\r\nHost: rebind.example.com\r\n" in server.requests[0]


def test_it_checks_again_when_a_name_turns_inward(internet, start):
    internet.names["rebind.example.com"] = [[PUBLIC], ["127.0.0.1"]]
    internet.routes[PUBLIC, 80] = start(sends(answer(b"{}", connection="close")))
    with open_client() as client:
        client.request("GET", "http://rebind.example.com/", deadline=5)
        with pytest.raises(ProviderError, match="public"):
            client.request("GET", "http://rebind.example.com/", deadline=5)
    assert internet.connects == [(PUBLIC, 80)]


def test_it_tries_the_next_public_address_when_one_is_dead(internet, start):
    internet.names["two.example.com"] = [["2606:4700:4700::1111", OTHER_PUBLIC, PUBLIC]]
    internet.routes[PUBLIC, 80] = start(sends(answer(b"{}")))
    with open_client() as client:
        assert client.request("GET", "http://two.example.com/", deadline=5).status == 200
    assert internet.connects[-1] == (PUBLIC, 80)
    assert internet.lookups == ["two.example.com"]


def test_it_keeps_the_name_for_tls_while_connecting_to_the_address(internet, start):
    internet.names["tls.example.com"] = [[PUBLIC]]

    def speaks_no_tls(connection: socket.socket, _: bytes) -> None:
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")

    server = start(speaks_no_tls, peek=True)
    internet.routes[PUBLIC, 443] = server
    with open_client() as client, pytest.raises(ProviderError) as caught:
        client.request("GET", "https://tls.example.com/", deadline=5)
    assert (caught.value.kind, caught.value.code) == ("network", "tls")
    assert b"tls.example.com" in server.requests[0]  # the ClientHello's server name
    assert internet.connects == [(PUBLIC, 443)]


@pytest.mark.parametrize(
    "url",
    [
        "https://clips.example.org/media/1",
        "https://CLIPS.example.org./",
        "http://clips.example.org/",
        "https://app.example.net/",
        "https://deep.app.example.net/",
        "https://elsewhere.example.com/",
        "https://93.184.215.14/",
        "https://[::ffff:93.184.215.14]/",
    ],
)
def test_it_refuses_to_call_itself(internet, settings, url):
    settings.PUBLIC_BASE_URL = "https://clips.example.org"
    settings.ALLOWED_HOSTS = [".app.example.net", PUBLIC, "*"]
    internet.names["elsewhere.example.com"] = [[PUBLIC]]
    refusal_of(url)
    assert internet.connects == []


def test_it_asks_for_https_when_told_to(internet, settings):
    settings.OUTBOUND_ALLOW_HTTP = False
    internet.names["example.com"] = [[PUBLIC]]
    refusal_of("http://example.com/")
    assert internet.lookups == []


def test_it_exempts_exactly_the_named_host_and_port(internet, start, settings):
    server, other = start(sends(answer(b"{}"))), start(sends(answer(b"{}")))
    settings.OUTBOUND_ALLOW_HTTP = False
    settings.OUTBOUND_ALLOW_HOSTS = [server.netloc]
    with open_client() as client:
        assert client.request("GET", server.url(), deadline=5).status == 200
    refusal_of(other.url())
    refusal_of(server.url(), allow=())
    assert internet.connects == [server.address]


def test_it_reads_exempt_hosts_with_and_without_a_port():
    guard = Guard.from_settings(["store.internal", "MINIO:9000", "[fd00::5]:9000"])
    assert guard.exempt == {
        ("store.internal", 80),
        ("store.internal", 443),
        ("minio", 9000),
        ("fd00::5", 9000),
    }


@pytest.mark.parametrize("entry", ["", "http://store:9000", "store:port", "store:9000/path"])
def test_it_explains_an_exempt_host_that_it_cannot_read(entry):
    with pytest.raises(ImproperlyConfigured, match="host:port"):
        Guard.from_settings([entry])


def test_it_checks_where_the_socket_is_opened_too(internet):
    backend = GuardedBackend(Guard.from_settings(()), idle=1, while_waiting=lambda: None)
    internet.names["example.com"] = [[PUBLIC]]
    with pytest.raises(ProviderError, match="public"):
        backend.connect_tcp("example.com", 6379)
    assert internet.lookups == internet.connects == []


@hypothesis_settings(
    max_examples=200,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    st.one_of(
        texts(max_size=80),
        st.builds("http://{}{}".format, st.ip_addresses(v=4), st.sampled_from(["", "/", ":80"])),
        st.builds("https://[{}]/".format, st.ip_addresses(v=6)),
        st.builds("http://{}/{}".format, texts(max_size=40), texts(max_size=20)),
        st.builds("http://{}@{}/".format, texts(max_size=9), texts(max_size=9)),
        st.builds("http://{}.{}/".format, st.integers(0, 2**32), st.integers(0, 255)),
    )
)
def test_it_meets_any_text_with_one_error_and_no_inner_connection(internet, url):
    with open_client() as client, pytest.raises(ProviderError) as caught:
        client.request("GET", url, deadline=5)
    assert caught.value.kind in {"input", "network"}
    assert all(is_public(ip) and port in {80, 443} for ip, port in internet.connects)
