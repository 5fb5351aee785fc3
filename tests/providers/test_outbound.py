from __future__ import annotations

import logging
import socket
import ssl
import time
import tracemalloc
import zlib
from pathlib import Path

import pytest

from clipboard.providers.errors import ProviderError
from clipboard.providers.outbound import Answer, open_client
from tests.providers.internet import answer, sends

SECRET = "canary-5d1f"
MB = 1024 * 1024
CERTIFICATE = Path(__file__).with_name("loopback.pem")  # self-signed, for store.example.com


def ask(url: str, method: str = "GET", **arguments) -> Answer:
    with open_client() as client:
        return client.request(method, url, **{"deadline": 5, **arguments})


def fault_of(url: str, method: str = "GET", **arguments) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        ask(url, method, **arguments)
    assert SECRET not in repr(caught.value) + str(caught.value)
    return caught.value


def drips(head: bytes, drop: bytes = b"a"):
    def handler(connection: socket.socket, _: bytes) -> None:
        connection.sendall(head)
        while True:
            connection.sendall(drop)
            time.sleep(0.03)

    return handler


def says_nothing(connection: socket.socket, _: bytes) -> None:
    connection.recv(1)


def never_stops(counter: list[int], head: bytes, part: bytes):
    def handler(connection: socket.socket, _: bytes) -> None:
        connection.sendall(head)
        while True:
            connection.sendall(part)
            counter.append(len(part))

    return handler


def encrypted(handler):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)

    def inside(connection: socket.socket, _: bytes) -> None:
        with context.wrap_socket(connection, server_side=True) as inner:
            handler(inner, inner.recv(65536))
            inner.unwrap()

    return inside


def test_it_sends_what_it_was_given_and_returns_any_status_as_an_answer(serve):
    server = serve(sends(answer(b'{"error":"no"}', status="422 No", retry_after="3")))
    got = ask(server.url("/v1"), "POST", json={"a": 1}, headers={"X-Api-Key": "k"}, params={"q": 2})
    assert (got.status, got.json(), got.headers["retry-after"]) == (422, {"error": "no"}, "3")
    head = server.requests[0].lower()
    assert head.startswith(b"post /v1?q=2 http/1.1\r\nhost: " + server.netloc.encode())
    assert b"x-api-key: k" in head
    assert head.endswith(b'{"a":1}')


def test_it_asks_for_an_uncompressed_answer_whatever_the_caller_wants(serve):
    server = serve(sends(answer(b"{}")))
    ask(server.url(), headers={"Accept-Encoding": "gzip"})
    assert server.requests[0].lower().count(b"accept-encoding") == 1
    assert b"accept-encoding: identity\r\n" in server.requests[0].lower()


def test_it_takes_nothing_from_the_surroundings(serve, internet, monkeypatch, tmp_path):
    trap = serve(sends(answer(b"trap")))
    server = serve(sends(answer(b"{}", set_cookie=f"a={SECRET}; Path=/", connection="close")))
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "all_proxy"):
        monkeypatch.setenv(name, f"http://{trap.netloc}")
    netrc = tmp_path / "netrc"
    netrc.write_text(f"machine 127.0.0.1 login me password {SECRET}\n")
    monkeypatch.setenv("NETRC", str(netrc))
    with open_client() as client:
        for _ in range(2):
            assert client.request("GET", server.url(), deadline=5).body == b"{}"
    assert trap.requests == []
    sent = b"".join(server.requests).lower()
    assert b"authorization" not in sent
    assert b"cookie" not in sent


def test_it_opens_a_new_connection_when_the_old_one_was_closed_meanwhile(serve):
    server = serve(sends(answer(b"{}")))
    with open_client() as client:
        client.request("GET", server.url(), deadline=5)
        time.sleep(0.05)
        client.request("GET", server.url(), deadline=5)
    assert len(server.requests) == 2


def test_it_keeps_a_connection_for_questions_but_submits_on_a_new_one(serve, internet):
    def answers_all(connection: socket.socket, _: bytes) -> None:
        connection.sendall(answer(b"{}"))
        while connection.recv(65536):
            connection.sendall(answer(b"{}"))

    server = serve(answers_all)
    with open_client() as client:
        for method in ("GET", "get", "POST", "post", "GET"):
            client.request(method, server.url(), deadline=5)
    assert len(internet.connects) == 3


@pytest.mark.parametrize(
    "handler",
    [
        drips(b"HTTP/1.1 200 OK\r\nX-Slow: "),
        drips(b"HTTP/1.1 200 OK\r\n", b"A: b\r\n"),
        drips(b"", b"HTTP/1.1 102 Wait\r\n\r\n"),
        drips(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n"),
        drips(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\na\r\n"),
        drips(b"HTTP/1.1 200 OK\r\n\r\n"),
        says_nothing,
    ],
    ids=["header", "headers", "interim", "body", "chunks", "endless", "silence"],
)
def test_it_ends_at_the_deadline_however_slowly_bytes_drip(serve, handler):
    server = serve(handler)
    began = time.monotonic()
    fault = fault_of(server.url(), deadline=0.4)
    assert 0.3 < time.monotonic() - began < 1.4
    assert (fault.kind, fault.code, fault.retryable) == ("network", "timeout", True)


def test_it_counts_redirects_into_the_same_deadline(serve):
    def handler(connection: socket.socket, _: bytes) -> None:
        time.sleep(0.15)
        connection.sendall(answer(status="302 Found", location="/again"))

    began = time.monotonic()
    fault_of(serve(handler).url(), deadline=0.4)
    assert time.monotonic() - began < 1.4


def test_it_ends_at_the_deadline_while_a_name_is_looked_up(internet, monkeypatch):
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: time.sleep(3))
    began = time.monotonic()
    fault = fault_of("https://slow.example.com/", deadline=0.3)
    assert time.monotonic() - began < 1.3
    assert (fault.kind, fault.code) == ("network", "connect")


def test_it_ends_at_the_deadline_while_tls_is_agreed(internet, start):
    internet.names["store.example.com"] = [["1.1.1.1"]]
    internet.routes["1.1.1.1", 443] = start(says_nothing)
    began = time.monotonic()
    assert fault_of("https://store.example.com/", deadline=0.3).kind == "network"
    assert time.monotonic() - began < 1.3


def test_it_ends_at_the_deadline_while_sending(serve):
    server = serve(lambda connection, head: time.sleep(2))
    began = time.monotonic()
    fault = fault_of(server.url(), "PUT", content=b"x" * 32 * MB, deadline=0.4)
    assert time.monotonic() - began < 1.4
    assert fault.code in {"timeout", "broken"}


def test_it_gives_up_on_silence_before_the_deadline(serve):
    server = serve(drips(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", b""))
    began = time.monotonic()
    with open_client(idle=0.3) as client, pytest.raises(ProviderError, match="too long"):
        client.request("GET", server.url(), deadline=60)
    assert time.monotonic() - began < 1.3


def test_it_lets_the_caller_look_around_while_nothing_comes(serve):
    calls = []

    def look_around() -> None:
        calls.append(time.monotonic())
        raise KeyboardInterrupt

    server = serve(says_nothing)
    with open_client(while_waiting=look_around) as client, pytest.raises(KeyboardInterrupt):
        client.request("GET", server.url(), deadline=60)
    assert len(calls) == 1


@pytest.mark.parametrize(
    ("head", "part"),
    [
        (b"HTTP/1.1 200 OK\r\n\r\n", b"a" * 65536),
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
            b"10000\r\n" + b"a" * 65536 + b"\r\n",
        ),
        (b"HTTP/1.1 200 OK\r\n", b"X-A: " + b"a" * 65536 + b"\r\n"),
        (b"HTTP/1.1 200 OK\r\nX-A: ", b"a" * 65536),
    ],
    ids=["endless", "chunks", "headers", "header"],
)
def test_it_cuts_an_endless_answer_at_its_cap(serve, head, part):
    sent: list[int] = []
    server = serve(never_stops(sent, head, part))
    tracemalloc.start()
    try:
        fault = fault_of(server.url(), max_bytes=2 * MB)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert fault.code in {"too_large", "broken"}
    assert peak < 12 * MB
    assert sum(sent) < 32 * MB  # the cap and what lay in the sockets' buffers


def test_it_refuses_a_body_announced_as_too_large_without_reading_it(serve):
    sent: list[int] = []
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n"
    fault = fault_of(serve(never_stops(sent, head, b"a" * 65536)).url())
    assert (fault.kind, fault.code, fault.retryable) == ("provider", "too_large", False)
    assert str(fault) == "The answer is larger than 2 MB."


@pytest.mark.parametrize("encoding", ["gzip", "GZIP", "gzip, gzip, gzip", "br", "identity,deflate"])
def test_it_never_unpacks(serve, encoding):
    bomb = zlib.compress(b"\0" * 8 * MB)
    fault = fault_of(serve(sends(answer(bomb, content_encoding=encoding))).url())
    assert (fault.kind, fault.code) == ("provider", "compressed")


def test_it_accepts_encodings_that_change_nothing(serve):
    server = serve(sends(answer(b"plain", content_encoding="aws-chunked")))
    assert ask(server.url()).body == b"plain"


@pytest.mark.parametrize(
    "handler",
    [
        sends(b""),
        sends(b"HTTP/1.1 200"),
        sends(b"SSH-2.0-OpenSSH_9\r\n"),
        sends(b"HTTP/1.1 2000 OK\r\n\r\n"),
        sends(b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n"),
        sends(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef"),
        sends(b"HTTP/1.1 200 OK\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\n"),
        sends(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"),
        sends(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
        sends(b"HTTP/1.1 200 OK\r\nA\0: b\r\n\r\n"),
    ],
)
def test_it_turns_broken_answers_into_its_one_error(serve, handler):
    fault = fault_of(serve(handler).url(f"/?token={SECRET}"))
    assert (fault.kind, fault.code, fault.retryable) == ("network", "broken", True)


def test_it_turns_a_refused_connection_into_its_one_error(serve):
    server = serve(sends(b""))
    url = server.url()
    server.close()
    fault = fault_of(url, "POST")
    assert (fault.kind, fault.code, fault.retryable) == ("network", "connect", True)


def test_it_calls_a_failing_resolver_a_network_fault(internet, monkeypatch):
    def fail(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    fault = fault_of("https://example.com/")
    assert (fault.kind, fault.code, fault.retryable) == ("network", "connect", True)


@pytest.mark.parametrize("handler", [sends(b""), says_nothing, sends(b"HTTP/1.1 200 OK\r\nA")])
def test_it_never_repeats_a_submission_and_says_that_it_may_have_worked(serve, handler):
    server = serve(handler)
    fault = fault_of(server.url(), "POST", json={}, deadline=0.4)
    assert (fault.kind, fault.retryable) == ("unknown", False)
    assert str(fault).endswith("It may have been carried out.")
    assert len(server.requests) == 1


def test_it_does_not_follow_a_redirected_submission(serve):
    trap = serve(sends(answer(b"trap")))
    server = serve(sends(answer(status="307 Temporary Redirect", location=trap.url())))
    fault = fault_of(server.url(), "POST", json={"secret": SECRET})
    assert (fault.kind, fault.code) == ("unknown", "redirected")
    assert trap.requests == []


@pytest.mark.parametrize("header", [f"{SECRET}\nline", f"{SECRET}\x00", f"“{SECRET}”"])
def test_it_explains_a_key_that_no_header_can_hold(serve, header):
    server = serve(sends(answer(b"{}")))
    fault = fault_of(server.url(), headers={"Authorization": header})
    assert (fault.kind, fault.code) == ("input", "header")
    assert SECRET.encode() not in b"".join(server.requests)


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

    outbound._tls().load_verify_locations(CERTIFICATE)
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


def test_it_writes_no_address_into_the_logs(serve, caplog):
    caplog.set_level(logging.DEBUG)
    ask(serve(sends(answer(b"{}"))).url(f"/?signature={SECRET}"))
    fault_of(serve(sends(b"")).url(f"/?signature={SECRET}"))
    assert caplog.text == ""


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b'{"a":',
        b"\xff\xfe",
        b'"\xc3"',
        b"[" * 100_000,
        b"1" * 5000,
        b"{} {}",
    ],
)
def test_it_reads_nonsense_as_a_fault_of_the_service(serve, body):
    got = ask(serve(sends(answer(body, content_type="application/json; charset=rot13"))).url())
    with pytest.raises(ProviderError) as caught:
        got.json()
    assert (caught.value.kind, caught.value.code) == ("provider", "not_json")


def test_it_reads_json_behind_a_byte_order_mark(serve):
    assert ask(serve(sends(answer(b'\xef\xbb\xbf{"a":1}'))).url()).json() == {"a": 1}
