"""The clips that a person asks for: read the address, count, read one page."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from . import pages
from .cards import Card, card_of
from .census import CAP, Census, take_census
from .filters import Cursor, Filters
from .routes import Asker
from .sql import Sql


@dataclass
class Grid:
    filters: Filters
    census: Census
    cards: list[Card] = field(default_factory=list)
    total: int = 0
    is_at_least: bool = False
    after: Cursor | None = None  # where the next page starts; None on the last

    @property
    def has_clips(self) -> bool:
        """Whether the team has any clip at all."""
        return self.census.clips > 0

    @property
    def count_words(self) -> str:
        capped = min(self.total, CAP) if self.is_at_least else self.total
        return f"{capped:,}{'+' * self.is_at_least} clip{'s' * (self.total != 1)}"

    @property
    def busy(self) -> list[int]:
        """Clips on this page that change by themselves."""
        return [card.row.pk for card in self.cards if card.row.status == "generating"]

    @property
    def waiting(self) -> list[int]:
        """Clips on this page that are to be rendered, if a job runs."""
        return [card.row.pk for card in self.cards if card.row.status == "detected"]


def open_grid(filters: Filters, *, team: int, user: int) -> Grid:
    """One page, and on the first how many clips match in all. Two queries."""
    census = take_census(filters, team=team, user=user)
    filters = checked(filters, census)
    grid = Grid(filters, census)
    asker = Asker(filters, census, team, user)
    counted = pages.total(asker) if filters.after is None else 0
    rows = run(pages.page(asker, counted if isinstance(counted, Sql) else None))
    take_page(grid, rows)
    if isinstance(counted, int):
        grid.total = counted
    else:
        take_total(grid, rows)
    return grid


def checked(filters: Filters, census: Census) -> Filters:
    """Without what only the database can tell to be unknown."""
    for name, words in (("provider", "comes from"), ("aspect", "has the shape")):
        value = getattr(filters, name)
        if value and value not in census.team[name]:
            filters = filters.without_and_noting(name, f"No clip {words} “{value}”.")
    if filters.source is not None and census.source_title is None:
        census.here = census.team
        filters = filters.without_and_noting("source", "That recording is not here.")
    return filters


def take_page(grid: Grid, rows: list[tuple[Any, ...]]) -> None:
    shown, keys = rows[: pages.PAGE], len(pages.KEYS[grid.filters.sort])
    grid.cards = [card_of(row[: pages.WIDTH]) for row in shown]
    if len(rows) > pages.PAGE:
        *key, pk = shown[-1][pages.WIDTH + 1 : pages.WIDTH + 2 + keys]
        grid.after = Cursor(tuple(key), pk)


def take_total(grid: Grid, rows: list[tuple[Any, ...]]) -> None:
    """What was counted stands at the end of each row."""
    if grid.after is None:
        grid.total = len(rows)
        return
    *_, is_cut, matches = rows[0]
    grid.is_at_least = bool(is_cut)
    grid.total = max(matches, len(grid.cards) + 1)


def cards_of(clips: list[int], *, team: int, user: int) -> list[Card]:
    """The cards of these clips, as far as they are the team's."""
    return [card_of(row) for row in run(pages.some(clips, team=team, user=user))]


def run(sql: Sql) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql.text, sql.values)
        return cursor.fetchall()
