"""Points at which a process of the product stops, to be killed there: between two of its writes.

Not part of the product: `settings_with_stops` adds this app to its settings. A stop is ordered by a
file; the process that comes by takes it (a rename, so only one does) and waits until it is killed.
What is seen are the statements it writes to its database with, and the files it puts in place.
"""

from __future__ import annotations

import json
import os
import re
import sys
import time
from importlib import import_module
from pathlib import Path
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.db.backends.signals import connection_created

from tests.processes import Process, read

WANTED, HELD = ".wanted", ".held"


class Stops(AppConfig):
    name = "tests.kill"
    label = "stops"

    def ready(self) -> None:
        connection_created.connect(watch_statements)
        sys.addaudithook(watch_renames)
        if "--cluster" in sys.argv:
            load_what_workers_need()


def load_what_workers_need() -> None:
    """Once, before they are forked: dozens of them are killed, and each would take its time."""
    for name in ("clipboard.providers.outbound", "clipboard.providers.outbound_async"):
        import_module(name)
    import_module("cryptography.fernet")


def watch_statements(connection: Any, **_: Any) -> None:
    if see_statement not in connection.execute_wrappers:
        connection.execute_wrappers.append(see_statement)


def see_statement(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
    if sql.startswith("SELECT"):
        return execute(sql, params, many, context)
    said = f"{sys.argv[0]} {sql} {plain(params)}"
    stop("before", said)
    outcome = execute(sql, params, many, context)
    stop("after", said)
    return outcome


def plain(params: Any) -> Any:
    """Choices by their values."""
    if not isinstance(params, tuple | list):
        return params
    return tuple(str(value) if isinstance(value, str) else value for value in params)


def watch_renames(event: str, given: tuple[Any, ...]) -> None:
    if event == "os.rename" and not str(given[1]).endswith(HELD):
        stop("before", f"rename to {given[1]}")


def folder() -> Path:
    return Path(settings.VAR_DIR) / "stops"


def stop(moment: str, said: str) -> None:
    if not os.path.isdir(folder()):
        return
    for name in sorted(os.listdir(folder())):
        if name.endswith(WANTED) and is_meant(folder() / name, moment, said):
            wait(folder() / name)


def is_meant(order: Path, moment: str, said: str) -> bool:
    try:
        wanted, pattern = json.loads(order.read_text())
    except (FileNotFoundError, ValueError):  # taken meanwhile
        return False
    return wanted == moment and re.search(pattern, said, re.DOTALL) is not None


def wait(order: Path) -> None:
    held = order.with_suffix(f".{os.getpid()}{HELD}")
    try:
        order.rename(held)
    except FileNotFoundError:  # another was faster
        return
    while held.exists():
        time.sleep(0.02)


# --- Of the test's side ---------------------------------------------------------------------------


class Stop:
    """Order one: `moment` is before or after the first statement or rename that `pattern` finds."""

    def __init__(self, var_dir: Path, name: str, moment: str, pattern: str) -> None:
        self.folder, self.name = var_dir / "stops", name
        self.folder.mkdir(exist_ok=True)
        draft = self.folder / f"{name}.draft"
        draft.write_text(json.dumps([moment, pattern]))
        draft.rename(self.folder / f"{name}{WANTED}")

    def held(self) -> Process | None:
        """Who stands there now."""
        for file in self.folder.glob(f"{self.name}.*{HELD}"):
            return read(int(file.name.split(".")[-2]))
        return None
