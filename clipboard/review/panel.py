"""The filter bar: its choices with their counts, and the drawing behind the score slider."""

from __future__ import annotations

from typing import NamedTuple
from zlib import crc32

from clipboard.clips.models import Clip
from clipboard.lib.wording import count

from .cards import provider_name
from .census import CAP
from .filters import SORT_WORDS, SORTS, Filters, text
from .grid import Grid

BUCKETS = 20
COUNTED = ("status", "provider", "aspect", "score")
SORT_NAMES = {
    "score": "Score",
    "duration": "Length",
    "created": "Date found",
    "source": "Source order",
}


class Choice(NamedTuple):
    value: str
    words: str
    clips: int
    is_chosen: bool


class Sort(NamedTuple):
    value: str
    words: str
    order: str  # the one it has by itself
    descending: str
    ascending: str
    is_chosen: bool


class Bar(NamedTuple):
    """A bucket of the score distribution, in percent of the drawing."""

    x: float
    y: float
    height: float
    is_in: bool


class FilterPanel:
    def __init__(self, grid: Grid) -> None:
        self.filters, self.census = grid.filters, grid.census

    def choices(self, facet: str) -> list[Choice]:
        """Those that clips have, and the chosen one; of statuses all."""
        chosen, counts = getattr(self.filters, facet), self.census.here[facet]
        is_status = facet == "status"
        names = Clip.Status.values if is_status else sorted(self.census.team[facet])
        return [
            Choice(value, words(facet, value), counts.get(value, 0), value == chosen)
            for value in names
            if is_status or counts.get(value) or value == chosen
        ]

    def given(self, name: str) -> str:
        """What a field of the bar holds: just what the address said."""
        return text(self.filters.asked[name]) if name in self.filters.asked else ""

    def shown(self, choice: Choice) -> str:
        """Its count; empty, which hides it, where nobody needs it."""
        return count(choice.clips, CAP) if choice.clips or choice.is_chosen else ""

    @property
    def mark(self) -> str:
        """Another one as soon as any of the counts is."""
        counts = [sorted(self.census.here[name].items()) for name in COUNTED]
        return f"{crc32(repr([self.favourites, counts]).encode()):x}"

    @property
    def favourites(self) -> int:
        return self.census.alone["favourited"]

    @property
    def cap(self) -> int:
        return CAP

    @property
    def sorts(self) -> list[Sort]:
        return [
            Sort(sort, SORT_NAMES[sort], order, *SORT_WORDS[sort], sort == self.filters.sort)
            for sort, order in SORTS.items()
        ]

    @property
    def other_order(self) -> str:
        """The order that this sorting does not have by itself."""
        return "asc" if SORTS[self.filters.sort] == "desc" else "desc"

    @property
    def is_turned(self) -> bool:
        return self.filters.order == self.other_order

    @property
    def bars(self) -> list[Bar]:
        counts = [self.census.here["score"].get(str(n), 0) for n in range(BUCKETS)]
        most, width = max(counts) or 1, 100 / BUCKETS
        least, greatest = self.least, self.greatest
        return [
            Bar(n * width, 100 - height, height, least < (n + 1) * width and n * width <= greatest)
            for n, count in enumerate(counts)
            for height in [round(max(100 * count / most, 4 if count else 0), 1)]
        ]

    @property
    def unscored(self) -> int:
        return self.census.here["score"].get("none", 0)

    @property
    def least(self) -> float:
        return self.filters.min_score or 0

    @property
    def greatest(self) -> float:
        return 100 if self.filters.max_score is None else self.filters.max_score


def words(facet: str, value: str) -> str:
    return provider_name(value) if facet == "provider" else value.capitalize()


def drops(filters: Filters, source_title: str | None) -> list[tuple[str, str]]:
    """(what a filter says, query string without it) for each filter in use."""
    found: list[tuple[str, str]] = []
    for name in filters.asked:
        gone = PAIRS.get(name, (name,))
        label = said(filters, name, source_title)
        one = (label, filters.query(without=gone))
        if one not in found:
            found.append(one)
    return found


PAIRS = {
    f"{end}_{name}": (f"min_{name}", f"max_{name}")
    for name in ("score", "duration")
    for end in ("min", "max")
}


def said(filters: Filters, name: str, source_title: str | None) -> str:
    if name == "favourited":
        return "My favourites"
    if name == "q":
        return f"“{filters.q}”"
    if name == "source":
        return f"From {source_title}"
    if name in PAIRS:
        return ranged(filters, name.partition("_")[2])
    return words(name, getattr(filters, name))


def ranged(filters: Filters, name: str) -> str:
    least, most = getattr(filters, f"min_{name}"), getattr(filters, f"max_{name}")
    label, unit = ("Score", "") if name == "score" else ("Length", " s")
    if most is None:
        return f"{label} from {text(least)}{unit}"
    if least is None:
        return f"{label} up to {text(most)}{unit}"
    return f"{label} {text(least)}–{text(most)}{unit}"
