"""A folder whose files are taken in as they appear."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from clipboard.clips.models import Source

UNFINISHED = {".part", ".partial", ".tmp", ".crdownload", ".download"}


class Inbox:
    def __init__(self, folder: Path, *, team: Any) -> None:
        self.folder, self.team = folder, team
        self.seen: dict[Path, tuple[int, int]] = {}
        self.taken: dict[Path, tuple[int, int]] = {}

    def complete_files(self) -> list[Path]:
        """Files that did not change between two calls and are not taken in yet, oldest first.

        A call is one look; the caller waits in between.
        """
        now = {path: measure for path in self.files() if (measure := measured(path))}
        still = [path for path, measure in now.items() if self.seen.get(path) == measure]
        self.seen = now
        fresh = [path for path in still if not self.is_taken(path, now[path])]
        self.taken |= {path: now[path] for path in still}
        return sorted(fresh, key=lambda path: now[path][1])

    def files(self) -> list[Path]:
        return [
            path
            for path in self.folder.iterdir()
            if path.is_file() and not path.name.startswith(".") and path.suffix not in UNFINISHED
        ]

    def is_taken(self, path: Path, measure: tuple[int, int]) -> bool:
        """By us, or by whoever watched before: then a source of that size says so, which is newer
        than the file. What takes another file's place may be older than that one's source."""
        if self.taken.get(path) == measure:
            return True
        changed = datetime.fromtimestamp(measure[1] / 1e9, UTC)
        here = Source.objects.of(self.team).filter(origin_url=path.resolve().as_uri())
        return here.filter(created_at__gte=changed, size=measure[0]).exists()


def measured(path: Path) -> tuple[int, int] | None:
    """Size and when it changed (ns); None for what is empty or went away."""
    try:
        stat = path.stat()
    except OSError:
        return None
    return (stat.st_size, stat.st_mtime_ns) if stat.st_size else None
