"""Pieces of a statement that carry their values with them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Sql:
    text: str = ""
    values: tuple[Any, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.text)


def all_of(*conditions: Sql) -> Sql:
    return joined(" AND ", conditions)


def any_of(*conditions: Sql) -> Sql:
    either = joined(" OR ", [Sql(f"({one.text})", one.values) for one in conditions])
    return Sql(f"({either.text})", either.values)


def joined(by: str, pieces: Any) -> Sql:
    """The pieces one after another; the empty ones say nothing."""
    kept = [one for one in pieces if one]
    values = tuple(value for one in kept for value in one.values)
    return Sql(by.join(one.text for one in kept), values)
