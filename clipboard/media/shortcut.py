"""Signed media ahead of everything else: no session, no database, no template is needed for bytes.

A gunicorn thread hands the open file to the kernel (sendfile); see benchmarks/media.py. Whatever is
not a plain, well-signed request goes on to the Django view, which says the same and knows all the
errors.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any

from django.conf import settings

from .answers import Answer, Conditions, Gone, answer
from .storage import is_signed

PREFIX = "/media/"
SIGNED = re.compile(r"e=(\d{1,12})&k=([\w-]{1,64})", re.ASCII)  # as storage.url() writes it
LINES = {status.value: f"{status.value} {status.phrase}" for status in HTTPStatus}
Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def media_first(application: Application) -> Application:
    """Wraps a WSGI application."""

    def shortcut(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ["PATH_INFO"].startswith(PREFIX) and (found := plain_answer(environ)):
            start_response(LINES[found.status], list(found.headers.items()))
            if found.body is None:
                return [b""]
            return environ["wsgi.file_wrapper"](found.body, 256 * 1024)
        return application(environ, start_response)

    return shortcut


def plain_answer(environ: dict[str, Any]) -> Answer | None:
    method = environ["REQUEST_METHOD"]
    if method not in ("GET", "HEAD") or "wsgi.file_wrapper" not in environ:
        return None
    if settings.HTTPS and environ.get("HTTP_X_FORWARDED_PROTO") != "https":
        return None
    query = SIGNED.fullmatch(environ.get("QUERY_STRING", ""))
    try:
        name = environ["PATH_INFO"][len(PREFIX) :].encode("latin-1").decode()
    except ValueError:
        return None
    now = time.time()
    if query is None or not is_signed(name, query[1], query[2], now=now):
        return None
    asked = Conditions(
        method,
        environ.get("HTTP_RANGE", ""),
        environ.get("HTTP_IF_RANGE", ""),
        environ.get("HTTP_IF_NONE_MATCH", ""),
    )
    accel = settings.MEDIA_SERVE == "accel"
    try:
        return answer(name, asked, max_age=int(int(query[1]) - now), accel=accel)
    except Gone:
        return None
