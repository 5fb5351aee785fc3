"""Byte ranges (RFC 9110 section 14) as a pure function."""

from __future__ import annotations

import re
from typing import NamedTuple

# Longer numbers mean nothing; ten thousand of them must cost nothing.
FORM = re.compile(r"bytes=[ \t]*(\d{0,40})-(\d{0,40})[ \t]*", re.ASCII | re.IGNORECASE)


class Unsatisfiable(Exception):
    """The range starts behind the end: answer 416."""


class ByteRange(NamedTuple):
    start: int
    end: int  # inclusive

    @property
    def length(self) -> int:
        return self.end - self.start + 1


def parse_range(header: str, size: int, *, at_most: int) -> ByteRange | None:
    """The one range asked for, cut to `at_most` bytes; None means "send the whole file".

    Several ranges and anything malformed are ignored, as the RFC allows. A short answer to an
    open-ended request is legal too: the player asks again, and a paused one holds no thread.
    """
    match = FORM.fullmatch(header)
    if match is None or not (match[1] or match[2]):
        return None
    if match[1] and match[2] and int(match[1]) > int(match[2]):
        return None
    if match[1]:
        start, end = int(match[1]), min(int(match[2] or size), size - 1)
    else:
        start, end = max(0, size - int(match[2])), size - 1
    if start >= size:
        raise Unsatisfiable
    return ByteRange(start, min(end, start + at_most - 1))


def open_range(header: str) -> tuple[int, int] | None:
    """First byte and how many, of a file whose size is not known yet; None for anything else.

    >>> open_range("bytes=5-"), open_range("bytes=5-9"), open_range("bytes=-5")
    ((5, 1152921504606846976), (5, 5), None)
    """
    match = FORM.fullmatch(header)
    if match is None or not match[1] or len(match[1]) > 15:
        return None
    start, end = int(match[1]), int(match[2]) if match[2] else None
    if end is None:
        return start, 2**60
    return (start, end - start + 1) if end >= start else None
