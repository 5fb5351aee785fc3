"""Who takes which due row next: claimed under a lease, most urgent first, heavy ones in turn."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from .models import (
    LET_GO,
    MAX_ATTEMPTS,
    Download,
    Due,
    Errand,
    Job,
    Lease,
    Leased,
    LeasedQuerySet,
    RemoteCopy,
    Rendition,
    Source,
)
from .models.lease import NOW
from .models.written import Keys

Kind = type[Source] | type[Job] | type[Rendition] | type[Download] | type[RemoteCopy]
KINDS: tuple[Kind, ...] = (Source, Job, Rendition, Download, RemoteCopy)
LOCAL = "local"  # whose jobs our own engine does
SEND_SECONDS = 300  # nobody renews the lease while a provider dawdles
TO_SEND = (Job.State.QUEUED, *Job.UNSURE)
HEAVY: tuple[Kind, ...] = (Job, Rendition, RemoteCopy)
ASKED_ABOUT = (RemoteCopy.State.UNKNOWN, RemoteCopy.State.TAKING)
# A clip's file goes along with the order: that takes long, and is done by the media workers.
WITH_FILE = Q(wants_upload=True, clip__isnull=False, state__in=TO_SEND)
WITH: dict[Kind, tuple[str, ...]] = {Download: ("clip",)}  # what its work begins with
FIRST_FEW = 5
MOST_HELD = 100  # more than there can be workers


def place() -> str:
    """This machine, as the first part of every owner's name."""
    return f"{socket.gethostname()[:40]}:"


def owner() -> str:
    return f"{place()}{os.getpid()}:"


def take(kinds: Sequence[Kind] = KINDS) -> Lease | None:
    """Claim the most urgent due row; None if nothing may be started now."""
    now = timezone.now()
    for due in IN_ORDER:
        for pk in startable(due, now) if due.kind in kinds else ():
            if lease := claim(due.kind, pk, now=now):
                return lease
    return None


def is_something_due(kinds: Sequence[Kind] = KINDS) -> bool:
    now = timezone.now()
    return any(startable(due, now) for due in IN_ORDER if due.kind in kinds)


def startable(due: Due, now: datetime) -> list[int]:
    """Of what is due, what may be begun now."""
    keys = due.keys(now)
    return keys if keys and (due.kind not in HEAVY or has_room_for_heavy(now)) else []


def claim(kind: Kind, pk: int, *, now: datetime) -> Lease | None:
    me = owner()
    with transaction.atomic():
        if kind in HEAVY and not has_room_for_heavy(now):
            return None
        if not kind.claim(pk, owner=me, now=now):
            return None
        return Lease(kind.objects.select_related(*WITH.get(kind, ())).get(pk=pk), owner=me)


def has_room_for_heavy(now: datetime) -> bool:
    """With several workers one is kept free of long work, so that uploads are seen at once."""
    busy = sum(len(heavy_here(kind)(now=now)) for kind in HEAVY)
    return busy < max(1, settings.MEDIA_WORKERS - 1)


@cache
def heavy_here(kind: Kind) -> Keys:
    """Those that workers of this machine hold; the statement is written once, for it is asked at
    every look."""
    held = heavy(kind).under_lease(now=NOW).filter(lease_owner__startswith=place())
    return Keys(lambda: held, most=MOST_HELD)


def heavy(kind: Kind) -> LeasedQuerySet:
    """The rows that the media workers do; speaking to a provider is no work, but for files."""
    if kind is RemoteCopy:
        return RemoteCopy.objects.exclude(state__in=ASKED_ABOUT)
    rows: LeasedQuerySet = kind.objects.all()
    return rows.filter(Q(provider=LOCAL) | WITH_FILE) if kind is Job else rows


def take_order() -> Lease | None:
    """Claim the most urgent job that is to be sent to its provider, or found there."""
    rows = Job.objects.with_source().select_related("account")
    return take_spoken(ORDERS, rows, now=timezone.now())


def take_copy() -> Lease | None:
    """Claim the most urgent upload that is to be asked about."""
    return take_spoken(COPIES, RemoteCopy.objects, now=timezone.now())


def take_errand() -> Lease | None:
    """Claim what is to be said to a provider beside orders and polls."""
    rows = Errand.objects.select_related("account", "job", "clip", "copy")
    return take_spoken(ERRANDS, rows, now=timezone.now())


def take_spoken(due: Due, rows: Any, *, now: datetime) -> Lease | None:
    """Whoever claims a row may find it removed a moment later."""
    for pk in due.keys(now):
        claimed = due.kind.claim(pk, owner=owner(), now=now, seconds=SEND_SECONDS)
        for row in rows.filter(pk=pk) if claimed else ():
            return Lease(row, owner=owner())
    return None


def orders(now: datetime) -> LeasedQuerySet:
    due = Job.objects.due(now=now).exclude(provider=LOCAL).filter(state__in=TO_SEND)
    return due.exclude(WITH_FILE)


def due_first(rows: Callable[[datetime], LeasedQuerySet]) -> Due:
    return Due(lambda now: rows(now).order_by("next_action_at"), most=FIRST_FEW)


def previews(now: datetime) -> LeasedQuerySet:
    rows: LeasedQuerySet = Rendition.objects.due(now=now).filter(is_preview=True)
    return rows.order_by(F("clip__score").desc(nulls_last=True), "pk")


# Recordings first, so that every upload is soon seen; then what someone waits for.
IN_ORDER = (
    due_first(lambda now: Source.objects.due(now=now)),
    due_first(lambda now: heavy(Job).due(now=now)),
    due_first(lambda now: Download.objects.due(now=now)),
    due_first(lambda now: RemoteCopy.objects.due(now=now).to_send()),
    due_first(lambda now: Rendition.objects.due(now=now).filter(is_preview=False)),
    Due(previews, most=FIRST_FEW),
)
ORDERS = due_first(orders)
COPIES = due_first(lambda now: RemoteCopy.objects.due(now=now).to_ask_about())
ERRANDS = due_first(lambda now: Errand.objects.due(now=now))


def is_something_to_ask() -> bool:
    """Whether any provider is to be spoken to."""
    now = timezone.now()
    jobs = Job.objects.due(now=now).exclude(Q(provider=LOCAL) | WITH_FILE)
    others = (RemoteCopy.objects.due(now=now).to_ask_about(), Errand.objects.due(now=now))
    return jobs.exists() or any(rows.exists() for rows in others)


def speaking_here() -> int:
    """How many workers of this machine are speaking to providers."""
    return len({owner for rows in spoken() for owner in owners_here(rows)})


def owners_here(rows: LeasedQuerySet) -> list[str]:
    held = rows.under_lease(now=timezone.now()).filter(lease_owner__startswith=place())
    return list(held.values_list("lease_owner", flat=True).distinct())


def spoken() -> list[LeasedQuerySet]:
    """What the workers that speak to providers do."""
    jobs: LeasedQuerySet = Job.objects.exclude(Q(provider=LOCAL) | WITH_FILE)
    return [jobs, RemoteCopy.objects.filter(state__in=ASKED_ABOUT), Errand.objects.all()]


def held_here() -> int:
    """How many rows the workers of this machine are working on."""
    now, here = timezone.now(), place()
    return sum(
        heavy(kind).under_lease(now=now).filter(lease_owner__startswith=here).count()
        for kind in KINDS
    )


def let_go_mine() -> None:
    """Give back what this process has claimed: it was asked to stop."""
    for kind in KINDS:
        kind.objects.let_go(owner_prefix=owner(), counted=False)


def let_go_here(*, counted: bool) -> int:
    """Give back what media workers of this machine held. Only when none of them is alive."""
    return sum(heavy(kind).let_go(owner_prefix=place(), counted=counted) for kind in KINDS)


def let_go_spoken_here() -> int:
    """As `let_go_here`, for what the workers that speak to providers held."""
    return sum(rows.let_go(owner_prefix=place(), counted=False) for rows in spoken())


def let_go_of_the_dead() -> int:
    """Give back what workers of this machine held that are no more. A worker that dies alone is
    replaced by its cluster, and nobody else would know before the lease, made for a provider that
    dawdles, runs out."""
    given_back = 0
    for rows in spoken():
        if dead := [one for one in owners_here(rows) if not is_alive(one)]:
            given_back += rows.filter(lease_owner__in=dead).update(**LET_GO)
    return given_back


def is_alive(name: str) -> bool:
    """Whether the process of this machine that an owner is named after is there."""
    number = name.removeprefix(place()).partition(":")[0]
    try:
        os.kill(int(number), 0)
    except (ProcessLookupError, ValueError):
        return False
    except PermissionError:
        pass
    return True


def put_off_or_fail(row: Leased, sentence: str, *, lease: Lease) -> None:
    """Try again a little later, at most MAX_ATTEMPTS times in all."""
    if row.attempts >= MAX_ATTEMPTS:
        row.fail(sentence, lease=lease)
    else:
        wait = timedelta(seconds=5 * 3 ** (row.attempts - 1))
        lease.finish(next_action_at=timezone.now() + wait, error=sentence[:400])


def oldest_due() -> float:
    """Seconds for which the longest waiting row has been due."""
    now = timezone.now()
    dates = [
        date
        for kind in KINDS
        if (
            date := kind.objects.due(now=now)
            .order_by("next_action_at")
            .values_list("next_action_at", flat=True)
            .first()
        )
    ]
    return max(((now - date).total_seconds() for date in dates), default=0.0)
