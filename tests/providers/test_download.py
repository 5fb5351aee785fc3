from __future__ import annotations

import doctest
import errno
import hashlib
import os
import shutil
import socket
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given

from clipboard.providers import download as download_module
from clipboard.providers.download import (
    DiskFull,
    Downloaded,
    DownloadStopped,
    download,
    suggested_name,
)
from clipboard.providers.errors import ProviderError
from tests.providers.internet import SOON, answer, sends
from tests.texts import texts

MB = 1024 * 1024
BODY = bytes(range(256)) * 4096  # 1 MiB


def fetch(url: str, to: Path, **options) -> Downloaded:
    return download(url, to, **{"max_bytes": 8 * MB, "deadline": 5, **options})


def fault_of(url: str, to: Path, error: type[Exception] = ProviderError, **options) -> Exception:
    with pytest.raises(error) as caught:
        fetch(url, to, **options)
    assert not to.exists()
    assert not to.parent.exists() or list(to.parent.iterdir()) == []
    return caught.value


@pytest.fixture
def to(tmp_path) -> Path:
    return tmp_path / "sources" / "1.mp4"


def slowly(*parts: bytes, pause: float = 0.1) -> Callable[[socket.socket, bytes], None]:
    def handler(connection: socket.socket, _: bytes) -> None:
        for part in parts:
            connection.sendall(part)
            time.sleep(pause)

    return handler


def test_it_saves_the_whole_file_with_its_hash_and_name(serve, to):
    disposition = 'attachment; filename="talk one.mp4"'
    headers = {"content_type": "Video/MP4; x=1", "content_disposition": disposition}
    got = fetch(serve(sends(answer(BODY, **headers))).url(), to)
    assert got == Downloaded(
        path=to,
        size=len(BODY),
        sha256=hashlib.sha256(BODY).hexdigest(),
        content_type="video/mp4",
        file_name="talk one.mp4",
    )
    assert to.read_bytes() == BODY
    assert list(to.parent.iterdir()) == [to]


def test_it_follows_a_redirect_and_names_the_file_after_where_it_lies(serve, to):
    store = serve(sends(answer(BODY)))
    server = serve(sends(answer(status="302 Found", location=store.url("/b/My%20talk.mp4?sig=1"))))
    assert fetch(server.url("/latest"), to).file_name == "My talk.mp4"


def test_it_replaces_what_was_there_only_when_whole(serve, to):
    to.parent.mkdir()
    to.write_bytes(b"before")
    cut = serve(sends(answer(BODY[:1000], content_length=str(len(BODY)))))
    with pytest.raises(ProviderError):
        fetch(cut.url(), to)
    assert to.read_bytes() == b"before"
    fetch(serve(sends(answer(BODY))).url(), to)
    assert to.read_bytes() == BODY


def test_it_starts_again_from_the_first_byte(serve, to):
    answers = [answer(BODY[:1000], content_length=str(len(BODY)), etag="a"), answer(BODY, etag="b")]
    server = serve(lambda connection, _: connection.sendall(answers.pop(0)))
    fault_of(server.url(), to)
    assert fetch(server.url(), to).sha256 == hashlib.sha256(BODY).hexdigest()
    assert all(b"range:" not in request.lower() for request in server.requests)


@pytest.mark.parametrize("percent", [0, 30, 60, 99])
def test_it_notices_a_file_that_was_cut(serve, to, percent):
    part = BODY[: len(BODY) * percent // 100]
    fault = fault_of(serve(sends(answer(part, content_length=str(len(BODY))))).url(), to)
    assert (fault.kind, fault.retryable) == ("network", True)


def test_it_notices_chunks_that_were_cut(serve, to):
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    fault = fault_of(serve(sends(head, b"5\r\nabcde\r\n")).url(), to)
    assert (fault.kind, fault.retryable) == ("network", True)


def test_it_drops_what_comes_after_the_declared_length(serve, to):
    got = fetch(serve(sends(answer(BODY, content_length="1000"))).url(), to)
    assert got.size == 1000
    assert to.read_bytes() == BODY[:1000]


def test_it_takes_a_file_without_a_declared_length(serve, to):
    seen = []
    server = serve(sends(b"HTTP/1.1 200 OK\r\n\r\n", BODY))
    got = fetch(server.url(), to, on_progress=lambda *step: seen.append(step))
    assert got.size == len(BODY)
    assert seen[0][1] is None
    assert seen[-1] == (len(BODY), len(BODY))


def test_it_refuses_an_empty_file(serve, to):
    assert fault_of(serve(sends(answer(b""))).url(), to).code == "empty"


@pytest.mark.parametrize("content_type", ["text/html; charset=utf-8", "application/json"])
def test_it_says_when_a_link_leads_to_a_page(serve, to, content_type):
    fault = fault_of(serve(sends(answer(b"<html>", content_type=content_type))).url(), to)
    assert (fault.kind, fault.code) == ("input", "page")


@pytest.mark.parametrize(
    ("status", "kind", "retryable"),
    [
        ("204 No Content", "unknown", False),
        ("206 Partial Content", "unknown", False),
        ("304 Not Modified", "provider", False),
        ("401 Unauthorized", "auth", False),
        ("402 Payment Required", "payment", False),
        ("403 Forbidden", "auth", False),
        ("404 Not Found", "missing", False),
        ("409 Conflict", "conflict", True),
        ("410 Gone", "missing", False),
        ("418 Teapot", "input", False),
        ("429 Too Many Requests", "rate", True),
        ("500 Oops", "provider", True),
        ("503 Busy", "provider", True),
    ],
)
def test_it_says_what_a_status_means(serve, to, status, kind, retryable):
    server = serve(sends(answer(b"", status=status, retry_after="7")))
    fault = fault_of(server.url(), to)
    assert (fault.kind, fault.retryable, fault.code) == (kind, retryable, status[:3])
    assert fault.retry_after == 7


def test_it_stops_at_the_cap_whether_announced_or_not(serve, to):
    parts = [BODY] * 12
    announced = serve(sends(answer(b"", content_length=str(50 * 1024**3)), *parts))
    silent = serve(sends(b"HTTP/1.1 200 OK\r\n\r\n", *parts))
    for server in (announced, silent):
        fault = fault_of(server.url(), to)
        assert (fault.code, fault.retryable) == ("too_large", False)
        assert str(fault) == "The answer is larger than 8 MB."


def test_it_ends_at_the_deadline(serve, to):
    drops = slowly(answer(b"", content_length="9999"), *[b"a"] * 9999, pause=0.03)
    began = time.monotonic()
    assert fault_of(serve(drops).url(), to, deadline=0.6).code == "timeout"
    assert time.monotonic() - began < SOON


def test_what_drips_holds_nobody_up_until_the_deadline(serve, to, monkeypatch):
    monkeypatch.setattr(download_module, "SLOW_SECONDS", 0.2)
    drops = slowly(answer(b"", content_length="9999"), *[b"a"] * 9999, pause=0.03)
    fault = fault_of(serve(drops).url(), to, deadline=600)
    assert (fault.code, fault.retryable) == ("slow", True)


def test_it_wants_room_for_the_file_twice_beside_the_reserve(serve, to, monkeypatch):
    server = serve(sends(answer(BODY)))
    room = 2 * len(BODY) + 100
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(0, 0, room))
    fetch(server.url(), to, reserve=100)
    to.unlink()
    fault = fault_of(server.url(), to, DiskFull, reserve=101)
    assert fault.errno == errno.ENOSPC
    assert "disk space" in str(fault)


def test_it_notices_a_disk_that_fills_up_meanwhile(serve, to, monkeypatch):
    server = serve(slowly(b"HTTP/1.1 200 OK\r\n\r\n", BODY, BODY, pause=0.6))
    free = iter([10**9])
    monkeypatch.setattr(
        shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(0, 0, next(free, 10))
    )
    fault_of(server.url(), to, DiskFull, reserve=0)


@pytest.mark.parametrize(
    ("number", "error"), [(errno.ENOSPC, DiskFull), (errno.EDQUOT, DiskFull), (errno.EIO, OSError)]
)
def test_it_leaves_nothing_behind_when_the_disk_refuses(serve, to, monkeypatch, number, error):
    def refuse(_: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", refuse)
    assert type(fault_of(serve(sends(answer(BODY))).url(), to, OSError)) is error


def test_it_stops_when_told_to_also_while_the_server_is_silent(serve, to):
    server = serve(slowly(answer(BODY[:10], content_length="99"), pause=3 * SOON))
    stop = iter([False])
    began = time.monotonic()
    fault_of(server.url(), to, DownloadStopped, should_stop=lambda: next(stop, True))
    assert time.monotonic() - began < SOON


def test_it_reports_progress_now_and_then_not_for_every_chunk(serve, to):
    seen: list[tuple[int, int | None]] = []
    server = serve(sends(answer(BODY * 4)))
    fetch(server.url(), to, on_progress=lambda *step: seen.append(step))
    assert seen[-1] == (4 * len(BODY), 4 * len(BODY))
    assert [received for received, _ in seen] == sorted(received for received, _ in seen)
    assert len(seen) < 8


def test_it_leaves_nothing_behind_when_the_caller_fails(serve, to):
    def fail(received: int, total: int | None) -> None:
        raise RuntimeError

    fault_of(serve(sends(answer(BODY))).url(), to, RuntimeError, on_progress=fail)


def test_it_refuses_inner_addresses_before_any_connection(internet, to):
    assert fault_of("http://169.254.169.254/latest/", to).code == "refused"
    assert internet.connects == []


@pytest.mark.parametrize(
    ("header", "path", "name"),
    [
        ('attachment; filename="a.mp4"', "/b.mp4", "a.mp4"),
        ("attachment; filename=a.mp4", "/b.mp4", "a.mp4"),
        ("inline; filename*=UTF-8''na%C3%AFve%20plan.mp4", "/", "naïve plan.mp4"),
        ("attachment; filename*=nonsense''a.mp4", "/", "a.mp4"),
        ("attachment; filename*=a\x00b''x", "/b.mp4", "b.mp4"),
        ("attachment; filename*=idna''%80", "/b.mp4", "b.mp4"),
        ("attachment; filename=", "/b.mp4", "b.mp4"),
        ("attachment", "/x/b.mp4", "b.mp4"),
        ('attachment; filename="..\\\\..\\\\C:\\\\boot.ini"', "/", "boot.ini"),
        ('attachment; filename="/etc/.passwd"', "/", "passwd"),
        ('attachment; filename="a\u202egpj.exe"', "/", "agpj.exe"),
        ('attachment; filename="a\x7f\x01\tb.mp4"', "/", "a b.mp4"),
        ("", "/x/../..", "video"),
        ("", "", "video"),
        ("", "/" + "a" * 500 + ".mp4", "a" * 116 + ".mp4"),
        ("", "/" + "a" * 500, "a" * 120),
    ],
)
def test_it_suggests_a_name_fit_to_show(header, path, name):
    assert suggested_name(header, path) == name


@given(texts(max_size=200), texts(max_size=200))
def test_it_suggests_something_short_and_printable_whatever_comes(header, path):
    name = suggested_name(f"attachment; {header}", path)
    assert 0 < len(name) <= 120
    assert name.isprintable()
    assert not set(name) & set("/\\")


def test_its_examples_are_true():
    assert doctest.testmod(download_module).failed == 0
