"""An independent client (tuspy) and a bare socket against the real web server."""

from __future__ import annotations

import hashlib
import io
import os
import socket
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from tusclient.client import TusClient

from clipboard.media.models import Upload
from clipboard.media.uploads import append
from clipboard.media.views import STALL_SECONDS, receive
from tests import factories
from tests.media.web import running_web

MB = 1024 * 1024


@pytest.fixture(scope="module")
def web(tmp_path_factory, prepared):
    with running_web(tmp_path_factory.mktemp("web"), prepared=prepared) as web:
        yield web


@pytest.fixture(scope="module")
def headers(web):
    return web.headers()


def uploader(web, headers, content, *, name="talk.mp4", url=None):
    client = TusClient(f"{web.base_url}/uploads/", headers=dict(headers))
    return client.uploader(
        file_stream=io.BytesIO(content), chunk_size=MB, metadata={"filename": name}, url=url
    )


def stored(web, url):
    name = url.rstrip("/").rsplit("/", 1)[1]
    return (web.var_dir / "media" / "uploads" / f"{name}.part").read_bytes()


def sources(web, title):
    return web.rows("SELECT count(*) FROM clips_source WHERE title = ?", title)[0][0]


def send(web, headers, url, offset, length, body):
    """A PATCH by hand, which may announce more than it sends; the open socket."""
    lines = {
        "Host": f"localhost:{web.port}",
        "Tus-Resumable": "1.0.0",
        "Upload-Offset": str(offset),
        "Content-Type": "application/offset+octet-stream",
        "Content-Length": str(length),
        **headers,
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    connection = web.socket()
    path = url.removeprefix(web.base_url)
    connection.sendall(f"PATCH {path} HTTP/1.1\r\n{head}\r\n".encode() + body)
    return connection


def offset_of(url, headers):
    answer = httpx.head(url, headers={"Tus-Resumable": "1.0.0", **headers}, verify=False)
    assert answer.status_code == 200
    return int(answer.headers["Upload-Offset"])


def wait_for_offset(url, headers, offset):
    deadline = time.monotonic() + 60
    while (now := offset_of(url, headers)) != offset:
        assert time.monotonic() < deadline, now
        time.sleep(0.05)


def test_tuspy_uploads_and_it_becomes_a_source(web, headers):
    content = os.urandom(3 * MB + 17)
    sent = uploader(web, headers, content, name="Whole talk.mp4")
    sent.upload()

    assert hashlib.sha256(stored(web, sent.url)).digest() == hashlib.sha256(content).digest()
    assert sources(web, "Whole talk") == 1
    assert offset_of(sent.url, headers) == len(content)


def test_tuspy_goes_on_after_the_server_was_killed(web, headers):
    content = os.urandom(5 * MB + 3)
    first = uploader(web, headers, content, name="Killed talk.mp4")
    first.upload(stop_at=2 * MB)
    web.kill()
    web.start()
    second = uploader(web, headers, content, url=first.url)
    assert second.offset == 2 * MB
    second.upload()

    assert stored(web, first.url) == content
    assert sources(web, "Killed talk") == 1


def test_what_came_before_a_cut_stays(web, headers):
    content = os.urandom(2 * MB)
    made = uploader(web, headers, content, name="Cut talk.mp4")
    made.set_url(made.create_url())
    connection = send(web, headers, made.url, 0, len(content), content[:1_234_567])
    connection.close()
    wait_for_offset(made.url, headers, 1_234_567)

    again = uploader(web, headers, content, url=made.url)
    again.upload()
    assert stored(web, made.url) == content
    assert sources(web, "Cut talk") == 1


def test_what_came_before_a_kill_of_the_server_stays(web, headers):
    content = os.urandom(2 * MB)
    made = uploader(web, headers, content, name="Half talk.mp4")
    made.set_url(made.create_url())
    connection = send(web, headers, made.url, 0, len(content), content[:MB])
    web.wait_until(lambda: len(stored(web, made.url)) == MB, "the bytes to be on the disk")
    web.kill()
    connection.close()
    web.start()

    assert offset_of(made.url, headers) == MB
    uploader(web, headers, content, url=made.url).upload()
    assert stored(web, made.url) == content


def test_a_second_tab_waits_its_turn(web, headers):
    content = os.urandom(2 * MB)
    made = uploader(web, headers, content, name="Tabs.mp4")
    made.set_url(made.create_url())
    first = send(web, headers, made.url, 0, len(content), content[:MB])
    web.wait_until(lambda: len(stored(web, made.url)) == MB, "the first tab to write")
    second = send(web, headers, made.url, 0, 3, b"xyz")

    assert second.recv(4096).startswith(b"HTTP/1.1 423")
    first.sendall(content[MB:])
    assert first.recv(4096).startswith(b"HTTP/1.1 204")
    assert stored(web, made.url) == content
    first.close()
    second.close()


def test_several_at_once_stay_apart(web, headers):
    contents = [os.urandom(2 * MB + index) for index in range(4)]
    sent = [uploader(web, headers, one, name=f"Four {n}.mp4") for n, one in enumerate(contents)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda one: one.upload(), sent))

    assert [stored(web, one.url) for one in sent] == contents


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_memory_stays_the_same_whatever_the_size(web, headers):
    uploader(web, headers, os.urandom(MB)).upload()
    before = web.most_memory()
    content = os.urandom(MB) * 150
    made = uploader(web, headers, content, name="Large.mp4")
    made.set_url(made.create_url())
    connection = send(web, headers, made.url, 0, len(content), b"")
    connection.settimeout(60)
    connection.sendall(content)
    assert connection.recv(4096).startswith(b"HTTP/1.1 204")
    connection.close()

    assert web.most_memory() - before < 20 * MB


@pytest.mark.django_db
def test_a_sender_who_vanishes_without_a_word_is_not_waited_for(rf, team, monkeypatch):
    """No FIN comes when the Wi-Fi goes: the read times out, the lock is free, the bytes stay."""
    monkeypatch.setattr("clipboard.media.views.STALL_SECONDS", 0.3)
    upload = Upload(team=team, user=factories.make_user(), file_name="a.mp4", size=10)
    upload.path.parent.mkdir(parents=True)
    upload.path.touch()
    upload.save()
    ours, theirs = socket.socketpair()
    theirs.sendall(b"01234")
    with ours, theirs, ours.makefile("rb", buffering=0) as stream:
        request = rf.generic("PATCH", "/", headers={"Content-Length": "10"})
        request.META["gunicorn.socket"] = ours
        request._stream = stream
        begin = time.monotonic()
        receive(request, upload, 0)
    assert time.monotonic() - begin < STALL_SECONDS
    assert upload.offset == 5
    assert append(upload, offset=5, length=5, read=io.BytesIO(b"56789").read) == 10
