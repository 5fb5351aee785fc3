"""Signed files, through Django's view and through the shortcut before it: the same answers."""

from __future__ import annotations

import os
from pathlib import Path
from wsgiref.util import FileWrapper

import pytest
from django.core.files.storage import default_storage
from django.test import Client
from django.test.client import FakePayload

from clipboard.media.shortcut import media_first
from tests import factories

CONTENT = bytes(range(256)) * 40


class ShortcutClient:
    """Asks the shortcut as a WSGI server does, and says where it went past it."""

    def get(self, address, *, method="GET", headers=None):
        path, _, query = address.partition("?")
        environ = {
            "REQUEST_METHOD": method,
            "PATH_INFO": path.encode().decode("latin-1"),
            "QUERY_STRING": query,
            "wsgi.input": FakePayload(b""),
            "wsgi.file_wrapper": FileWrapper,
        }
        environ |= {
            f"HTTP_{name.upper().replace('-', '_')}": value
            for name, value in (headers or {}).items()
        }
        said = []
        body = media_first(lambda environ, start: said.append(("404 passed on", [])) or [])(
            environ, lambda line, headers: said.append((line, headers))
        )
        content = b"".join(body)
        getattr(body, "close", lambda: None)()
        return Reply(int(said[0][0][:3]), dict(said[0][1]), content)


class DjangoClient:
    def get(self, address, *, method="GET", headers=None):
        response = Client().generic(method, address, headers=headers)
        return Reply(response.status_code, dict(response.items()), response.getvalue())


class Reply:
    def __init__(self, status, headers, content):
        self.status, self.headers, self.content = status, headers, content


@pytest.fixture(params=[DjangoClient, ShortcutClient], ids=["view", "shortcut"])
def asker(request, db):
    return request.param()


@pytest.fixture
def name():
    return factories.make_file("clips/a.mp4", CONTENT)


@pytest.fixture
def address(name):
    return default_storage.url(name)


def test_it_sends_the_file_with_its_type(asker, address):
    reply = asker.get(address)

    assert (reply.status, reply.content) == (200, CONTENT)
    assert reply.headers["Content-Type"] == "video/mp4"
    assert reply.headers["Content-Length"] == str(len(CONTENT))
    assert reply.headers["Accept-Ranges"] == "bytes"
    assert reply.headers["Cache-Control"].startswith("private, max-age=")


def test_nothing_in_it_can_run(asker, address):
    headers = asker.get(address).headers

    assert headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"


@pytest.mark.parametrize(
    ("wanted", "start", "end"),
    [("bytes=0-0", 0, 0), ("bytes=100-199", 100, 199), ("bytes=-7", 10233, 10239)],
)
def test_it_sends_a_range(asker, address, wanted, start, end):
    reply = asker.get(address, headers={"Range": wanted})

    assert (reply.status, reply.content) == (206, CONTENT[start : end + 1])
    assert reply.headers["Content-Range"] == f"bytes {start}-{end}/{len(CONTENT)}"
    assert reply.headers["Content-Length"] == str(end - start + 1)


def test_a_long_range_is_cut_short(asker, address, settings):
    settings.MEDIA_RANGE_BYTES = 1000

    reply = asker.get(address, headers={"Range": "bytes=0-"})

    assert reply.content == CONTENT[:1000]
    assert reply.headers["Content-Range"] == f"bytes 0-999/{len(CONTENT)}"


def test_several_ranges_are_the_whole(asker, address):
    reply = asker.get(address, headers={"Range": "bytes=0-0,2-2" + ",4-4" * 10_000})

    assert (reply.status, reply.content) == (200, CONTENT)


def test_behind_the_end_is_416(asker, address):
    reply = asker.get(address, headers={"Range": f"bytes={len(CONTENT)}-"})

    assert reply.status == 416
    assert reply.headers["Content-Range"] == f"bytes */{len(CONTENT)}"
    assert reply.content == b""


def test_head_says_the_same_without_the_bytes(asker, address):
    whole = asker.get(address)
    head = asker.get(address, method="HEAD", headers={"Range": "bytes=0-9"})

    assert (head.status, head.content) == (200, b"")
    for header in ("Content-Length", "Content-Type", "ETag", "Accept-Ranges"):
        assert head.headers[header] == whole.headers[header]


def test_what_the_browser_has_is_not_sent_again(asker, address):
    etag = asker.get(address).headers["ETag"]

    for known in (etag, f'"other", {etag}', f"W/{etag}", "*"):
        reply = asker.get(address, headers={"If-None-Match": known, "Range": "bytes=0-9"})
        assert (reply.status, reply.content) == (304, b"")
        assert reply.headers["ETag"] == etag
    assert asker.get(address, headers={"If-None-Match": '"other"'}).status == 200


def test_a_range_of_another_version_is_the_whole(asker, name, address):
    etag = asker.get(address).headers["ETag"]
    part = {"Range": "bytes=0-9"}

    assert asker.get(address, headers=part | {"If-Range": etag}).status == 206
    for other in ('"other"', f"W/{etag}", "Sat, 29 Oct 1994 19:43:31 GMT"):
        assert asker.get(address, headers=part | {"If-Range": other}).status == 200
    os.utime(default_storage.path(name), (1, 1))
    assert asker.get(address, headers=part | {"If-Range": etag}).status == 200


def test_an_empty_file_is_empty(asker):
    address = default_storage.url(factories.make_file("clips/none.mp4", b""))

    assert (asker.get(address).status, asker.get(address).content) == (200, b"")
    assert asker.get(address, headers={"Range": "bytes=0-"}).status == 416


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a.webp", "image/webp"),
        ("a.MOV", "video/mp4"),
        ("a.vtt", "text/vtt; charset=utf-8"),
        ("a.part", "application/octet-stream"),
        ("a", "application/octet-stream"),
    ],
)
def test_the_type_is_ours_to_say(asker, name, expected):
    address = default_storage.url(factories.make_file(name, b"<script>alert(1)</script>"))

    assert asker.get(address).headers["Content-Type"] == expected


@pytest.mark.parametrize(
    "name",
    [
        "clips/missing.mp4",
        "clips",
        "clips/",
        "",
        "/etc/passwd",
        "../clipboard.sqlite3",
        "clips/../../secret_key",
        "..",
        ".",
        "a\0b",
        "a" * 300,
        "a/" * 3000,
        "clips/a.mp4/b",
        "é\ud800",
    ],
)
def test_even_signed_no_other_file_is_sent(asker, name, media_root):
    factories.make_file("clips/a.mp4")
    (media_root.parent / "clipboard.sqlite3").write_bytes(b"secret")
    (media_root.parent / "secret_key").write_bytes(b"secret")
    address = default_storage.url(name.encode("utf-8", "replace").decode())

    reply = asker.get(address)

    assert reply.status in (403, 404)
    assert b"secret" not in reply.content


def test_a_pipe_does_not_hang_it(asker, media_root):
    media_root.mkdir(parents=True, exist_ok=True)
    os.mkfifo(Path(media_root) / "pipe.mp4")

    assert asker.get(default_storage.url("pipe.mp4")).status == 404


def test_it_leaves_no_file_open(asker, address):
    before = len(os.listdir("/dev/fd"))
    for headers in (
        {},
        {"Range": "bytes=1-2"},
        {"Range": "bytes=99999999-"},
        {"If-None-Match": "*"},
    ):
        asker.get(address, headers=headers)
        asker.get(address, headers=headers, method="HEAD")

    assert len(os.listdir("/dev/fd")) <= before


def test_behind_nginx_it_sends_only_the_name(asker, name, address, settings):
    settings.MEDIA_SERVE = "accel"

    reply = asker.get(address, headers={"Range": "bytes=0-9"})

    assert (reply.status, reply.content) == (200, b"")
    assert reply.headers["X-Accel-Redirect"] == f"/protected-media/{name}"
    assert reply.headers["Content-Type"] == "video/mp4"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_it_only_reads(db, address, method):
    assert Client().generic(method, address).status_code == 405
