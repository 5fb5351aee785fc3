from __future__ import annotations

import asyncio
import logging
import socket
import threading
import time
import tracemalloc
import zlib

import pytest

from clipboard.providers.errors import ProviderError
from clipboard.providers.outbound_async import open_async_client
from clipboard.providers.port import Call
from clipboard.providers.speak import Connection, carry_out_async
from clipboard.providers.sync import Sync
from tests.providers.internet import (
    MB,
    SECRET,
    SOON,
    answer,
    ask,
    ask_async,
    drips,
    fault_of_async,
    never_finds,
    never_stops,
    resets,
    run,
    says_nothing,
    sends,
)


def test_it_sends_what_it_was_given_and_nothing_from_the_surroundings(serve, monkeypatch, tmp_path):
    trap = serve(sends(answer(b"trap")))
    server = serve(sends(answer(b'{"error":"no"}', status="422 No", set_cookie=f"a={SECRET}")))
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "all_proxy"):
        monkeypatch.setenv(name, f"http://{trap.netloc}")
    netrc = tmp_path / "netrc"
    netrc.write_text(f"machine 127.0.0.1 login me password {SECRET}\n")
    monkeypatch.setenv("NETRC", str(netrc))
    headers = {"X-Api-Key": "k", "Accept-Encoding": "gzip"}
    got = ask_async(*[server.url("/v1")] * 2, method="POST", json={"a": 1}, headers=headers)
    assert [(one.status, one.json()) for one in got] == [(422, {"error": "no"})] * 2
    assert trap.requests == []
    for head in map(bytes.lower, server.requests):
        assert head.startswith(b"post /v1 http/1.1\r\nhost: " + server.netloc.encode())
        assert head.count(b"accept-encoding: identity\r\n") == head.count(b"accept-encoding") == 1
        assert b"x-api-key: k" in head
        assert b"cookie" not in head
        assert b"authorization" not in head
        assert head.endswith(b'{"a":1}')


def test_it_follows_no_redirect(serve):
    trap = serve(sends(answer(b"trap")))
    server = serve(sends(answer(status="302 Found", location=trap.url())))
    assert ask_async(server.url())[0].status == 302
    assert trap.requests == []


@pytest.mark.parametrize(
    "handler",
    [
        drips(b"HTTP/1.1 200 OK\r\nX-Slow: "),
        drips(b"", b"HTTP/1.1 102 Wait\r\n\r\n"),
        drips(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n"),
        drips(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\na\r\n"),
        says_nothing,
    ],
    ids=["header", "interim", "body", "chunks", "silence"],
)
def test_it_ends_at_the_deadline_however_slowly_bytes_drip(serve, handler):
    began = time.monotonic()
    fault = fault_of_async(serve(handler).url(), deadline=0.6)
    assert 0.2 < time.monotonic() - began < SOON
    assert (fault.kind, fault.code, fault.retryable) == ("network", "timeout", True)


def test_it_ends_at_the_deadline_while_a_name_is_looked_up(internet, monkeypatch):
    monkeypatch.setattr(socket, "getaddrinfo", never_finds)
    began = time.monotonic()
    fault = fault_of_async("https://slow.example.com/", "POST", deadline=0.3)
    assert time.monotonic() - began < SOON
    assert (fault.kind, fault.code) == ("network", "connect")


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
        fault = fault_of_async(server.url())
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert fault.code in {"too_large", "broken"}
    assert peak < 12 * MB
    assert sum(sent) < 32 * MB


@pytest.mark.parametrize("encoding", ["gzip", "GZIP", "gzip, gzip, gzip", "br", "identity,deflate"])
def test_it_never_unpacks(serve, encoding):
    bomb = zlib.compress(b"\0" * 8 * MB)
    fault = fault_of_async(serve(sends(answer(bomb, content_encoding=encoding))).url())
    assert (fault.kind, fault.code) == ("provider", "compressed")


def test_it_refuses_a_body_announced_as_too_large(serve):
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n"
    assert fault_of_async(serve(never_stops([], head, b"a" * 65536)).url()).code == "too_large"


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
        sends(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"),
        sends(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
        sends(b"HTTP/1.1 200 OK\r\nA\0: b\r\n\r\n"),
    ],
)
def test_it_turns_broken_answers_into_its_one_error(serve, handler):
    url = serve(handler).url(f"/?token={SECRET}")
    fault = fault_of_async(url)
    assert (fault.kind, fault.code, fault.retryable) == ("network", "broken", True)
    fault = fault_of_async(url, "POST", json={})
    assert (fault.kind, fault.code, fault.retryable) == ("unknown", "broken", False)


def test_it_turns_a_refused_connection_into_its_one_error(serve):
    server = serve(sends(b""))
    url = server.url()
    server.close()
    fault = fault_of_async(url, "POST")
    assert (fault.kind, fault.code, fault.retryable) == ("network", "connect", True)


def test_it_never_repeats_a_submission_and_says_that_it_may_have_worked(serve):
    server = serve(says_nothing)
    fault = fault_of_async(server.url(), "POST", json={}, deadline=0.6)
    assert server.closed.acquire(timeout=SOON)
    assert (fault.kind, fault.retryable, len(server.requests)) == ("unknown", False, 1)


def answers_all(connection: socket.socket, _: bytes) -> None:
    connection.sendall(answer(b"{}"))
    while connection.recv(65536):
        connection.sendall(answer(b"{}"))


@pytest.mark.parametrize(("method", "connects"), [("GET", 1), ("POST", 3)])
def test_it_keeps_a_connection_for_questions_but_submits_on_a_new_one(
    serve, internet, method, connects
):
    server = serve(answers_all)
    assert len(ask_async(*[server.url()] * 3, method=method)) == 3
    assert len(internet.connects) == connects


@pytest.mark.parametrize("header", [f"{SECRET}\nline", f"{SECRET}\x00", f"“{SECRET}”"])
def test_it_explains_a_key_that_no_header_can_hold(serve, header):
    server = serve(sends(answer(b"{}")))
    fault = fault_of_async(server.url(), headers={"Authorization": header})
    assert (fault.kind, fault.code) == ("input", "header")
    assert SECRET.encode() not in b"".join(server.requests)


def test_it_writes_no_address_into_the_logs(serve, caplog):
    caplog.set_level(logging.DEBUG)
    ask_async(serve(sends(answer(b"{}"))).url(f"/?signature={SECRET}"))
    fault_of_async(serve(sends(b"")).url(f"/?signature={SECRET}"))
    assert SECRET not in caplog.text


def test_it_carries_out_many_at_once(serve):
    all_here = threading.Barrier(30, timeout=SOON)

    def waits(connection: socket.socket, _: bytes) -> None:
        all_here.wait()
        connection.sendall(answer(b'{"status": "PROCESSING"}'))

    sync = Sync()
    connection = Connection(sync, base_url=serve(waits).url(""), key=SECRET)

    async def poll_all():
        async with open_async_client() as client:
            polls = (carry_out_async(sync.poll(str(n)), connection, client) for n in range(30))
            return await asyncio.gather(*polls)

    jobs = run(poll_all())
    assert [job.remote_id for job in jobs] == [str(n) for n in range(30)]
    assert {job.state for job in jobs} == {"running"}


def test_it_reads_headers_as_long_as_the_other_client_does(serve):
    """A policy for a browser may be of many lines; a key that works when tested must go on to."""
    server = serve(sends(answer(b"{}", content_security_policy="x" * 50_000)))
    assert ask(server.url()).status == 200
    assert ask_async(server.url())[0].status == 200


def test_it_raises_what_the_answer_means(serve):
    body = b'{"message": "Unauthorized", "statusCode": 401}'
    server = serve(sends(answer(body, status="401 Unauthorized")))
    connection = Connection(Sync(), base_url=server.url(""), key=SECRET)

    def steps():
        yield Call("GET", "/v2/generations")

    async def carry_out():
        async with open_async_client() as client:
            await carry_out_async(steps(), connection, client)

    with pytest.raises(ProviderError) as caught:
        run(carry_out())
    assert caught.value.kind == "auth"
