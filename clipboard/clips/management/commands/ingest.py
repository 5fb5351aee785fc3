"""Take recordings in from a shell: files, links, or whatever appears in a folder."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django.utils import timezone

from clipboard.clips import ingest, queue, tasks
from clipboard.clips.batch import Batch
from clipboard.clips.inbox import Inbox
from clipboard.clips.models import Heartbeat, Source
from clipboard.teams.models import Team

LOOK_SECONDS = 0.5
WATCH_SECONDS = 2.0
STOPPED = "Stopped. What was taken in is kept, and workers go on with it."
NO_TEAM = "There is no team yet; run `make run` once, or `manage.py migrate` and `manage.py setup`."
SILENT_SECONDS = 30  # after which workers count as gone


class Command(BaseCommand):
    is_away = False  # the folder that is watched
    help = (
        "Take recordings in: files or links, or with --watch what appears in a folder. Without "
        "--wait it ends as soon as they are queued, with exit status 0 whatever becomes of them; "
        "with --wait the status is 0 if every one of them came to clips, else 1."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("what", nargs="*", metavar="PATH_OR_URL")
        parser.add_argument("--team", help="name or number of the team; else the first one")
        parser.add_argument("--provider", default="local", choices=["local"])
        parser.add_argument(
            "--wait", action="store_true", help="until the clips are made, or it failed"
        )
        parser.add_argument("--json", action="store_true", help="print what came of it as JSON")
        parser.add_argument("--watch", type=Path, metavar="DIR", help="take in what appears there")

    def handle(
        self,
        *args: Any,
        what: list[str],
        team: str | None,
        provider: str,
        wait: bool,
        json: bool,
        watch: Path | None,
        **options: Any,
    ) -> None:
        self.team, self.provider, self.waits, self.as_json = find_team(team), provider, wait, json
        if not what and not watch:
            raise CommandError("Name a file or a link, or a folder with --watch.")
        if watch and not watch.is_dir():
            raise CommandError(f"{watch} is no folder; make it first.")
        try:
            well = self.take_in([checked(one) for one in what]) if what else True
        except KeyboardInterrupt:
            self.stderr.write(STOPPED)
            sys.exit(130)
        if watch:
            self.watch(Inbox(watch, team=self.team))
        if not well:
            sys.exit(1)

    def take_in(self, places: list[str | Path]) -> bool:
        """Whether every job succeeded, or may still, when nobody waits."""
        batch = Batch([self.add(place) for place in places])
        tasks.look_later()
        if self.waits:
            with progress_bar(batch):
                wait_for(batch)
        self.stdout.write(batch.as_json() if self.as_json else "\n".join(batch.lines()))
        return batch.is_well or not self.waits

    def add(self, place: str | Path) -> Source:
        if isinstance(place, Path):
            return ingest.add_path(place, team=self.team, provider=self.provider)
        return ingest.add_url(place, team=self.team, provider=self.provider)

    def watch(self, inbox: Inbox) -> None:
        self.stderr.write(f"Watching {inbox.folder}; Ctrl-C ends it.")
        try:
            while True:
                for path in self.look_into(inbox):
                    with suppress(FileNotFoundError):  # taken away at this moment
                        self.take_in([path])
                time.sleep(WATCH_SECONDS)
        except KeyboardInterrupt:
            return

    def look_into(self, inbox: Inbox) -> list[Path]:
        """A folder that cannot be read, as one on another machine now and then, ends no watch."""
        try:
            found = inbox.complete_files()
        except OSError as error:
            if not self.is_away:
                self.stderr.write(f"{inbox.folder} cannot be read now ({error.strerror}).")
            self.is_away = True
            return []
        self.is_away = False
        return found


def find_team(wanted: str | None) -> Team:
    if Team._meta.db_table not in connection.introspection.table_names():
        raise CommandError(NO_TEAM)
    teams = Team.objects.order_by("pk")
    found = teams
    if wanted is not None:
        is_number = wanted.isascii() and wanted.isdigit()
        found = teams.filter(pk=int(wanted)) if is_number else teams.filter(name__iexact=wanted)
    if team := found.first():
        return team
    names = ", ".join(teams.values_list("name", flat=True)[:10])
    raise CommandError(f"There is no team “{wanted}”; there are: {names}." if names else NO_TEAM)


def checked(what: str) -> str | Path:
    """A link or a file; what is plainly neither ends the command before anything is taken in."""
    if "://" in what:
        if not what.lower().startswith(("http://", "https://")):
            raise CommandError(f"{what} is no link that begins with https:// or http://.")
        return what
    if not Path(what).is_file():
        raise CommandError(f"{what} is no file that can be read.")
    return Path(what)


def wait_for(batch: Batch) -> None:
    """Where no worker lives, this process does the work, row by row."""
    try:
        while batch.look():
            if workers_live() or not tasks.look_now():
                time.sleep(LOOK_SECONDS)
    except KeyboardInterrupt:
        queue.let_go_mine()
        raise


def workers_live() -> bool:
    recently = timezone.now() - timedelta(seconds=SILENT_SECONDS)
    return Heartbeat.objects.filter(name=tasks.MEDIA, beat_at__gt=recently).exists()


@contextmanager
def progress_bar(batch: Batch) -> Iterator[None]:
    """One line that is drawn over itself, on a terminal only; nothing in a pipe or a log."""
    if not sys.stderr.isatty():
        yield
        return
    done = threading.Event()
    bar = threading.Thread(target=draw, args=(batch, done), daemon=True)
    bar.start()
    try:
        yield
    finally:
        done.set()
        bar.join()


def draw(batch: Batch, done: threading.Event) -> None:
    shown = Batch([entry.source for entry in batch.entries])
    while not done.wait(LOOK_SECONDS):
        shown.look()
        print(f"\r\x1b[K{shown.progress_line()}", end="", file=sys.stderr, flush=True)
    print("\r\x1b[K", end="", file=sys.stderr, flush=True)
    connection.close()
