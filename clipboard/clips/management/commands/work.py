"""Run the workers, watch that they work, and see that whatever is due is looked at."""

from __future__ import annotations

import fcntl
import os
import socket
import sys
import time
from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, close_old_connections
from django.utils import timezone

from clipboard.clips import queue, tasks
from clipboard.clips.models import Heartbeat
from clipboard.lib.lifeline import end_with_stdin
from clipboard.lib.supervise import Program, Supervisor
from clipboard.media.files import clear_scratch

TICK_SECONDS = 1.0
BEAT_SECONDS = 5.0
PROBE_SECONDS = 10.0
DEAD_SECONDS = 3.0  # between looks for what a dead worker held
START_SECONDS = 30.0  # how long a cluster may take until it takes its first task
OTHERS_SECONDS = 10.0  # how long workers that are just stopping may take


class Command(BaseCommand):
    help = "Run the background workers under a supervisor."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--cluster", choices=list(tasks.CLUSTERS), help="run this one alone")

    def handle(self, *args: Any, cluster: str | None, **options: Any) -> None:
        if cluster:
            tasks.run_cluster()
        end_with_stdin()
        with only_one_here():
            for name in tasks.CLUSTERS:
                let_go(name, counted=True)
            supervise()


def supervise() -> None:
    supervisor = Supervisor(
        [Program(name, *command(name)) for name in tasks.CLUSTERS],
        name="work",
        out=sys.stdout,
        coloured=sys.stdout.isatty() or os.environ.get("FORCE_COLOR") == "1",
        on_end=lambda name: after_end(supervisor, name),
    )
    watch = Watch(supervisor)
    supervisor.run(watch.tick, every=TICK_SECONDS)


def after_end(supervisor: Supervisor, cluster: str) -> None:
    """What can't be let go now, because the database is away, its leases let go in time."""
    try:
        close_old_connections()
        let_go(cluster, counted=not supervisor.stops)
    except DatabaseError as error:
        supervisor.say(f"the database does not answer: {error}")


def command(cluster: str) -> tuple[list[str], dict[str, str]]:
    """The library reads the cluster's name from the environment, before any argument; macOS asks
    to be told that we mean to fork."""
    manage = str(settings.BASE_DIR / "manage.py")
    environment = {"Q_CLUSTER_NAME": cluster, "OBJC_DISABLE_INITIALIZE_FORK_SAFETY": "YES"}
    # We have checked already.
    return [sys.executable, manage, "work", "--skip-checks", "--cluster", cluster], environment


def let_go(cluster: str, *, counted: bool) -> None:
    """Nobody of that cluster is alive: what it held may be taken at once, not when leases end."""
    tasks.forget_nudges(cluster)
    tasks.nudge(cluster)
    if cluster == tasks.STEPS:
        queue.let_go_spoken_here()
    else:
        queue.let_go_here(counted=counted)
        clear_scratch()


def only_one_here() -> IO[str]:
    """A lock that the kernel takes away with the process: two supervisors would fight."""
    file = (Path(settings.VAR_DIR) / f"work-{socket.gethostname()}.lock").open("w")
    deadline = time.monotonic() + OTHERS_SECONDS
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return file
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise CommandError(
                    f"Workers for {settings.VAR_DIR} are running already; "
                    "stop them first, or set VAR_DIR to another folder."
                ) from None
            time.sleep(0.2)


class Watch:
    """Sweeps due rows, and restarts a cluster that takes nudges and does nothing.

    An idle worker that is killed can leave the queue's lock held, a killed monitor leaves every
    task unacknowledged: both look healthy from inside. From outside, nudges grow old.
    """

    def __init__(self, supervisor: Supervisor) -> None:
        self.supervisor = supervisor
        self.complaints = dict.fromkeys(tasks.CLUSTERS, 0)
        self.proven: dict[str, float] = {}  # when the process that has taken a task was started
        self.next: dict[str, float] = {}

    def tick(self) -> None:
        try:
            close_old_connections()
            self.every(DEAD_SECONDS, "the dead", queue.let_go_of_the_dead)
            if queue.is_something_due():
                tasks.top_up(tasks.MEDIA)
            if queue.is_something_to_ask():
                tasks.top_up(tasks.STEPS)
            for cluster in tasks.CLUSTERS:
                self.every(PROBE_SECONDS, f"probe {cluster}", partial(tasks.top_up, cluster))
                self.look_at(cluster)
            self.every(BEAT_SECONDS, "beat", partial(beat, "work"))
        except DatabaseError as error:
            self.supervisor.say(f"the database does not answer: {error}")

    def every(self, seconds: float, what: str, do: Callable[[], object]) -> None:
        now = time.monotonic()
        if now >= self.next.get(what, 0.0):
            self.next[what] = now + seconds
            do()

    def look_at(self, cluster: str) -> None:
        """A first time old nudges are replaced, since a killed worker leaves one behind."""
        nudges = tasks.nudged_at(cluster)
        if not nudges:
            self.complaints[cluster] = 0
            self.proven[cluster] = self.supervisor.started_at(cluster)
            self.every(BEAT_SECONDS, f"beat {cluster}", partial(beat, cluster))
            return
        busy = queue.held_here() if cluster == tasks.MEDIA else queue.speaking_here()
        if busy:
            self.every(BEAT_SECONDS, f"beat {cluster}", partial(beat, cluster))
        if tasks.has_taken(cluster):
            self.proven[cluster] = self.supervisor.started_at(cluster)
        if not self.is_stuck(cluster, nudges, busy):
            return
        self.complaints[cluster] += 1
        tasks.forget_nudges(cluster)
        if self.complaints[cluster] > 1:
            self.complaints[cluster] = 0
            self.supervisor.restart(cluster, "it takes tasks and does not do them")
        tasks.top_up(cluster)

    def is_stuck(self, cluster: str, nudges: list[datetime], busy: int) -> bool:
        """Whether more nudges are old than workers are busy, while a worker should be free."""
        started_at = self.supervisor.started_at(cluster)
        if not started_at or busy >= tasks.cluster_settings(cluster)["workers"]:
            return False
        patience: float = settings.QUEUE_PATIENCE_SECONDS
        if self.proven.get(cluster) != started_at:
            patience = max(patience, START_SECONDS)
        if time.monotonic() - started_at < patience:
            return False
        now = timezone.now()
        return sum((now - at).total_seconds() > patience for at in nudges) > busy


def beat(name: str) -> None:
    Heartbeat.objects.update_or_create(
        name=name, defaults={"beat_at": timezone.now(), "detail": {"host": socket.gethostname()}}
    )
