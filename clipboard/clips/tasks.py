"""The only module that knows the queue. A task says "look now"; what there is to do, rows say.

A task that is lost, doubled, killed half-way or late changes nothing but the delay.
"""

from __future__ import annotations

import logging
import signal
import sys
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, NoReturn

from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.utils import timezone
from django_q.models import OrmQ
from django_q.tasks import async_task

from clipboard.engine import Cancelled, MediaError
from clipboard.lib.lifeline import end_with_stdin, forks_die_with_us
from clipboard.media.files import sweep_scratch
from clipboard.media.uploads import sweep_uploads

from . import queue
from .analyse import analyse_job
from .bring import bring_clip
from .deposit import ask_about_copy, send_copy
from .errands import run_errand, sweep_errands
from .ingest import sweep_sources, take_finished_uploads
from .models import Download, Job, Lease, Leased, RemoteCopy, Rendition, Source
from .poll import TURN_SECONDS, Poller
from .prepare import prepare_source
from .queue import KINDS, Kind
from .render import render_rendition, sweep_clip_folders
from .resolve import resolve_job
from .submit import submit_job
from .webhook import sweep_deliveries

logger = logging.getLogger(__name__)

STEPS, MEDIA = "steps", "media"
CLUSTERS = {STEPS: "clipboard.clips.tasks.step", MEDIA: "clipboard.clips.tasks.look"}
STEP_SECONDS = 20
LOOK_SECONDS = 60  # then the task ends and another goes on, so that none grows old
SENTINEL_DIED = 70

TIDY_SECONDS = 600
LONGEST_WAIT = 3600  # seconds, where we stumble over something again and again

DOERS: dict[Kind, Callable[..., None]] = {
    Source: prepare_source,
    Job: analyse_job,
    Rendition: render_rendition,
    Download: bring_clip,
    RemoteCopy: send_copy,
}
BESIDE: tuple[tuple[Callable[[], Lease | None], Callable[..., None]], ...] = (
    (queue.take_copy, ask_about_copy),
    (queue.take_errand, run_errand),
)


def look_later() -> None:
    """Once this transaction is committed, let a worker look for what is due."""
    transaction.on_commit(lambda: nudge(MEDIA), robust=True)


def nudge(cluster: str) -> None:
    async_task(CLUSTERS[cluster], cluster=cluster)


def look() -> None:
    """Do due rows one after another for a while; leave the rest to the next task."""
    start = time.monotonic()
    while look_now():
        if time.monotonic() - start > LOOK_SECONDS:
            nudge(MEDIA)
            return


def look_now(kinds: Sequence[Kind] = KINDS) -> bool:
    """Claim the most urgent due row and do it. False: there was nothing to do."""
    lease = queue.take(kinds)
    if lease is None:
        return False
    if isinstance(lease.row, Job) and lease.row.provider != queue.LOCAL:
        speak_of_order(lease)
        return True
    if lease.row.attempts > lease.row.most_attempts:
        lease.row.fail(too_often(lease.row), lease=lease)
        return True
    try:
        DOERS[type(lease.row)](lease.row, lease=lease)
    except Cancelled:
        pass  # whoever cancelled or took over has written the row
    except MediaError as error:
        if error.may_pass:
            queue.put_off_or_fail(lease.row, error.sentence, lease=lease)
        else:
            lease.row.fail(error.sentence, lease=lease)
    except Exception:
        if lease.is_gone():
            return True
        logger.exception("%s %s failed", type(lease.row).__name__, lease.row.pk)
        queue.put_off_or_fail(lease.row, FAILED, lease=lease)
    return True


def too_often(row: Leased) -> str:
    """The sentence for what ends whoever works on it."""
    advice = TRY_LATER if isinstance(row, (Download, RemoteCopy)) else CONVERT
    return f"{STOPPED_TOO_OFTEN.format(row.most_attempts)} {advice}"


STOPPED_TOO_OFTEN = (
    "The work on this stopped {} times without a reason given, perhaps for want of memory;"
)
CONVERT = "try again, or convert the recording to MP4 (H.264) and upload that."
TRY_LATER = "try again when less is going on."
FAILED = "Something went wrong on our side; try again. If it happens again, the log says more."


def step() -> None:
    """The short steps: what is to be said to providers, and order kept."""
    speak_now()
    tidy_now()


def speak_now() -> None:
    """Send what is ordered and ask after what runs, for a while; the next task goes on."""
    start = time.monotonic()
    with Poller() as poller:
        while time.monotonic() - start < STEP_SECONDS:
            spoken = speak_once()
            if not (poller.turn(patience=0 if spoken else TURN_SECONDS) or spoken):
                return


def speak_once() -> bool:
    """An order and one of everything beside, so that nothing starves. False: nothing is due."""
    order = queue.take_order()
    if order:
        speak_of_order(order)
    spoken = bool(order)
    for take, do in BESIDE:
        if lease := take():
            speak_about(lease, do)
            spoken = True
    return spoken


def speak_of_order(lease: Lease) -> None:
    speak_about(lease, resolve_job if lease.row.state in Job.UNSURE else submit_job)


def speak_about(lease: Lease, do: Callable[..., None]) -> None:
    try:
        do(lease.row, lease=lease)
    except Cancelled:
        pass
    except Exception:
        if lease.is_gone():
            return
        logger.exception("%s %s was not spoken about", type(lease.row).__name__, lease.row.pk)
        if is_not_sent(lease.row) and lease.row.attempts >= lease.row.most_attempts:
            lease.row.fail(FAILED, lease=lease)
        else:  # whether it was sent, the row's state says when it is due again
            wait = min(LONGEST_WAIT, 60 * lease.row.attempts)
            lease.finish(next_action_at=timezone.now() + timedelta(seconds=wait), error=FAILED)


def is_not_sent(row: Leased) -> bool:
    return isinstance(row, Job) and row.state == Job.State.QUEUED


def ask_later() -> None:
    """Once this transaction is committed, let a worker speak to the providers."""
    transaction.on_commit(lambda: nudge(STEPS), robust=True)


def tidy_now() -> None:
    """Small things that keep the place in order; each is quick and safe to run twice."""
    if take_finished_uploads():
        look_later()
    if cache.add("tidied", True, TIDY_SECONDS):
        for what, sweep in SWEEPS.items():
            tidy(what, sweep)


SWEEPS: dict[str, Callable[[], int]] = {
    "uploads": lambda: sweep_uploads(timezone.now()),
    "recordings": lambda: sweep_sources(timezone.now()),
    "clips": sweep_clip_folders,
    "scratch": lambda: sweep_scratch(timezone.now()),
    "errands": lambda: sweep_errands(timezone.now()),
    "deliveries": lambda: sweep_deliveries(timezone.now()),
}


def tidy(what: str, sweep: Callable[[], int]) -> None:
    """What one of them stumbles over must not leave all the others undone for ever."""
    try:
        sweep()
    except Exception:
        logger.exception("What is left of %s could not be swept away", what)


# --- What the supervisor asks and orders ----------------------------------------------------------


def top_up(cluster: str) -> None:
    """Nudge a cluster unless a nudge waits already: one look finds everything there is."""
    if not OrmQ.objects.filter(key=cluster, lock__lte=timezone.now()).exists():
        nudge(cluster)


def nudged_at(cluster: str) -> list[datetime]:
    """When each nudge that is not done yet was sent, or taken by the cluster's pusher."""
    now = timezone.now()
    retry = timedelta(seconds=cluster_settings(cluster)["retry"])
    locks = OrmQ.objects.filter(key=cluster).values_list("lock", flat=True)
    return [lock - retry if lock > now else lock for lock in locks if lock]


def has_taken(cluster: str) -> bool:
    """Whether its pusher, which starts after all the others, has taken one of these nudges."""
    return OrmQ.objects.filter(key=cluster, lock__gt=timezone.now()).exists()


def forget_nudges(cluster: str) -> None:
    OrmQ.objects.filter(key=cluster).delete()


def cluster_settings(cluster: str) -> dict[str, Any]:
    base = {name: value for name, value in settings.Q_CLUSTER.items() if name != "ALT_CLUSTERS"}
    return base | settings.Q_CLUSTER["ALT_CLUSTERS"].get(cluster, {})


def run_cluster() -> NoReturn:
    """Be the cluster that Q_CLUSTER_NAME names, until SIGTERM or until its sentinel dies.

    The library's own signal handlers hang when the whole group is signalled, and its processes
    live on as orphans when one above them is killed; both are replaced here.
    """
    from django_q.cluster import Cluster

    end_with_stdin()
    forks_die_with_us()
    cluster = Cluster()
    cluster.start()
    asked: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, frame: asked.append(number))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    while not asked:
        if not cluster.sentinel.is_alive():
            sys.exit(SENTINEL_DIED)
        time.sleep(0.1)
    cluster.stop()
    sys.exit(0)
