"""Statements that are written once. What workers ask and write all the time differs in its values
only, and to have Django write it anew takes longer than to have the database do it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

from django.db import connection, models
from django.db.models.sql import Query, UpdateQuery


class Given(models.Expression):
    """Stands in a query for a value that is told when the statement is carried out."""

    def __init__(self, name: str, field: models.Field) -> None:
        super().__init__(output_field=field)
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        return "%s", (self,)

    def prepared(self, value: Any) -> Any:
        """As the database's driver takes it."""
        if isinstance(value, models.Model):
            value = value.prepare_database_save(self.output_field)
        return self.output_field.get_db_prep_save(value, connection)


class Written:
    """`query` is asked for the query once, in which values that differ are `Given`."""

    def __init__(self, query: Callable[[], Query]) -> None:
        self._query = query

    @cached_property
    def _statement(self) -> tuple[str, Sequence[Any]]:
        found: tuple[str, Sequence[Any]] = (
            self._query().get_compiler(connection=connection).as_sql()
        )
        return found

    def carry_out(self, cursor: Any, given: dict[str, Any]) -> None:
        """`given`: values by the names of what stands for them."""
        sql, places = self._statement
        values = (
            one.prepared(given[one.name]) if isinstance(one, Given) else one for one in places
        )
        cursor.execute(sql, tuple(values))


class Keys:
    """The primary keys of rows, in order, of these the first `most`."""

    def __init__(self, rows: Callable[[], models.QuerySet], *, most: int) -> None:
        self._written = Written(lambda: rows().values_list("pk")[:most].query)

    def __call__(self, **given: Any) -> list[int]:
        with connection.cursor() as cursor:
            self._written.carry_out(cursor, given)
            return [pk for (pk,) in cursor.fetchall()]


class Change:
    """An UPDATE of rows."""

    def __init__(self, rows: Callable[[], models.QuerySet], **fields: Any) -> None:
        self._rows, self._fields = rows, fields
        self._written = Written(self._query)

    def __call__(self, **given: Any) -> int:
        """Returns how many rows were changed."""
        with connection.cursor() as cursor:
            self._written.carry_out(cursor, given)
            return int(cursor.rowcount)

    def _query(self) -> Query:
        query: Any = self._rows().query.chain(UpdateQuery)
        query.add_update_values(self._fields)
        return query
