"""Answer with a stored file: whole or a range, safe to show beside our own pages."""

from __future__ import annotations

import mimetypes
from collections.abc import Iterator
from urllib.parse import quote

from django.conf import settings
from django.core.files.storage import default_storage
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.http import content_disposition_header

from .ranges import ByteRange, Unsatisfiable, parse_range

CHUNK = 256 * 1024
TYPES = {
    ".mp4": "video/mp4",
    ".m4v": "video/mp4",
    ".mov": "video/mp4",
    ".webm": "video/webm",
    ".webp": "image/webp",
    ".jpg": "image/jpeg",
    ".vtt": "text/vtt; charset=utf-8",
}


def serve_file(
    request: HttpRequest, name: str | None, *, download_as: str = "", max_age: int = 0
) -> HttpResponseBase:
    """200, 206, 304 or 416 with the bytes of `name`; 404 where it is gone."""
    if not name:
        raise Http404
    try:
        size = default_storage.size(name)
        etag = f'"{int(default_storage.get_modified_time(name).timestamp() * 1000):x}-{size:x}"'
    except (OSError, ValueError) as error:
        raise Http404 from error
    if request.headers.get("If-None-Match") == etag:
        return HttpResponse(status=304, headers={"ETag": etag})
    try:
        part = wanted_range(request, size, etag)
    except Unsatisfiable:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    response = answer(request, name, size, part)
    response["ETag"] = etag
    response["Accept-Ranges"] = "bytes"
    response["Cache-Control"] = f"private, max-age={max_age}" if max_age else "private, no-store"
    # Whatever is inside the file, it can run nothing and call nobody.
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    if download_as and (header := content_disposition_header(True, download_as)):
        response["Content-Disposition"] = header
    return response


def wanted_range(request: HttpRequest, size: int, etag: str) -> ByteRange | None:
    header = request.headers.get("Range")
    if not header or request.headers.get("If-Range", etag) != etag:
        return None
    return parse_range(header, size, at_most=settings.MEDIA_RANGE_BYTES)


def answer(
    request: HttpRequest, name: str, size: int, part: ByteRange | None
) -> HttpResponse | StreamingHttpResponse:
    headers = {"Content-Type": content_type(name)}
    if settings.MEDIA_SERVE == "accel":
        return HttpResponse(
            headers=headers | {"X-Accel-Redirect": f"/protected-media/{quote(name)}"}
        )
    span = part or ByteRange(0, size - 1)
    headers["Content-Length"] = str(span.length)
    if part:
        headers["Content-Range"] = f"bytes {part.start}-{part.end}/{size}"
    status = 206 if part else 200
    if request.method == "HEAD":
        return HttpResponse(status=status, headers=headers)
    return StreamingHttpResponse(read(name, span), status=status, headers=headers)


def read(name: str, span: ByteRange) -> Iterator[bytes]:
    with default_storage.open(name, "rb") as file:
        file.seek(span.start)
        left = span.length
        while left > 0 and (chunk := file.read(min(CHUNK, left))):
            left -= len(chunk)
            yield chunk


def content_type(name: str) -> str:
    suffix = "." + name.rpartition(".")[2].lower()
    return TYPES.get(suffix) or mimetypes.types_map.get(suffix, "application/octet-stream")
