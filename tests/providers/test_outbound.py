from __future__ import annotations

import logging
import socket

import pytest

from clipboard.providers.errors import ProviderError
from clipboard.providers.guard import GuardedStream
from clipboard.providers.outbound import open_client
from tests.providers.internet import (
    MB,
    SECRET,
    answer,
    ask,
    fault_of,
    resets,
    says_nothing,
    sends,
)


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
            assert client.request("GET", server.url(), deadline=60).body == b"{}"
    assert trap.requests == []
    sent = b"".join(server.requests).lower()
    assert b"authorization" not in sent
    assert b"cookie" not in sent


def test_it_opens_a_new_connection_when_the_old_one_was_closed_meanwhile(serve):
    server = serve(sends(answer(b"{}")))
    with open_client() as client:
        client.request("GET", server.url(), deadline=60)
        assert server.closed.acquire(timeout=60)
        client.request("GET", server.url(), deadline=60)
    assert len(server.requests) == 2


def test_it_keeps_a_connection_for_questions_but_submits_on_a_new_one(serve, internet):
    def answers_all(connection: socket.socket, _: bytes) -> None:
        connection.sendall(answer(b"{}"))
        while connection.recv(65536):
            connection.sendall(answer(b"{}"))

    server = serve(answers_all)
    with open_client() as client:
        for method in ("GET", "get", "POST", "post", "GET"):
            client.request(method, server.url(), deadline=60)
    assert len(internet.connects) == 3


@pytest.mark.parametrize(
    "handler",
    [
        resets,
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


def test_it_turns_an_address_that_never_answers_into_its_one_error(internet):
    internet.names["example.com"] = [["1.1.1.1"]]
    internet.silent.add(("1.1.1.1", 443))
    fault = fault_of("https://example.com/", "POST")
    assert (fault.kind, fault.code, fault.retryable) == ("network", "connect", True)


def test_it_turns_a_connection_lost_while_sending_into_its_one_error(serve):
    fault = fault_of(serve(resets).url(), "PUT", content=b"x" * 8 * MB)
    assert (fault.kind, fault.code) == ("network", "broken")


def test_it_counts_a_closed_socket_as_gone():
    near, far = socket.socketpair()
    stream = GuardedStream(near, 1, lambda: None)
    assert not stream.get_extra_info("is_readable")
    far.close()
    assert stream.get_extra_info("is_readable")
    stream.close()
    assert stream.get_extra_info("is_readable")


def test_it_calls_a_failing_resolver_a_network_fault(internet, monkeypatch):
    def fail(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    fault = fault_of("https://example.com/")
    assert (fault.kind, fault.code, fault.retryable) == ("network", "connect", True)


@pytest.mark.parametrize("handler", [sends(b""), says_nothing, sends(b"HTTP/1.1 200 OK\r\nA")])
def test_it_never_repeats_a_submission_and_says_that_it_may_have_worked(serve, handler):
    server = serve(handler)
    fault = fault_of(server.url(), "POST", json={}, deadline=0.6)
    assert (fault.kind, fault.retryable) == ("unknown", False)
    assert str(fault).endswith("It may have been carried out.")
    assert server.closed.acquire(timeout=60)
    assert len(server.requests) == 1


def test_it_has_a_last_look_when_it_is_connected_and_before_it_writes(serve, internet):
    server = serve(sends(answer(b"{}")))
    connected = []

    def look() -> None:
        connected.append(len(internet.connects))
        if len(connected) == 2:
            raise Abandoned

    with open_client() as client:
        client.request("POST", server.url(), json={}, deadline=60, last_look=look)
        with pytest.raises(Abandoned):
            client.request("POST", server.url(), json={}, deadline=60, last_look=look)
    assert connected == [1, 2]
    for _ in connected:
        assert server.closed.acquire(timeout=60)
    assert len([head for head in server.requests if head.strip()]) == 1


class Abandoned(Exception):
    """What the look raises."""


@pytest.mark.parametrize("header", [f"{SECRET}\nline", f"{SECRET}\x00", f"“{SECRET}”"])
def test_it_explains_a_key_that_no_header_can_hold(serve, header):
    server = serve(sends(answer(b"{}")))
    fault = fault_of(server.url(), headers={"Authorization": header})
    assert (fault.kind, fault.code) == ("input", "header")
    assert SECRET.encode() not in b"".join(server.requests)


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
