"""What HTTP has to say about a stored file, for any front: status, headers and the bytes."""

from __future__ import annotations

import mimetypes
import os
import stat
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import quote

from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.core.files.storage import default_storage

from .ranges import ByteRange, Unsatisfiable, parse_range

CHUNK = 256 * 1024
TYPES = {
    "mp4": "video/mp4",
    "m4v": "video/mp4",
    "mov": "video/mp4",
    "webm": "video/webm",
    "webp": "image/webp",
    "jpg": "image/jpeg",
    "vtt": "text/vtt; charset=utf-8",
}
FENCE = {
    # Whatever is inside the file, it can run nothing, call nobody and be framed nowhere.
    "Content-Security-Policy": "sandbox; default-src 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class Gone(Exception):
    """There is no such file, or the name is no name of a file."""


class Conditions(NamedTuple):
    """The request headers that change an answer; empty where they are missing."""

    method: str = "GET"
    range: str = ""
    if_range: str = ""
    if_none_match: str = ""


class FilePart:
    """Some bytes of an open file. `wsgi.file_wrapper` may give its descriptor to sendfile."""

    def __init__(self, handle: int, span: ByteRange) -> None:
        self.handle, self.span = handle, span
        self.seek(span.start)

    def fileno(self) -> int:
        return self.handle

    def seek(self, offset: int) -> None:
        os.lseek(self.handle, offset, os.SEEK_SET)
        self.left = self.span.end + 1 - offset

    def read(self, size: int = CHUNK) -> bytes:
        chunk = os.read(self.handle, min(size, self.left))
        self.left -= len(chunk)
        return chunk

    def __iter__(self) -> Iterator[bytes]:
        while chunk := self.read():
            yield chunk

    def close(self) -> None:
        if self.handle >= 0:
            os.close(self.handle)
            self.handle = -1

    __del__ = close


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: FilePart | None = None


def answer(name: str, asked: Conditions, *, max_age: int = 0, accel: bool = False) -> Answer:
    """200, 206, 304 or 416 for the file `name` in storage. Raises Gone."""
    headers = FENCE | {
        "Content-Type": content_type(name),
        "Cache-Control": f"private, max-age={max_age}" if max_age else "private, no-store",
    }
    handle, size, etag = open_file(name)
    if accel:
        os.close(handle)
        return Answer(200, headers | {"X-Accel-Redirect": f"/protected-media/{quote(name)}"})
    headers |= {"ETag": etag, "Accept-Ranges": "bytes"}
    try:
        if is_known(etag, asked.if_none_match):
            return Answer(304, headers)
        try:
            part = wanted_range(asked, size, etag)
        except Unsatisfiable:
            nothing = {"Content-Range": f"bytes */{size}", "Content-Length": "0"}
            return Answer(416, headers | nothing)
        span = part or ByteRange(0, size - 1)
        headers["Content-Length"] = str(span.length)
        if part:
            headers["Content-Range"] = f"bytes {part.start}-{part.end}/{size}"
        if asked.method == "HEAD":
            return Answer(200, headers)
        body, handle = FilePart(handle, span), -1
        return Answer(206 if part else 200, headers, body)
    finally:
        if handle >= 0:
            os.close(handle)


def open_file(name: str) -> tuple[int, int, str]:
    """Descriptor, size in bytes and strong ETag of a plain file in storage."""
    try:
        path = default_storage.path(name)
        # Should the name ever be that of a pipe, do not wait for its other end.
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except (OSError, ValueError, SuspiciousOperation) as error:
        raise Gone from error
    found = os.fstat(handle)
    if not stat.S_ISREG(found.st_mode):
        os.close(handle)
        raise Gone
    return handle, found.st_size, f'"{found.st_mtime_ns:x}-{found.st_size:x}"'


def is_known(etag: str, if_none_match: str) -> bool:
    tags = [tag.strip().removeprefix("W/") for tag in if_none_match.split(",")]
    return etag in tags or "*" in tags


def wanted_range(asked: Conditions, size: int, etag: str) -> ByteRange | None:
    # RFC 9110 14.2: ranges mean something for GET only. We send no Last-Modified, so that a date
    # in If-Range never matches.
    if not asked.range or asked.method != "GET" or (asked.if_range or etag) != etag:
        return None
    return parse_range(asked.range, size, at_most=settings.MEDIA_RANGE_BYTES)


def content_type(name: str) -> str:
    suffix = name.rpartition(".")[2].lower()
    return TYPES.get(suffix) or mimetypes.types_map.get("." + suffix, "application/octet-stream")
