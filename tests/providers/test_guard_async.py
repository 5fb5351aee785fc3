from __future__ import annotations

import socket
import ssl

import pytest

from clipboard.providers.errors import ProviderError
from clipboard.providers.guard import REFUSAL
from clipboard.providers.outbound_async import open_async_client
from tests.lib.test_addresses import BAD
from tests.providers.internet import answer, ask_async, fault_of_async, run, sends
from tests.providers.test_guard import FOREIGN, LITERALS, MALFORMED, OTHER_PUBLIC, PUBLIC


def assert_refused(*urls: str, **arguments) -> None:
    for url, got in zip(urls, ask_async(*urls, **arguments), strict=True):
        assert isinstance(got, ProviderError), url
        assert (got.kind, got.code, str(got)) == ("input", "refused", REFUSAL), url


def test_it_refuses_every_way_to_write_an_inner_address(internet, settings):
    settings.ALLOWED_HOSTS = []  # so that nothing but the address itself speaks against it
    internet.names["localhost"] = internet.names["localhost."] = [["127.0.0.1", "::1"]]
    hosts = LITERALS.split()
    assert_refused(*(f"{scheme}://{host}/" for scheme in ("http", "https") for host in hosts))
    assert internet.connects == []


def test_it_refuses_urls_that_parsers_disagree_about(internet):
    internet.names["example.com"] = [[PUBLIC]]
    assert_refused(*MALFORMED, *(f"{scheme}://example.com/" for scheme in FOREIGN))
    assert internet.connects == []


def test_it_refuses_other_ports(internet):
    internet.names["example.com"] = [[PUBLIC]]
    ports = (1, 22, 5432, 6379, 8000, 8443, 65535)
    assert_refused(
        *(f"https://{host}:{port}/" for host in ("example.com", PUBLIC) for port in ports)
    )
    assert internet.lookups == internet.connects == []


def test_it_refuses_names_that_lead_inside(internet):
    inside = [ip for ip in BAD.split() if "%" not in ip]
    internet.names |= {f"n{number}.example.com": [[ip]] for number, ip in enumerate(inside)}
    internet.names["mixed.example.com"] = [[PUBLIC, "10.0.0.1"]]
    assert_refused(*(f"http://{name}/latest/meta-data/" for name in internet.names))
    assert_refused("http://no-such-host.internal/")
    assert internet.connects == []


def test_it_refuses_to_call_itself(internet, settings):
    settings.PUBLIC_BASE_URL = "https://clips.example.org"
    settings.ALLOWED_HOSTS = [".app.example.net", PUBLIC]
    internet.names["elsewhere.example.com"] = [[PUBLIC]]
    hosts = ("clips.example.org", "CLIPS.example.org.", "deep.app.example.net", PUBLIC)
    assert_refused(*(f"https://{host}/" for host in (*hosts, "elsewhere.example.com")))
    assert internet.connects == []


def test_it_asks_for_https_when_told_to(internet, settings):
    settings.OUTBOUND_ALLOW_HTTP = False
    internet.names["example.com"] = [[PUBLIC]]
    assert_refused("http://example.com/")
    assert internet.lookups == []


def test_it_exempts_exactly_the_named_host_and_port(internet, start, settings):
    server, other = start(sends(answer(b"{}"))), start(sends(answer(b"{}")))
    port = server.address[1]
    internet.names["store.internal"] = [["127.0.0.1"]]
    settings.OUTBOUND_ALLOW_HTTP = False
    settings.OUTBOUND_ALLOW_HOSTS = [server.netloc, f"store.internal:{port}"]
    named = f"http://store.internal:{port}/"
    assert [got.status for got in ask_async(server.url(), named)] == [200, 200]
    assert_refused(other.url(), f"http://store.internal:{other.address[1]}/")
    assert_refused(server.url(), client={"allow": ()})
    assert set(internet.connects) == {server.address}


def test_it_resolves_once_and_connects_to_that_very_address(internet, start):
    internet.names["rebind.example.com"] = [[PUBLIC], ["127.0.0.1"]]
    server = start(sends(answer(b"{}", connection="close")))
    internet.routes[PUBLIC, 80] = server
    first, second = ask_async("http://rebind.example.com/a", "http://rebind.example.com/b")
    assert first.json() == {}
    assert second.code == "refused"
    assert internet.lookups == ["rebind.example.com"] * 2
    assert internet.connects == [(PUBLIC, 80)]
    assert b"\r\nHost: rebind.example.com\r\n".lower() in server.requests[0].lower()


def test_it_tries_the_next_public_address_when_one_is_dead(internet, start):
    internet.names["two.example.com"] = [["2606:4700:4700::1111", OTHER_PUBLIC, PUBLIC]]
    internet.routes[PUBLIC, 80] = start(sends(answer(b"{}")))
    assert ask_async("http://two.example.com/")[0].status == 200


def test_it_looks_at_the_address_of_every_socket(internet):
    async def opened(address):
        async with open_async_client() as client:
            return client.kept.connector._socket_factory(
                (socket.AF_INET, socket.SOCK_STREAM, 6, "", address)
            )

    for address in (("127.0.0.1", 80), ("10.0.0.1", 443), (PUBLIC, 22), ("2130706433", 80)):
        with pytest.raises(ProviderError, match="public"):
            run(opened(address))
    run(opened((PUBLIC, 443))).close()


def test_it_keeps_the_name_for_tls_while_connecting_to_the_address(internet, start):
    internet.names["tls.example.com"] = [[PUBLIC]]

    def speaks_no_tls(connection: socket.socket, _: bytes) -> None:
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")

    server = start(speaks_no_tls, peek=True)
    internet.routes[PUBLIC, 443] = server
    fault = fault_of_async("https://tls.example.com/")
    assert (fault.kind, fault.code) == ("network", "tls")
    assert b"tls.example.com" in server.requests[0]


def test_it_trusts_no_certificate_that_nobody_signed(internet, start):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain("tests/providers/loopback.pem")

    def speaks_tls(connection: socket.socket, _: bytes) -> None:
        context.wrap_socket(connection, server_side=True)

    internet.names["tls.example.com"] = [[PUBLIC]]
    internet.routes[PUBLIC, 443] = start(speaks_tls, peek=True)
    fault = fault_of_async("https://tls.example.com/", "POST")
    assert (fault.kind, fault.code) == ("network", "tls")
