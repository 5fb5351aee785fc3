"""Stored files through Django's views."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.http import content_disposition_header

from .answers import Answer, Conditions, FilePart, Gone, answer

LOOK_AGAIN = 2  # seconds


class PartResponse(StreamingHttpResponse):
    """A part of a file, which the server may send without reading it (PEP 3333, file_wrapper)."""

    block_size = 256 * 1024

    def __init__(self, part: FilePart, **kwargs: int) -> None:
        super().__init__(part, **kwargs)
        self.file_to_stream = part


def serve_file(
    request: HttpRequest,
    name: str | None,
    *,
    download_as: str = "",
    max_age: int = 0,
    while_allowed: Callable[[], bool] | None = None,
) -> HttpResponseBase:
    """200, 206, 304 or 416 with the bytes of `name`; 404 where it is gone.

    With `while_allowed` a long answer ends soon after that says no, even if it has begun.
    """
    accel = settings.MEDIA_SERVE == "accel" and while_allowed is None
    try:
        found = answer(name or "", conditions(request), max_age=max_age, accel=accel)
    except Gone as error:
        raise Http404 from error
    response = http_response(found, while_allowed)
    for header, value in found.headers.items():
        response[header] = value
    if download_as and (header := content_disposition_header(True, download_as)):
        response["Content-Disposition"] = header
    return response


def conditions(request: HttpRequest) -> Conditions:
    given = request.headers
    return Conditions(
        request.method or "GET",
        given.get("Range", ""),
        given.get("If-Range", ""),
        given.get("If-None-Match", ""),
    )


def http_response(
    found: Answer, while_allowed: Callable[[], bool] | None
) -> HttpResponse | StreamingHttpResponse:
    if found.body is None:
        return HttpResponse(status=found.status)
    if while_allowed and found.body.span.length > settings.MEDIA_RANGE_BYTES:
        return StreamingHttpResponse(checked(found.body, while_allowed), status=found.status)
    return PartResponse(found.body, status=found.status)


def checked(part: FilePart, while_allowed: Callable[[], bool]) -> Iterator[bytes]:
    looked_at = time.monotonic()
    for chunk in part:
        if time.monotonic() - looked_at > LOOK_AGAIN:
            if not while_allowed():
                return
            looked_at = time.monotonic()
        yield chunk
