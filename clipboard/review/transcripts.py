"""A clip's words as lines to read, seek and follow."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

LONGEST = 14  # words in a line
PAUSE = 0.8  # seconds of silence that end a line


class Word(NamedTuple):
    at: float
    text: str


class Line(NamedTuple):
    at: float
    words: list[Word]


def lines(words: Sequence[Any], *, start: float) -> list[Line]:
    """Lines of [start s, end s, word] in source time; the times that come out count from `start`.

    >>> [line.at for line in lines([[10, 10.4, "So."], [10.5, 11, "Then"]], start=10)]
    [0.0, 0.5]
    """
    found: list[Line] = []
    ended = True
    until = 0.0
    for begin, end, text in words:
        at = round(max(0.0, begin - start), 2)
        if ended or begin - until > PAUSE or len(found[-1].words) >= LONGEST:
            found.append(Line(at, []))
        found[-1].words.append(Word(at, str(text).strip()))
        ended, until = str(text).strip().endswith((".", "?", "!", "…")), end
    return found
