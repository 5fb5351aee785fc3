from __future__ import annotations

import socket
import ssl
from pathlib import Path

import pytest

from tests.providers.internet import (
    SECRET,
    answer,
    ask,
    fault_of,
    sends,
)

CERTIFICATE = Path(__file__).with_name("loopback.pem")  # self-signed, for store.example.com


def encrypted(handler):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)

    def inside(connection: socket.socket, _: bytes) -> None:
        with context.wrap_socket(connection, server_side=True) as inner:
            handler(inner, inner.recv(65536))
            inner.unwrap()

    return inside


def test_it_does_not_follow_a_redirected_submission(serve):
    trap = serve(sends(answer(b"trap")))
    server = serve(sends(answer(status="307 Temporary Redirect", location=trap.url())))
    fault = fault_of(server.url(), "POST", json={"secret": SECRET})
    assert (fault.kind, fault.code) == ("unknown", "redirected")
    assert trap.requests == []


def redirects_to(location: str, status: str = "302 Found") -> bytes:
    return answer(status=status, location=location)


@pytest.mark.parametrize(
    "location",
    [
        "http://127.0.0.1/",
        "http://169.254.169.254/latest/meta-data/",
        "//[::1]/",
        "//localhost/",
        "http://[::1",
        "http://2130706433/",
        "http://inside.example.com/",
        "http://b.example.com:6379/",
        "http://user:word@b.example.com/",
        "file:///etc/passwd",
        "ftp://b.example.com/",
        "data:text/html,hello",
        "javascript:alert(1)",
    ],
)
def test_it_checks_every_hop(internet, start, location):
    internet.names.update(
        {"a.example.com": [["1.1.1.1"]], "b.example.com": [["1.1.1.1"]]}
        | {"inside.example.com": [["10.0.0.1"]], "localhost": [["127.0.0.1"]]}
    )
    internet.routes["1.1.1.1", 80] = start(sends(redirects_to(location)))
    fault = fault_of("http://a.example.com/")
    assert (fault.kind, fault.code) == ("input", "refused")
    assert internet.connects == [("1.1.1.1", 80)]


def test_it_follows_five_hops_and_no_more(serve):
    def handler(connection: socket.socket, head: bytes) -> None:
        left = int(head.split(b" ")[1].strip(b"/"))
        connection.sendall(redirects_to(f"/{left - 1}") if left else answer(b"there"))

    assert ask(serve(handler).url("/5")).body == b"there"
    server = serve(handler)
    fault = fault_of(server.url("/50"))
    assert (fault.code, fault.retryable) == ("redirects", False)
    assert len(server.requests) == 6


def test_it_forwards_no_credentials(serve):
    target = serve(sends(answer(b"{}")))
    server = serve(sends(redirects_to(target.url("/there"))))
    credentials = {"Authorization": SECRET, "X-Api-Key": SECRET, "Cookie": SECRET}
    ask(server.url(), headers={**credentials, "Range": "bytes=0-9"}, params={"key": SECRET})
    assert SECRET.encode() in server.requests[0]
    assert SECRET.encode() not in target.requests[0]
    assert b"range: bytes=0-9" in target.requests[0].lower()


def test_it_returns_a_redirect_that_leads_nowhere_as_an_answer(serve):
    assert ask(serve(sends(answer(status="302 Found"))).url()).status == 302


@pytest.fixture
def store(internet):
    """A name whose certificate is trusted for the length of this test run."""
    from clipboard.providers import outbound

    outbound.tls().load_verify_locations(CERTIFICATE)
    internet.names["store.example.com"] = [["1.1.1.1"]]
    internet.names["other.example.com"] = [["1.1.1.1"]]
    return internet


def test_it_speaks_tls_with_the_name_it_was_given(store, start):
    store.routes["1.1.1.1", 443] = start(encrypted(sends(answer(b"{}"))), peek=True)
    assert ask("https://store.example.com/a").json() == {}
    assert store.lookups == ["store.example.com"]


def test_it_refuses_a_certificate_for_another_name(store, start):
    store.routes["1.1.1.1", 443] = start(encrypted(sends(answer(b"{}"))), peek=True)
    fault = fault_of("https://other.example.com/a")
    assert (fault.kind, fault.code) == ("network", "tls")


def test_it_is_never_led_from_https_to_http(store, start):
    plain = start(sends(answer(b"{}")))
    store.routes["1.1.1.1", 80] = plain
    store.routes["1.1.1.1", 443] = start(
        encrypted(sends(redirects_to("http://store.example.com/"))), peek=True
    )
    assert fault_of("https://store.example.com/").code == "refused"
    assert plain.requests == []
