"""What the address of the grid asks for. Whatever makes no sense is left out, with a note."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from clipboard.clips import search
from clipboard.clips.models import Clip

NUMBER = re.compile(r"-?[0-9]{1,9}(\.[0-9]{1,9})?")
NAME = re.compile(r"[A-Za-z0-9:._-]{1,20}")
IDENTITY = re.compile(r"[0-9]{1,18}")
LONGEST_SEARCH = 200
MOST_NOTES = 4
DAY = 86_400
SORTS = {"score": "desc", "duration": "desc", "created": "desc", "source": "asc"}
SORT_WORDS = {
    "score": ("best first", "weakest first"),
    "duration": ("longest first", "shortest first"),
    "created": ("newest first", "oldest first"),
    "source": ("last source first", "in source order"),
}
YES, NO = ("1", "true", "yes", "on"), ("0", "false", "no", "off")


class Unclear(ValueError):
    """The value of a parameter makes no sense; the text says what would."""


@dataclass(frozen=True)
class Cursor:
    """The last clip seen: its place in the order, most significant first, and its id."""

    key: tuple[Any, ...]
    pk: int

    def __str__(self) -> str:
        return "~".join("" if part is None else str(part) for part in (*self.key, self.pk))


@dataclass(frozen=True)
class Filters:
    min_score: float | None = None
    max_score: float | None = None
    status: str = ""
    favourited: bool = False
    provider: str = ""
    source: int | None = None
    aspect: str = ""
    min_duration: float | None = None
    max_duration: float | None = None
    q: str = ""
    sort: str = "score"
    order: str = "desc"
    after: Cursor | None = None
    notes: tuple[str, ...] = field(default=(), compare=False)

    @cached_property
    def asked(self) -> dict[str, Any]:
        """The filters in use, by parameter name."""
        found = {name: getattr(self, name) for name in FILTERS}
        # Not by equality: a score from 0 up is a filter too.
        return {n: v for n, v in found.items() if v is not None and v is not False and v != ""}

    def query(self, *, after: Cursor | None = None, without: tuple[str, ...] = ()) -> str:
        """The query string that asks for just this, "" for the plain grid."""
        asked = self.asked.items()
        wanted = {name: text(value) for name, value in asked if name not in without}
        if self.sort != "score":
            wanted["sort"] = self.sort
        if self.order != SORTS[self.sort]:
            wanted["order"] = self.order
        if after:
            wanted["after"] = str(after)
        return "?" + urlencode(wanted) if wanted else ""

    def without(self, *names: str) -> Filters:
        blank = Filters()
        return replace(self, **{name: getattr(blank, name) for name in names}, after=None)

    def without_and_noting(self, name: str, note: str) -> Filters:
        after = self.after
        return replace(self.without(name), after=after, notes=(*self.notes, note))

    @property
    def has_empty(self) -> bool:
        """Whether clips without a score (or a length) belong at the end."""
        if self.sort not in ("score", "duration"):
            return False
        return all(getattr(self, f"{end}_{self.sort}") is None for end in ("min", "max"))

    @property
    def order_words(self) -> str:
        return SORT_WORDS[self.sort][self.order != "desc"]


FILTERS = tuple(
    one.name for one in fields(Filters) if one.name not in ("sort", "order", "after", "notes")
)


def read_filters(given: Any) -> Filters:
    """`given` is the request's GET; of a parameter given twice the last counts."""
    values: dict[str, Any] = {}
    notes: list[str] = []
    for name in given:
        value = given[name].strip()
        if name == "after" or not value:
            continue
        if name not in READERS:
            notes.append(f"“{shown(name)}” is not a filter.")
            continue
        try:
            values[name] = READERS[name](value)
        except Unclear as unclear:
            notes.append(f"{LABELS[name]} “{shown(value)}” was ignored: {unclear}.")
    values.setdefault("order", SORTS[values.get("sort", "score")])
    drop_empty_ranges(values, notes)
    values["after"] = read_after(given.get("after", ""), values.get("sort", "score"), notes)
    if len(notes) > MOST_NOTES:
        rest = len(notes) - MOST_NOTES + 1
        notes[MOST_NOTES - 1 :] = [f"{rest} more parts of the address were ignored."]
    return Filters(**values, notes=tuple(notes))


def drop_empty_ranges(values: dict[str, Any], notes: list[str]) -> None:
    for name in ("score", "duration"):
        least, most = values.get(f"min_{name}"), values.get(f"max_{name}")
        if least is not None and most is not None and least > most:
            del values[f"min_{name}"], values[f"max_{name}"]
            notes.append(f"The {name} range was ignored: its start is above its end.")


def read_after(given: str, sort: str, notes: list[str]) -> Cursor | None:
    if not given:
        return None
    parts = given.split("~")
    try:
        if len(parts) != len(CURSORS[sort]) + 1:
            raise Unclear
        key = tuple(read(part) for read, part in zip(CURSORS[sort], parts, strict=False))
        return Cursor(key, identity(parts[-1]))
    except Unclear:
        notes.append("The place to go on from is unclear, so this is the start.")
        return None


def number(least: float, most: float) -> Callable[[str], float]:
    def read(value: str) -> float:
        if not NUMBER.fullmatch(value) or not least <= float(value) <= most:
            raise Unclear(f"it takes a number from {least:g} to {most:g}")
        return float(value)

    return read


def one_of(*allowed: str) -> Callable[[str], str]:
    def read(value: str) -> str:
        if value.lower() not in allowed:
            raise Unclear(f"it takes {', '.join(allowed[:-1])} or {allowed[-1]}")
        return value.lower()

    return read


def name(value: str) -> str:
    if not NAME.fullmatch(value):
        raise Unclear("no clip has such a value")
    return value


def yes_or_no(value: str) -> bool:
    if value.lower() not in YES + NO:
        raise Unclear("it takes 1 or 0")
    return value.lower() in YES


def identity(value: str) -> int:
    if not IDENTITY.fullmatch(value) or not int(value):
        raise Unclear("it takes the number of a recording")
    return int(value)


def words(value: str) -> str:
    kept = "".join(char if char.isprintable() else " " for char in value[: 4 * LONGEST_SEARCH])
    kept = " ".join(unicodedata.normalize("NFC", kept).split())[:LONGEST_SEARCH].strip()
    if not search.pieces(kept):
        raise Unclear("it has no word to look for")
    return kept


def exact(value: str) -> float | None:
    """A number that we wrote into a cursor; empty where the clip has none."""
    if not value:
        return None
    if not re.fullmatch(r"-?[0-9]{1,18}(\.[0-9]{1,18})?(e[-+][0-9]{1,3})?", value):
        raise Unclear
    return float(value)


def moment(value: str) -> datetime:
    try:
        read = datetime.fromisoformat(value)
    except ValueError as error:
        raise Unclear from error
    if not 1970 <= read.year <= 2200:
        raise Unclear
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def text(value: Any) -> str:
    if value is True:
        return "1"
    return str(int(value) if isinstance(value, float) and value.is_integer() else value)


def shown(value: str) -> str:
    kept = "".join(char if char.isprintable() else "·" for char in value[:40])
    return kept + "…" * (len(value) > 40)


score, duration = number(0, 100), number(0, DAY)
READERS: dict[str, Callable[[str], Any]] = {
    "min_score": score,
    "max_score": score,
    "status": one_of(*Clip.Status.values),
    "favourited": yes_or_no,
    "provider": name,
    "source": identity,
    "aspect": name,
    "min_duration": duration,
    "max_duration": duration,
    "q": words,
    "sort": one_of(*SORTS),
    "order": one_of("asc", "desc"),
}
CURSORS: dict[str, tuple[Callable[[str], Any], ...]] = {
    "score": (exact,),
    "duration": (exact,),
    "created": (moment,),
    "source": (identity, exact),
}
LABELS = {
    "min_score": "Least score",
    "max_score": "Greatest score",
    "status": "Status",
    "favourited": "Favourites",
    "provider": "Provider",
    "source": "Source",
    "aspect": "Aspect",
    "min_duration": "Shortest length",
    "max_duration": "Greatest length",
    "q": "Search",
    "sort": "Sorting",
    "order": "Order",
}
