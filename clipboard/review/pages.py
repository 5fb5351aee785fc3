"""One page of the grid as SQL that costs the same on the first page and the last.

The rows in the order asked for are a few stretches of one index, one after another: after a
cursor (score, id), the rest of the clips of that very score, then the lower scores, then the
clips without one. Each stretch is a branch of a UNION ALL, because SQLite does not seek the
second column of a row-value comparison.
"""

# ruff: noqa: S608 (every part of these statements is a constant; values travel as parameters)

from __future__ import annotations

from typing import Any

from django.db import connection

from .census import CAP
from .filters import Filters
from .routes import FACETS, KEYS, RANGED, Asker, Route
from .sql import Sql, all_of, any_of, joined

__all__ = ["COLUMNS", "KEYS", "PAGE", "WIDTH", "page", "some", "total"]
PAGE = 21  # whose cards stay below 4 KB on the wire, with room for what a filter adds
VISITED = 2500  # rows that a count may look at
VISITED_HITS = CAP + 1  # where each is looked up
COLUMNS = """
    c.id, c.source_id, c.provider, c.status, c.score, c.duration, c.aspect, c.favourite_count,
    mine.id IS NOT NULL, c.title, c.reason, c.error, c.poster, c.filmstrip, c.strip, c."start",
    s.title, s.poster, s.filmstrip, s.strip,
    CASE WHEN c.poster = '' THEN c.crop END,
    CASE WHEN c.status = 'generating' THEN (
        SELECT MAX(r.progress) FROM clips_rendition AS r WHERE r.clip_id = c.id AND r.is_preview
    ) END
"""
WIDTH = 22
TABLES = """
    CROSS JOIN clips_clip AS c CROSS JOIN clips_source AS s
    LEFT JOIN review_favourite AS mine ON mine.clip_id = c.id AND mine.user_id = %s
"""


def page(asker: Asker, counted: Sql | None = None) -> Sql:
    """COLUMNS, then (stretch, key …, id), of at most PAGE + 1 clips in order, and then what
    `counted` gives."""
    route, way = asker.route, direction(asker.filters)
    chosen = walked(route, asker.filters) if route.is_sorted else sorted_out(route, asker.filters)
    order = ", ".join(f"k.{name}{way}" for name in (*key_names(route), "id"))
    also = Sql(f" CROSS JOIN ({counted.text}) AS t", counted.values) if counted else Sql()
    text = (
        f"SELECT {COLUMNS}, k.*{', t.*' if also else ''}"
        f" FROM ({chosen.text}) AS k{also.text} {TABLES}"
        f" WHERE c.id = k.id AND s.id = c.source_id ORDER BY k.stretch, {order}"
    )
    return Sql(text, (*chosen.values, *also.values, asker.user))


def some(clips: list[int], *, team: int, user: int) -> Sql:
    """COLUMNS of these clips of the team."""
    marks = ", ".join(["%s"] * len(clips))
    chosen = f"SELECT id FROM clips_clip WHERE team_id = %s AND id IN ({marks})"
    text = (
        f"SELECT {COLUMNS} FROM ({chosen}) AS k {TABLES}"
        " WHERE c.id = k.id AND s.id = c.source_id ORDER BY c.id"
    )
    return Sql(text, (team, *clips, user))


def walked(route: Route, filters: Filters) -> Sql:
    """(stretch, key …, id) along an index."""
    way = direction(filters)
    order = ", ".join(f"{key}{way}" for key in (*route.keys, route.id))
    branches = []
    for number, stretch in enumerate(stretches(route, filters)):
        where = all_of(route.where, stretch, route.rest)
        text = (
            f"SELECT * FROM (SELECT {number} AS stretch, {selected(route)}"
            f" FROM {route.table.text} WHERE {where.text}"
            f" ORDER BY {order} LIMIT {PAGE + 1}) AS b{number}"
        )
        branches.append(Sql(text, route.table.values + where.values))
    if len(branches) == 1:
        return branches[0]
    whole = joined(" UNION ALL ", branches)
    order = ", ".join(f"{name}{way}" for name in (*key_names(route), "id"))
    return Sql(f"{whole.text} ORDER BY stretch, {order} LIMIT {PAGE + 1}", whole.values)


def sorted_out(route: Route, filters: Filters) -> Sql:
    """(stretch, key …, id) from few clips in no order."""
    way = direction(filters)
    order = ", ".join(f"{key}{way}" for key in (*route.keys, route.id))
    last = f"CASE WHEN {route.keys[0]} IS NULL THEN 1 ELSE 0 END"
    where = all_of(route.where, any_of(*stretches(route, filters)), route.rest)
    text = (
        f"SELECT {last} AS stretch, {selected(route)} FROM {route.table.text}"
        f" WHERE {where.text} ORDER BY {last}, {order} LIMIT {PAGE + 1}"
    )
    return Sql(text, route.table.values + where.values)


def stretches(route: Route, filters: Filters) -> list[Sql]:
    """Parts of the order that follow each other, from the cursor on."""
    keys, cursor, past = route.keys, filters.after, "<" if direction(filters) else ">"
    empty = [Sql(f"{keys[0]} IS NULL")] if filters.has_empty else []
    if cursor is None:
        # Not IS NOT NULL, which would walk through the empty ones first.
        return [Sql(f"{keys[0]} >= 0"), *empty] if filters.sort in RANGED else [Sql("1 = 1")]
    further = Sql(f"{route.id} {past} %s", (cursor.pk,))
    if cursor.key == (None,):
        return [all_of(empty[0], further)] if empty else [Sql("1 = 0")]
    values = [adapted(value) for value in cursor.key]
    same = [Sql(f"{key} = %s", (value,)) for key, value in zip(keys, values, strict=True)]
    found = [all_of(*same, further)]
    for depth in reversed(range(len(keys))):
        beyond = Sql(f"{keys[depth]} {past} %s", (values[depth],))
        found.append(all_of(*same[:depth], beyond))
    return found + empty


def total(asker: Asker) -> int | Sql:
    """How many clips match: known, or a statement that gives (is there more, matches).

    It looks at a bounded number of rows; where it reached the bound, there may be more matches."""
    if (known := known_total(asker)) is not None:
        return known
    route = asker.route
    limit = VISITED if route.rest else CAP + 1
    is_cut = f"COUNT(*) >= {limit}"
    if asker.filters.q and connection.vendor == "sqlite":
        route, limit = asker.among("q", VISITED_HITS), VISITED_HITS
        # The first hits, of all teams: of the others nobody knows whose they are.
        is_cut = "1" if asker.census.alone["q"] >= VISITED_HITS else "0"
    hit = f"CASE WHEN {route.rest.text} THEN 1 ELSE 0 END" if route.rest else "1"
    counted = f"SELECT {hit} AS hit FROM {route.table.text} WHERE {route.where.text} LIMIT {limit}"
    text = f"SELECT {is_cut} AS is_cut, COALESCE(SUM(hit), 0) AS hits FROM ({counted}) AS counted"
    return Sql(text, route.rest.values + route.table.values + route.where.values)


def known_total(asker: Asker) -> int | None:
    """What the kept counts say, where they say it."""
    asked, here = dict(asker.filters.asked), asker.census.here
    asked.pop("source", None)
    if not asked:
        return sum(here["status"].values())
    ((name, value), *others) = asked.items()
    return None if others or name not in FACETS else here[name].get(value, 0)


def direction(filters: Filters) -> str:
    return " DESC" if filters.order == "desc" else ""


def key_names(route: Route) -> list[str]:
    return [f"k{number}" for number in range(len(route.keys))]


def selected(route: Route) -> str:
    named = zip((*route.keys, route.id), (*key_names(route), "id"), strict=True)
    return ", ".join(f"{column} AS {name}" for column, name in named)


def adapted(value: Any) -> Any:
    adapt = connection.ops.adapt_datetimefield_value
    return adapt(value) if hasattr(value, "tzinfo") else value
