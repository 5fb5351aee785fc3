"""What the sandbox remembers: documents and a ledger for each vendor and key, in SQLite."""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

TABLES = """
CREATE TABLE IF NOT EXISTS documents (
  vendor TEXT, key TEXT, kind TEXT, id TEXT, body TEXT, made REAL, PRIMARY KEY (vendor, kind, id)
);
CREATE TABLE IF NOT EXISTS ledger (
  vendor TEXT, key TEXT, id TEXT, what TEXT, amount REAL, unit TEXT, at REAL
);
CREATE TABLE IF NOT EXISTS calls (vendor TEXT, key TEXT, budget TEXT, at REAL);
CREATE TABLE IF NOT EXISTS faults (
  vendor TEXT, key TEXT, place INTEGER PRIMARY KEY, matches TEXT, does TEXT, times_left INTEGER
);
CREATE INDEX IF NOT EXISTS call_by_time ON calls (vendor, key, budget, at);
"""


class Memory:
    """Shared by all vendors. `now` gives Unix seconds; tests turn its hands."""

    def __init__(self, file: Path | str = ":memory:", *, now: Callable[[], float] = time.time):
        self.now = now
        self.lock = threading.RLock()  # hold it where several statements must be one
        self.closed = threading.Event()
        self._db = sqlite3.connect(str(file), check_same_thread=False, isolation_level=None)
        self._db.executescript(TABLES)

    def close(self) -> None:
        self.closed.set()
        with self.lock:
            self._db.close()

    def run(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        with self.lock:
            return self._db.execute(statement, values).fetchall()

    def ledger(self, vendor: str = "%") -> list[dict[str, Any]]:
        """Every order that was taken and what it was billed, oldest first."""
        names = ("vendor", "key", "id", "what", "amount", "unit", "at")
        rows = self.run(
            f"SELECT {', '.join(names)} FROM ledger WHERE vendor LIKE ? ORDER BY at, rowid",  # noqa: S608
            vendor,
        )
        return [dict(zip(names, row, strict=True)) for row in rows]

    def faults(self) -> list[dict[str, Any]]:
        """Those that were switched on and not taken back; `times_left` says how far they are used
        up."""
        names = ("vendor", "key", "matches", "does", "times_left")
        rows = self.run(f"SELECT {', '.join(names)} FROM faults ORDER BY place")  # noqa: S608
        found = [dict(zip(names, row, strict=True)) for row in rows]
        return [fault | {"does": json.loads(fault["does"])} for fault in found]

    def has_fault(self, place: int) -> bool:
        """Whether that fault has not been taken back."""
        if self.closed.is_set():
            return False
        return bool(self.run("SELECT 1 FROM faults WHERE place = ?", place))


@dataclass(frozen=True)
class Taken:
    """Whether a call was within its budget, what is left, and seconds until one more will be."""

    is_allowed: bool
    left: int
    resets_in: float


class World:
    """What one key sees of one vendor."""

    def __init__(self, memory: Memory, vendor: str, key: str) -> None:
        self.memory, self.vendor, self.key = memory, vendor, key

    @property
    def now(self) -> float:
        return self.memory.now()

    def put(self, kind: str, id: str, body: dict[str, Any]) -> None:
        self.memory.run(
            "INSERT INTO documents VALUES (?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (vendor, kind, id) DO UPDATE SET body = excluded.body",
            self.vendor,
            self.key,
            kind,
            id,
            json.dumps(body),
            self.now,
        )

    def get(self, kind: str, id: str) -> dict[str, Any] | None:
        """None also for what belongs to another key."""
        rows = self.memory.run(
            "SELECT body FROM documents WHERE vendor = ? AND key = ? AND kind = ? AND id = ?",
            self.vendor,
            self.key,
            kind,
            id,
        )
        found: dict[str, Any] | None = json.loads(rows[0][0]) if rows else None
        return found

    def all(self, kind: str) -> list[dict[str, Any]]:
        """Newest first."""
        rows = self.memory.run(
            "SELECT body FROM documents WHERE vendor = ? AND key = ? AND kind = ?"
            " ORDER BY made DESC, rowid DESC",
            self.vendor,
            self.key,
            kind,
        )
        return [json.loads(row[0]) for row in rows]

    def drop(self, kind: str, id: str) -> None:
        self.memory.run(
            "DELETE FROM documents WHERE vendor = ? AND key = ? AND kind = ? AND id = ?",
            self.vendor,
            self.key,
            kind,
            id,
        )

    def bill(self, id: str, what: str, amount: float, unit: str) -> None:
        self.memory.run(
            "INSERT INTO ledger VALUES (?, ?, ?, ?, ?, ?, ?)",
            self.vendor,
            self.key,
            id,
            what,
            amount,
            unit,
            self.now,
        )

    def billed(self, unit: str) -> float:
        """What was charged to this key so far."""
        rows = self.memory.run(
            "SELECT COALESCE(SUM(amount), 0) FROM ledger WHERE vendor = ? AND key = ? AND unit = ?",
            self.vendor,
            self.key,
            unit,
        )
        return float(rows[0][0])

    def take(self, budget: str, *, calls: int, seconds: float) -> Taken:
        """Count a call, unless so many were counted in the last so many seconds."""
        whose = (self.vendor, self.key, budget)
        with self.memory.lock:
            self.memory.run(
                "DELETE FROM calls WHERE vendor = ? AND key = ? AND budget = ? AND at <= ?",
                *whose,
                self.now - seconds,
            )
            used, first = self.memory.run(
                "SELECT COUNT(*), MIN(at) FROM calls WHERE vendor = ? AND key = ? AND budget = ?",
                *whose,
            )[0]
            if used < calls:
                self.memory.run("INSERT INTO calls VALUES (?, ?, ?, ?)", *whose, self.now)
        resets_in = seconds if first is None else first + seconds - self.now
        return Taken(used < calls, max(0, calls - used - 1), max(0.0, resets_in))

    # --- Faults -------------------------------------------------------------------------------

    def add_fault(self, *, matches: str, does: dict[str, Any], times: int) -> None:
        """`matches` is the beginning of "METHOD /path"; see wire.py for what can be done."""
        self.memory.run(
            "INSERT INTO faults (vendor, key, matches, does, times_left) VALUES (?, ?, ?, ?, ?)",
            self.vendor,
            self.key,
            matches,
            json.dumps(does),
            times,
        )

    def next_fault(self, what: str) -> dict[str, Any]:
        """The first fault that is meant for this request, used up by one, with its place; {} for
        none."""
        with self.memory.lock:
            rows = self.memory.run(
                "SELECT place, does FROM faults WHERE vendor = ? AND key = ? AND times_left > 0"
                " AND substr(?, 1, length(matches)) = matches ORDER BY place LIMIT 1",
                self.vendor,
                self.key,
                what,
            )
            if not rows:
                return {}
            self.memory.run(
                "UPDATE faults SET times_left = times_left - 1 WHERE place = ?", rows[0][0]
            )
        found: dict[str, Any] = json.loads(rows[0][1])
        return found | {"place": rows[0][0]}

    def clear_faults(self) -> None:
        self.memory.run("DELETE FROM faults WHERE vendor = ? AND key = ?", self.vendor, self.key)


def at_stage(age: float, stages: list[tuple[float, str]]) -> str:
    """The last stage that a job of this age (seconds) has reached.

    >>> at_stage(4, [(0, "queued"), (3, "processing"), (10, "completed")])
    'processing'
    """
    return [name for begins, name in stages if age >= begins][-1]
