"""Along which rows a page of clips is read: one index in the order asked for or, where a filter
alone leaves few clips, those clips, to be sorted."""

# ruff: noqa: S608 (every part of these statements is a constant; values travel as parameters)

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from django.db import connection

from .census import FEW, FEW_HITS, Census, by_index
from .filters import Filters
from .sql import Sql, all_of

FACETS = ("status", "provider", "aspect")
RANGED = ("score", "duration")
PLACE = 'COALESCE(c."start", 1000000000.0)'
KEYS = {
    "score": ("c.score",),
    "duration": ("c.duration",),
    "created": ("c.created_at",),
    "source": ("c.source_id", PLACE),
}
INDEXES = {
    "score": "clip_by_score",
    "duration": "clip_by_duration",
    "created": "clip_by_created",
    "source": "clip_by_source_place",
}


@dataclass(frozen=True, slots=True)
class Route:
    table: Sql
    where: Sql  # what the rows are found by
    rest: Sql  # what is tried on each
    keys: tuple[str, ...]
    id: str = "c.id"
    is_sorted: bool = True


@dataclass(frozen=True)
class Asker:
    """The filters of one person in one team, with what is known of them."""

    filters: Filters
    census: Census
    team: int
    user: int

    @cached_property
    def route(self) -> Route:
        if self.filters.favourited and self.filters.sort == "score" and not self.rare_words:
            return self.along_favourites()
        if few := self.few():
            return self.among(few)
        return self.along_index()

    @property
    def rare_words(self) -> bool:
        return bool(self.filters.q) and self.census.alone["q"] <= FEW

    def few(self) -> str:
        """The filter that alone leaves the fewest clips, if so few are better sorted."""
        # PostgreSQL knows how common a word is and takes the better way by itself.
        limits = {"q": FEW if connection.vendor == "sqlite" else -1}
        counts = self.counts()
        few = [name for name, number in counts.items() if number <= limits.get(name, FEW)]
        return min(few, key=lambda name: counts[name], default="")

    def counts(self) -> dict[str, int]:
        """How many clips each filter in use leaves alone, as far as known."""
        asked, census = self.filters.asked, self.census
        counts = {n: census.team[n].get(asked[n], 0) for n in FACETS if n in asked}
        if "source" in asked and self.filters.sort not in ("score", "source"):
            counts["source"] = sum(census.here["status"].values())
        used = {n: c for n, c in census.alone.items() if n in asked or n in RANGED}
        return counts | used

    def along_index(self) -> Route:
        """The index of the order; by score, that of a facet with the fewest clips."""
        filters, left = self.filters, self.conditions()
        index, used = INDEXES[filters.sort], [Sql("c.team_id = %s", (self.team,))]
        if filters.sort in ("score", "source") and "source" in left:
            used.append(left.pop("source"))
            index = "clip_by_source_score" if filters.sort == "score" else index
        elif filters.sort == "score":
            facets = {n: count for n, count in self.counts().items() if n in FACETS}
            if facets:
                rarest = min(facets, key=lambda name: facets[name])
                used.append(left.pop(rarest))
                index = f"clip_by_{rarest}_score"
        used.append(left.pop(filters.sort, Sql()))
        table = Sql("clips_clip AS c" + by_index(index))
        return Route(table, all_of(*used), all_of(*left.values()), KEYS[filters.sort])

    def along_favourites(self) -> Route:
        """Favourites carry the clip's team, status and score, and an index over them."""
        filters, left = self.filters, self.conditions()
        table = Sql("review_favourite AS f")
        used = [Sql("f.user_id = %s AND f.team_id = %s", (self.user, self.team))]
        for name in ("status", "score", "favourited"):
            left.pop(name, None)
        if filters.status:
            used.append(Sql("f.status = %s", (filters.status,)))
        used.append(self.range("score", "f.score"))
        if left:
            table = Sql("review_favourite AS f CROSS JOIN clips_clip AS c")
            used.append(Sql("c.id = f.clip_id"))
        return Route(table, all_of(*used), all_of(*left.values()), ("f.score",), "f.clip_id")

    def among(self, name: str, at_most: int | None = None) -> Route:
        """The clips that one filter leaves (the first `at_most` of them)."""
        left = self.conditions()
        left.pop(name)
        few = self.left_by(name)
        limit = f" LIMIT {at_most}" if at_most else ""
        table = Sql(f"({few.text}{limit}) AS few CROSS JOIN clips_clip AS c", few.values)
        where = Sql("c.id = few.id AND c.team_id = %s", (self.team,))
        rest = all_of(*left.values())
        return Route(table, where, rest, KEYS[self.filters.sort], is_sorted=False)

    def left_by(self, name: str) -> Sql:
        """The ids of the clips that one filter leaves."""
        if name == "favourited":
            text = "SELECT clip_id AS id FROM review_favourite WHERE user_id = %s AND team_id = %s"
            return Sql(text, (self.user, self.team))
        if name == "q":
            text = "SELECT rowid AS id FROM clips_clip_fts WHERE clips_clip_fts MATCH %s"
            return Sql(text, (self.census.words,))
        condition = all_of(Sql("c.team_id = %s", (self.team,)), self.conditions()[name])
        return Sql(f"SELECT c.id FROM clips_clip AS c WHERE {condition.text}", condition.values)

    def conditions(self) -> dict[str, Sql]:
        """What each filter in use asks of a clip `c`."""
        filters = self.filters
        found = {
            name: Sql(f"c.{name} = %s", (getattr(filters, name),))
            for name in FACETS
            if getattr(filters, name)
        }
        if filters.source is not None:
            found["source"] = Sql("c.source_id = %s", (filters.source,))
        for name in RANGED:
            if asked := self.range(name, f"c.{name}"):
                found[name] = asked
        if filters.favourited:
            found["favourited"] = self.is_favourite()
        if filters.q:
            found["q"] = self.has_words()
        return found

    def range(self, name: str, column: str) -> Sql:
        least, most = getattr(self.filters, f"min_{name}"), getattr(self.filters, f"max_{name}")
        return all_of(
            Sql() if least is None else Sql(f"{column} >= %s", (least,)),
            Sql() if most is None else Sql(f"{column} <= %s", (most,)),
        )

    def is_favourite(self) -> Sql:
        text = "SELECT 1 FROM review_favourite AS f WHERE f.user_id = %s AND f.clip_id = c.id"
        return Sql(f"EXISTS ({text})", (self.user,))

    def has_words(self) -> Sql:
        text = "c.search @@ to_tsquery('simple', %s)"
        if connection.vendor == "sqlite" and self.census.alone["q"] <= FEW_HITS:
            text = "c.id IN (SELECT rowid FROM clips_clip_fts WHERE clips_clip_fts MATCH %s)"
        elif connection.vendor == "sqlite":
            found = "SELECT 1 FROM clips_clip_fts WHERE rowid = c.id AND clips_clip_fts MATCH %s"
            text = f"EXISTS ({found})"
        return Sql(text, (self.census.words,))
