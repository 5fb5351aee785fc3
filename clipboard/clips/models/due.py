"""What is due. Every worker asks several times a second, mostly in vain."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import cached_property
from typing import Any

from .lease import NOW, LeasedQuerySet
from .written import Keys


class Due:
    """`rows` gives those that are due at a moment, in order; of these the first `most`."""

    def __init__(self, rows: Callable[[Any], LeasedQuerySet], *, most: int) -> None:
        self._rows = rows
        self._keys = Keys(lambda: rows(NOW), most=most)

    @cached_property
    def kind(self) -> Any:
        return self._rows(NOW).model

    def keys(self, now: datetime) -> list[int]:
        return self._keys(now=now)
