"""What is due. Every worker asks several times a second, mostly in vain, and to have the statement
written anew takes longer than to have it answered: so it is written once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from django.db import connection

from .lease import LeasedQuerySet

ANY_TIME = datetime(1970, 1, 1, tzinfo=UTC)  # stands for the moment of asking


class Due:
    """`rows` gives those that are due at a moment, in order; of these the first `most`."""

    def __init__(self, rows: Callable[[datetime], LeasedQuerySet], *, most: int) -> None:
        self.rows, self.most = rows, most

    @cached_property
    def kind(self) -> Any:
        return self.rows(ANY_TIME).model

    def keys(self, now: datetime) -> list[int]:
        statement, values = self._statement
        then, moment = stored(ANY_TIME), stored(now)
        with connection.cursor() as cursor:
            cursor.execute(statement, [moment if one == then else one for one in values])
            return [pk for (pk,) in cursor.fetchall()]

    @cached_property
    def _statement(self) -> tuple[str, tuple[Any, ...]]:
        rows = self.rows(ANY_TIME).values_list("pk")[: self.most]
        found: tuple[str, tuple[Any, ...]] = rows.query.sql_with_params()
        return found


def stored(moment: datetime) -> Any:
    return connection.ops.adapt_datetimefield_value(moment)
