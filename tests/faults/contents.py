"""What a database holds, to be put back: by statements, since a copy of the whole file has SQLite
read its schema again, and compile again every statement and trigger."""

from __future__ import annotations

import sqlite3
from typing import Any

# Not the tables of the full-text index, which triggers keep.
ORDINARY = """
    SELECT name FROM pragma_table_list
    WHERE schema = 'main' AND type = 'table' AND name <> 'sqlite_schema'
    ORDER BY name = 'sqlite_sequence'
"""


class Contents:
    """All rows of a database, as they are when this is made."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self.database = database
        names = [name for (name,) in database.execute(ORDINARY)]
        self.rows = {name: self.read(name) for name in names}

    def read(self, table: str) -> list[Any]:
        return self.database.execute(f'SELECT * FROM "{table}" ORDER BY rowid').fetchall()

    def differing(self) -> list[str]:
        return [name for name, rows in self.rows.items() if self.read(name) != rows]

    def restore(self) -> None:
        self.database.execute("BEGIN")
        while names := self.differing():  # triggers count what is put back
            self.replace(names)
        self.database.execute("COMMIT")

    def replace(self, tables: list[str]) -> None:
        for name in tables:
            self.database.execute(f'DELETE FROM "{name}"')
        for name in tables:
            for row in self.rows[name]:
                places = ", ".join("?" * len(row))
                self.database.execute(f'INSERT OR REPLACE INTO "{name}" VALUES ({places})', row)
