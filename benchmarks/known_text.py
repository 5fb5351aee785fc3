"""A text that the sample recording is known to say, and how far from it what was heard is."""

from __future__ import annotations

import re

TWO_CITIES = """
It was the best of times, it was the worst of times, it was the age of wisdom, it was the age of
foolishness, it was the epoch of belief, it was the epoch of incredulity, it was the season of
Light, it was the season of Darkness, it was the spring of hope, it was the winter of despair, we
had everything before us, we had nothing before us, we were all going direct to Heaven, we were all
going direct the other way—in short, the period was so far like the present period, that some of its
noisiest authorities insisted on its being received, for good or for evil, in the superlative degree
of comparison only.
"""


def word_error(text: str, heard: str) -> float:
    """Substitutions, deletions and insertions for each word of `text`, which `heard` may go on
    before and after: the best place for it counts."""
    wanted, given = plain_words(text), plain_words(heard)
    row = [0] * (len(given) + 1)
    for number, word in enumerate(wanted, 1):
        above, row = row, [number]
        for at, other in enumerate(given, 1):
            row.append(min(above[at] + 1, row[at - 1] + 1, above[at - 1] + (word != other)))
    return min(row) / len(wanted)


def plain_words(text: str) -> list[str]:
    return re.findall(r"[a-z0-9']+", text.lower().replace("’", "'"))
