"""A piece of a file at another server: what a player asks for at a time."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from clipboard.providers.download import is_page
from clipboard.providers.errors import ProviderError, error_for_status

if TYPE_CHECKING:
    from clipboard.providers.outbound import Incoming

TOLD = re.compile(r"bytes (?:(\d{1,15})-(\d{1,15})|\*)/(\d{1,15})", re.ASCII)
MOST_SKIPPED = 64 * 1024 * 1024  # bytes read in vain where a server knows no ranges
NO_LIMIT = 2**60  # reading stops by itself


@dataclass(frozen=True)
class Piece:
    """`content` are the file's bytes from `start`; `total` is how many the whole has.

    Nothing in `content`: the file ends before `start`.
    """

    content: bytes
    start: int
    total: int


def fetch_piece(url: str, *, start: int, most: int, deadline: float) -> Piece:
    """At most `most` bytes from `start` within `deadline` seconds, all of them or ProviderError.

    Fetched whole before it is given on, so that who reads slowly holds nothing at the other side.
    """
    from clipboard.providers.outbound import open_client  # most processes never need it

    wanted = {"range": f"bytes={start}-{start + most - 1}"}
    with (
        open_client(idle=deadline) as client,
        client.stream("GET", url, deadline=deadline, max_bytes=NO_LIMIT, headers=wanted) as answer,
    ):
        if answer.status == 206:
            return _part(answer, start, most)
        if answer.status == 416:
            return Piece(b"", start, _told(answer)[2])
        if answer.status != 200:
            retry_after = answer.headers.get("retry-after")
            raise error_for_status(answer.status, retry_after=retry_after)
        return _part_of_whole(answer, start, most)


def _part(answer: Incoming, start: int, most: int) -> Piece:
    first, last, total = _told(answer)
    if first != start or not 0 <= last - first < most or is_page(answer):
        raise ProviderError("provider", "The service sent another part than we asked for.")
    return Piece(_read(answer.chunks(), last - first + 1), start, total)


def _part_of_whole(answer: Incoming, start: int, most: int) -> Piece:
    """Of a server that knows no ranges and sends everything, from its beginning."""
    total = answer.length
    if total is None or start > MOST_SKIPPED or is_page(answer):
        raise ProviderError("provider", "The service can't send a part of this file.")
    if start >= total:
        return Piece(b"", start, total)
    content = _read(answer.chunks(), min(most, total - start), skip=start)
    return Piece(content, start, total)


def _told(answer: Incoming) -> tuple[int, int, int]:
    """First and last byte and the whole file's size, from Content-Range."""
    found = TOLD.fullmatch(answer.headers.get("content-range", "").strip())
    if found is None:
        raise ProviderError("provider", "The service doesn't say which part of the file it sends.")
    return int(found[1] or 0), int(found[2] or 0), int(found[3])


def _read(chunks: Iterator[bytes], size: int, *, skip: int = 0) -> bytes:
    """Exactly `size` bytes, after as many as are to be skipped."""
    content = bytearray()
    for chunk in chunks:
        content += chunk[skip:]
        skip = max(0, skip - len(chunk))
        if len(content) >= size:
            return bytes(content[:size])
    raise ProviderError("network", "The connection broke before everything had come.")
