from __future__ import annotations

import socket
import time
import tracemalloc
import zlib

import pytest

from clipboard.providers.errors import ProviderError
from clipboard.providers.outbound import open_client
from tests.providers.internet import (
    MB,
    SOON,
    answer,
    ask,
    drips,
    fault_of,
    never_finds,
    never_stops,
    says_nothing,
    sends,
)


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
    fault = fault_of(server.url(), deadline=0.6)
    assert 0.2 < time.monotonic() - began < SOON
    assert (fault.kind, fault.code, fault.retryable) == ("network", "timeout", True)


def test_it_counts_redirects_into_the_same_deadline(serve):
    def handler(connection: socket.socket, _: bytes) -> None:
        time.sleep(0.15)
        connection.sendall(answer(status="302 Found", location="/again"))

    began = time.monotonic()
    fault_of(serve(handler).url(), deadline=0.25)
    assert time.monotonic() - began < SOON


def test_it_ends_at_the_deadline_while_a_name_is_looked_up(internet, monkeypatch):
    monkeypatch.setattr(socket, "getaddrinfo", never_finds)
    began = time.monotonic()
    fault = fault_of("https://slow.example.com/", deadline=0.3)
    assert time.monotonic() - began < SOON
    assert (fault.kind, fault.code) == ("network", "connect")


def test_it_ends_at_the_deadline_while_tls_is_agreed(internet, start):
    internet.names["store.example.com"] = [["1.1.1.1"]]
    internet.routes["1.1.1.1", 443] = start(says_nothing)
    began = time.monotonic()
    assert fault_of("https://store.example.com/", deadline=0.3).kind == "network"
    assert time.monotonic() - began < SOON


def test_it_ends_at_the_deadline_while_sending(serve):
    server = serve(lambda connection, head: time.sleep(2 * SOON))
    began = time.monotonic()
    fault = fault_of(server.url(), "PUT", content=b"x" * 32 * MB, deadline=0.25)
    assert time.monotonic() - began < SOON
    assert fault.code in {"timeout", "broken"}


def test_it_gives_up_on_silence_before_the_deadline(serve):
    server = serve(drips(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", b""))
    began = time.monotonic()
    with open_client(idle=0.3) as client, pytest.raises(ProviderError, match="too long"):
        client.request("GET", server.url(), deadline=60)
    assert time.monotonic() - began < SOON


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
