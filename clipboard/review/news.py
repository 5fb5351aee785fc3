"""Clips that came after a grid was opened: how many belong into it."""

# ruff: noqa: S608 (every part of these statements is a constant; values travel as parameters)

from __future__ import annotations

from django.db import connection

from .census import CAP, take_census
from .filters import Filters
from .grid import Grid, checked, run
from .routes import Asker
from .sql import Sql, all_of

FURTHEST = 10_000  # clips back; whoever left a grid open for longer sees that many at least


def news(filters: Filters, *, since: int, team: int, user: int) -> Grid:
    """A grid without its cards: the counts as they are now, and in all how many clips that match
    came after the one with the number `since`; at most CAP + 1.

    Clips are tried from the newest back, so that the cost is that of what is new. Two queries."""
    census = take_census(filters, team=team, user=user)
    grid = Grid(checked(filters, census), census)
    if since >= census.newest:
        return grid
    came = Sql("c.id > %s", (max(since, census.newest - FURTHEST),))
    asked = Asker(grid.filters, census, team, user).conditions()
    where = all_of(came, Sql("c.team_id = %s", (team,)), *asked.values())
    found = f"SELECT 1 FROM {newest_first()} WHERE {where.text} LIMIT {CAP + 1}"
    ((grid.total,),) = run(Sql(f"SELECT COUNT(*) FROM ({found}) AS came", where.values))
    return grid


def newest_first() -> str:
    """SQLite would walk through all of the team's clips by an index that begins with the team."""
    return "clips_clip AS c" + (" NOT INDEXED" if connection.vendor == "sqlite" else "")
