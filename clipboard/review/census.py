"""What is known beforehand about the clips asked for: kept counts, and how many at least match
each filter alone. One query; its figures are shown, and decide along which index a page is read."""

# ruff: noqa: S608 (every part of these statements is a constant; values travel as parameters)

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from clipboard.clips import search

from .filters import Filters

CAP = 1000  # what is shown as "1,000+"
FEW = 1000  # so few rows are cheaper to collect and sort than to meet along an index
# Measured at a million clips: up to so many hits it is cheaper to gather them all and look each
# clip up among them than to try clip after clip for the words.
FEW_HITS = 40_000

Part = tuple[str, list[Any]]


@dataclass
class Census:
    team: dict[str, dict[str, int]] = field(default_factory=lambda: defaultdict(dict))
    here: dict[str, dict[str, int]] = field(default_factory=lambda: defaultdict(dict))
    alone: dict[str, int] = field(default_factory=dict)  # filter → matches, capped
    source_title: str | None = None
    newest: int = 0  # number of the clip that came last, of whichever team
    words: str = ""  # the full-text query

    @property
    def clips(self) -> int:
        return sum(self.team["status"].values())


def take_census(filters: Filters, *, team: int, user: int) -> Census:
    census = Census()
    found = search.pieces(filters.q)
    census.words = search.expression(found, connection.vendor)
    looser = search.expression(search.loosened(found), connection.vendor)
    words = (census.words, looser)
    count(census, parts(filters, words, team=team, user=user), filters.source)
    if loose := census.alone.pop("loose", 0):
        census.words, census.alone["q"] = looser, loose
    if filters.source is None:
        census.here = census.team
    return census


def count(census: Census, parts: list[Part], source: int | None) -> None:
    sql = " UNION ALL ".join(part for part, _ in parts)
    with connection.cursor() as cursor:
        cursor.execute(sql, [value for _, values in parts for value in values])
        for kind, name, value, number in cursor.fetchall():
            if kind == "alone":
                census.alone[name] = number
            elif kind == "newest":
                census.newest = number
            elif kind == "source":
                census.source_title = value
            else:
                (census.here if kind == str(source) else census.team)[name][value] = number


def parts(filters: Filters, words: tuple[str, str], *, team: int, user: int) -> list[Part]:
    """Selects of (kind, name, value, count)."""
    return [
        (
            "SELECT CAST(source_ref AS varchar(20)), facet, value, count FROM clips_tally"
            " WHERE team_id = %s AND source_ref IN (0, %s)",
            [team, filters.source or 0],
        ),
        ("SELECT 'newest', '', '', (SELECT COALESCE(MAX(id), 0) FROM clips_clip)", []),
        capped("favourited", "review_favourite WHERE user_id = %s AND team_id = %s", [user, team]),
        *ranges(filters, team),
        *(hits(*words) if filters.q else []),
        *([titled(filters.source, team)] if filters.source is not None else []),
    ]


def ranges(filters: Filters, team: int) -> Iterator[Part]:
    for name in ("score", "duration"):
        least, most = getattr(filters, f"min_{name}"), getattr(filters, f"max_{name}")
        if name != filters.sort and (least is not None or most is not None):
            yield capped(
                name,
                f"clips_clip{by_index(f'clip_by_{name}')}"
                f" WHERE team_id = %s AND {name} >= %s AND {name} <= %s",
                [team, least or 0, 1e9 if most is None else most],
            )


def hits(words: str, looser: str) -> Iterator[Part]:
    """How many clips have the words; where none has, how many have something like them."""
    match, cap = "clips_clip WHERE search @@ to_tsquery('simple', %s)", CAP
    if connection.vendor == "sqlite":
        match, cap = "clips_clip_fts WHERE clips_clip_fts MATCH %s", FEW_HITS
    yield capped("q", match, [words], cap)
    if looser:
        unmet = f"NOT EXISTS (SELECT 1 FROM {match})"
        yield capped("loose", f"{match} AND {unmet}", [looser, words], cap)


def titled(source: int, team: int) -> Part:
    sql = "SELECT 'source', '', title, clip_count FROM clips_source WHERE id = %s AND team_id = %s"
    return sql, [source, team]


def capped(name: str, what: str, values: list[Any], cap: int = CAP) -> Part:
    sql = (
        f"SELECT 'alone', '{name}', '',"
        f" (SELECT COUNT(*) FROM (SELECT 1 FROM {what} LIMIT {cap + 1}) AS counted)"
    )
    return sql, values


def by_index(name: str) -> str:
    """SQLite, without statistics, at times takes a worse index; PostgreSQL knows no such hint."""
    return f" INDEXED BY {name}" if connection.vendor == "sqlite" else ""
