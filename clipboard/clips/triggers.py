"""Database triggers that keep counts and the search index right, whoever writes.

They are dropped before a migration that may rebuild the tables (SQLite forgets the triggers of a
rebuilt table) and made again after it, with a recount.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import connections, transaction
from django.db.models.signals import post_migrate, pre_migrate


@dataclass(frozen=True)
class Triggers:
    """`sqlite`: name → all that follows it. `postgresql`: name → (when, function body)."""

    sqlite: dict[str, str]
    postgresql: dict[str, tuple[str, str]]
    recount: Callable[[str], list[str]]  # vendor → statements
    tables: tuple[str, ...]
    apps: tuple[str, ...]  # whose migrations may disturb them

    def connect(self, config: Any) -> None:
        """Follow migrations from now on."""
        pre_migrate.connect(self.before_migrations, sender=config, weak=False)
        post_migrate.connect(self.after_migrations, sender=config, weak=False)

    def before_migrations(self, *, using: str, plan: Any = (), **signal: Any) -> None:
        if any(migration.app_label in self.apps for migration, _ in plan):
            self.drop(using)

    def after_migrations(self, *, using: str, **signal: Any) -> None:
        if not self.are_installed(using) and self.has_tables(using):
            self.install(using)

    def install(self, using: str = "default") -> None:
        vendor = connections[using].vendor
        with transaction.atomic(using), connections[using].cursor() as cursor:
            for statement in self.creation(vendor) + self.recount(vendor):
                cursor.execute(statement)

    def creation(self, vendor: str) -> list[str]:
        if vendor == "sqlite":
            return [f"CREATE TRIGGER {name} {rest}" for name, rest in self.sqlite.items()]
        return [
            statement
            for name, (when, body) in self.postgresql.items()
            for statement in (
                f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS"
                f" $body$ BEGIN {body} END $body$",
                f"CREATE TRIGGER {name} {when} EXECUTE FUNCTION {name}()",
            )
        ]

    def drop(self, using: str = "default") -> None:
        with connections[using].cursor() as cursor:
            for name in self.sqlite if connections[using].vendor == "sqlite" else self.postgresql:
                cursor.execute(
                    f"DROP TRIGGER IF EXISTS {name}"
                    if connections[using].vendor == "sqlite"
                    else f"DROP FUNCTION IF EXISTS {name}() CASCADE"
                )

    def are_installed(self, using: str = "default") -> bool:
        on_sqlite = connections[using].vendor == "sqlite"
        with connections[using].cursor() as cursor:
            cursor.execute(
                "SELECT name FROM sqlite_master WHERE type = 'trigger'"
                if on_sqlite
                else "SELECT tgname FROM pg_trigger"
            )
            found = {row[0] for row in cursor.fetchall()}
        return found >= set(self.sqlite if on_sqlite else self.postgresql)

    def has_tables(self, using: str) -> bool:
        return set(connections[using].introspection.table_names()) >= set(self.tables)
