"""Addresses that are signed: until when, and which of them are the same but for the signature."""

from __future__ import annotations

from datetime import datetime, timedelta
from urllib.parse import parse_qsl, unquote, urlsplit

from clipboard.providers.reading import moment, number

WEEK = 7 * 24 * 3600  # the longest that S3 signs for
SIGNING = {"awsaccesskeyid", "expires", "googleaccessid", "key-pair-id", "policy", "signature"}
OURS = {"e", "k"}
USUAL = {"http": 80, "https": 443}


def signed_until(address: str) -> datetime | None:
    """The moment that a signed address itself names (S3's two ways, CloudFront's), or None.

    >>> signed_until("https://b.example/a?X-Amz-Date=20240115T103000Z&X-Amz-Expires=900").isoformat()
    '2024-01-15T10:45:00+00:00'
    >>> signed_until("https://b.example/a?Expires=1700000000&Signature=x").isoformat()
    '2023-11-14T22:13:20+00:00'
    >>> signed_until("https://b.example/a"), signed_until("https://[b/?Expires=1700000000")
    (None, None)
    """
    try:
        query = {name.lower(): value for name, value in parse_qsl(urlsplit(address).query)}
    except ValueError:
        return None
    begins = moment(query.get("x-amz-date"))
    seconds = number(query.get("x-amz-expires"), least=0, most=WEEK)
    if begins is None or seconds is None:
        return moment(query.get("expires"))
    try:
        return begins + timedelta(seconds=seconds)
    except OverflowError:
        return None


def unsigned(address: str) -> str:
    """What stays of an address when it is signed anew, to compare two of them by; however it is
    written, since services write it their way when they repeat it.

    >>> unsigned("https://B.example/a.mp4?X-Amz-Date=1&X-Amz-Signature=2#t")
    'https://b.example/a.mp4?'
    >>> unsigned("https://youtube.com/watch?v=abc"), unsigned("https://me.example/m/a.mp4?e=1&k=2")
    ('https://youtube.com/watch?v=abc', 'https://me.example/m/a.mp4?')
    >>> unsigned("https://bücher.example:443/é b.mp4") == unsigned(
    ...     "HTTPS://xn--bcher-kva.example/%c3%A9%20b.mp4")
    True
    """
    try:
        parts = urlsplit(address)
        query = parse_qsl(parts.query, keep_blank_values=True)
        host, port = (parts.hostname or "").encode("idna").decode(), parts.port
    except ValueError:
        return address
    if port and port != USUAL.get(parts.scheme):
        host = f"{host}:{port}"
    kept = sorted(f"{name}={value}" for name, value in query if not _signs(name.lower()))
    return f"{parts.scheme}://{host}{unquote(parts.path) or '/'}?{'&'.join(kept)}"


def _signs(name: str) -> bool:
    return name in SIGNING | OURS or name.startswith(("x-amz-", "x-goog-"))
