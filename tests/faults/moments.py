"""Where a step can be interrupted: before each statement that it has the database do, before each
file that it puts in place, and on both sides of each request.

What happens there is a death (the process is gone: nothing more is written, an open transaction
was never there), or somebody else, who works in between.
"""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from django.db import connections

NAMELESS = ("BEGIN", "SAVEPOINT", "RELEASE", "ROLLBACK", "PRAGMA")


class Killed(BaseException):
    """As kill -9 would: nothing in the product may catch this."""


class Moments:
    def __init__(self) -> None:
        self.replace = os.replace
        self.stop()

    def stop(self) -> None:
        self.count, self.at, self.is_dead = 0, 0, False
        self.happens: Callable[[str], None] = lambda place: None
        self.may_happen_inside = False
        self.is_busy = False

    def start(self, *, at: int, happens: Callable[[str], None], inside: bool) -> None:
        """From now on count; at the moment of that number let it happen. `inside`: also within a
        transaction, where nobody else can come between."""
        self.stop()
        self.at, self.happens, self.may_happen_inside = at, happens, inside

    def reach(self, place: str, *, is_inside: bool = False) -> None:
        if self.is_dead:
            raise Killed(place)
        if self.is_busy:
            return
        self.count += 1
        if not self.at or self.count < self.at or (is_inside and not self.may_happen_inside):
            return
        self.at, self.is_busy = 0, True
        try:
            self.happens(place)
        finally:
            self.is_busy = False

    def die(self, place: str) -> None:
        self.is_dead = True
        raise Killed(place)

    # --- Where it is called from ------------------------------------------------------------------

    def statement(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        """A wrapper for Django's `connection.execute_wrapper`."""
        if not sql.startswith(("ROLLBACK", "RELEASE", "SAVEPOINT")):
            is_inside = context["connection"].in_atomic_block
            self.reach(named(sql), is_inside=is_inside)
        return execute(sql, params, many, context)

    def rename(self, *places: Any, **more: Any) -> None:
        """In the place of os.replace."""
        self.reach("file put in place", is_inside=connections["default"].in_atomic_block)
        self.replace(*places, **more)


@lru_cache(maxsize=2000)
def named(sql: str) -> str:
    """
    >>> named('UPDATE "clips_job" SET'), named('SELECT "a"."b" FROM "clips_clip"'), named("BEGIN")
    ('UPDATE clips_job', 'SELECT clips_clip', 'BEGIN')
    """
    verb, *_ = sql.split(None, 1)
    if verb in NAMELESS:
        return verb
    table = re.search(r'(?:FROM|INTO|UPDATE)\s+"?(\w+)', sql)
    return f"{verb} {table[1]}" if table else verb


def aside(work: Callable[[], Any], shared: Any) -> Any:
    """Do it in a thread of its own, over the connection of a thread that waits meanwhile: a request
    may come from within an event loop, where Django refuses to speak to a database."""
    told: list[tuple[Any, BaseException | None]] = []

    def run() -> None:
        connections["default"] = shared
        try:
            told.append((work(), None))
        except BaseException as error:
            told.append((None, error))

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    result, error = told[0]
    if error:
        raise error
    return result
