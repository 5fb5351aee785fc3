"""What people type into the search box, as a full-text query of either database."""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

PIECE = re.compile(r'"([^"]*)"?|(\w+\*?)')
WORD = re.compile(r"\w+")
MOST_PIECES = 12
SHORTEST_PREFIX = 3


class Piece(NamedTuple):
    words: list[str]  # several: next to each other
    is_prefix: bool = False


def pieces(text: str) -> list[Piece]:
    """Every piece must be found: words, "words in quotes" as a phrase, beginnings as begin*."""
    found = []
    for phrase, word in PIECE.findall(text):
        if words := WORD.findall(phrase or word):
            found.append(Piece(words, is_prefix=word.endswith("*")))
    return found[:MOST_PIECES]


def loosened(found: list[Piece]) -> list[Piece]:
    """The same with the last word taken as a beginning: someone may still be typing it."""
    if not found or found[-1].is_prefix or len(found[-1].words[-1]) < SHORTEST_PREFIX:
        return []
    return [*found[:-1], found[-1]._replace(is_prefix=True)]


def expression(found: list[Piece], vendor: str) -> str:
    """
    >>> expression(pieces('price "no one" lat*'), "sqlite")
    '"price" "no one" "lat"*'
    >>> expression(pieces('price "no one" lat*'), "postgresql")
    "'price' & ('no' <-> 'one') & 'lat':*"
    """
    if vendor == "sqlite":
        return " ".join(f'"{" ".join(one.words)}"' + "*" * one.is_prefix for one in found)
    return " & ".join(on_postgresql(one) for one in found)


def on_postgresql(one: Piece) -> str:
    quoted = [f"'{unaccented(word)}'" for word in one.words]
    quoted[-1] += ":*" * one.is_prefix
    return quoted[0] if len(quoted) == 1 else f"({' <-> '.join(quoted)})"


def unaccented(word: str) -> str:
    """Latin letters without their accents, as the search column keeps them (migration 0006).

    >>> unaccented("Café"), unaccented("мой")
    ('Cafe', 'мой')
    """
    return "".join(map(plain, word))


def plain(letter: str) -> str:
    first, *accents = list(unicodedata.normalize("NFD", letter))
    return first if accents and first.isascii() and first.isalpha() else letter
