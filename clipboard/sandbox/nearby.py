"""Asking addresses on this machine, and none elsewhere: nobody can send the sandbox anywhere.

No redirect is followed, and no proxy of the surroundings is asked.
"""

from __future__ import annotations

import urllib.request
from http.client import HTTPException
from typing import Any
from urllib.parse import urlsplit

from clipboard.lib.addresses import NAMES_OF_LOOPBACK


def is_nearby(address: str) -> bool:
    """
    >>> is_nearby("http://127.0.0.1:8000/a.mp4"), is_nearby("https://me.example/a.mp4")
    (True, False)
    >>> is_nearby("file://localhost/etc/passwd"), is_nearby("http://[")
    (False, False)
    """
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme == "http" and parts.hostname in NAMES_OF_LOOPBACK


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any, **__: Any) -> None:
        """Leaves it an answer like any other, and so an HTTPError."""


_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirects)


def ask(request: str | urllib.request.Request, *, seconds: float) -> Any:
    """The answer, to be closed. Raises OSError."""
    address = request if isinstance(request, str) else request.full_url
    if not is_nearby(address):
        raise OSError("This address is not on this machine.")
    try:
        return _opener.open(request, timeout=seconds)
    except (ValueError, HTTPException) as error:  # an address or an answer that is none
        raise OSError("This address can't be asked.") from error
