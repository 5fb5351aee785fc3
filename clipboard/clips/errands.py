"""Doing what is to be said to a provider beside orders and polls; each is safe to do twice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

from django.utils import timezone

from clipboard.clips.models import (
    LET_GO,
    MAX_ATTEMPTS,
    Account,
    Clip,
    Download,
    Errand,
    Lease,
    RemoteCopy,
    note,
)
from clipboard.clips.spend import KEY_LOST, charge, heed, why_not
from clipboard.lib.seal import CannotOpen
from clipboard.providers.errors import ProviderError
from clipboard.providers.port import Steps
from clipboard.providers.speak import carry_out_alone

from .marks import LOOKED_FOR, look_at_marks, look_interval, push_mark

T = TypeVar("T")

TRIED_FOR = timedelta(days=1)
KEPT_FOR = timedelta(days=30)
FIRST_WAIT, SLOWEST_WAIT = 20.0, 900.0  # seconds
CLOSED_WAIT = 300.0  # where the account cannot be used at all
FILES_WAIT = 10.0


def run_errand(errand: Errand, *, lease: Lease) -> None:
    """Do a claimed errand."""
    account = errand.account
    if account.is_disabled or account.trouble:
        return later(errand, lease, why_not(account), seconds=CLOSED_WAIT)
    try:
        DOERS[errand.kind](errand, lease, partial(ask, account))
    except CannotOpen:
        later(errand, lease, KEY_LOST, seconds=CLOSED_WAIT)
    except ProviderError as error:
        after_error(errand, account, error, lease)


def ask(account: Account, steps: Steps[T]) -> T:
    return carry_out_alone(steps, account.connection(), charge=partial(charge, account))


# --- Deleting there -------------------------------------------------------------------------------


def delete_job(errand: Errand, lease: Lease, ask: Callable[[Steps[None]], None]) -> None:
    if files_are_coming(errand):
        return put_off(errand, lease, "First its files are fetched.", seconds=FILES_WAIT)
    ask(errand.account.adapter.delete(errand.remote_id, with_input=errand.with_input))
    if errand.copy and errand.copy.remote_id:
        delete_copy(errand, errand.copy.remote_id, ask)
    deleted(errand, lease)


def delete_clip(errand: Errand, lease: Lease, ask: Callable[[Steps[None]], None]) -> None:
    if files_are_coming(errand):
        return put_off(errand, lease, "First its file is fetched.", seconds=FILES_WAIT)
    ask(errand.account.adapter.delete_clip(errand.remote_id, errand.remote_clip_id))
    deleted(errand, lease)


def delete_recording(errand: Errand, lease: Lease, ask: Callable[[Steps[None]], None]) -> None:
    delete_copy(errand, errand.remote_id, ask)
    deleted(errand, lease)


def delete_copy(errand: Errand, remote_id: str, ask: Callable[[Steps[None]], None]) -> None:
    """Said by its number too, whatever went with a job: the job was only given its address."""
    if library := errand.account.adapter.library:
        ask(library.delete([remote_id]))
    for copy in RemoteCopy.objects.filter(account=errand.account, remote_id=remote_id):
        copy.forget()


def files_are_coming(errand: Errand) -> bool:
    """Whether clips that stay here have files that lie only there."""
    if errand.job_id is None:
        return False
    clips = Clip.objects.filter(job=errand.job_id)
    if errand.remote_clip_id:
        clips = clips.filter(remote_id=errand.remote_clip_id)
    return Download.objects.open().filter(clip__in=clips).exists()


def deleted(errand: Errand, lease: Lease) -> None:
    if settle(errand, lease, Errand.State.DONE) and errand.job:
        note(errand.job, "status", errand.words)


DOERS: dict[str, Callable[..., None]] = {
    Errand.Kind.DELETE_JOB: delete_job,
    Errand.Kind.DELETE_CLIP: delete_clip,
    Errand.Kind.DELETE_RECORDING: delete_recording,
    Errand.Kind.FAVOURITE: push_mark,
    Errand.Kind.LOOK: look_at_marks,
}


def sweep_errands(now: datetime) -> int:
    """Forget what was done long ago; returns how many."""
    old = Errand.objects.filter(state=Errand.State.DONE, finished_at__lt=now - KEPT_FOR)
    return int(old.delete()[0])


# --- When it does not go well ---------------------------------------------------------------------


def after_error(errand: Errand, account: Account, error: ProviderError, lease: Lease) -> None:
    wait = heed(account, error)
    if error.retryable or error.kind in ("unknown", "auth", "payment"):
        return later(errand, lease, error.message, seconds=wait)
    refuse(errand, lease, error.message)


def later(errand: Errand, lease: Lease, words: str, *, seconds: float) -> None:
    """Again in a while, the longer it lasts the rarer; after a day it is given up, but not before
    MAX_ATTEMPTS times since everything stood still. A look is given up when there would be no other
    anyway, and comes no more often than when it goes well: thousands of them fail together."""
    now = timezone.now()
    age, is_look = now - errand.asked_at, errand.kind == Errand.Kind.LOOK
    attempts = 1 if errand.stood_still(now=now) else errand.attempts
    patience = LOOKED_FOR if is_look else TRIED_FOR
    if age > patience and attempts >= MAX_ATTEMPTS:
        return refuse(errand, lease, words)
    slowest = look_interval(errand.job) if is_look else SLOWEST_WAIT
    grown = min(slowest, max(FIRST_WAIT, age.total_seconds() / 2))
    attempts = min(attempts, MAX_ATTEMPTS - 1)
    put_off(errand, lease, words, seconds=max(seconds, grown), attempts=attempts)


def refuse(errand: Errand, lease: Lease, words: str) -> None:
    if errand.kind == Errand.Kind.LOOK:
        lease.rows.filter(pk=errand.pk, lease_owner=lease.owner).delete()
        return
    if settle(errand, lease, Errand.State.REFUSED, words) and errand.job:
        what = errand.words if errand.kind in Errand.DELETIONS else MARK_LEFT.format(words)
        note(errand.job, "trouble", what)


def put_off(errand: Errand, lease: Lease, words: str, *, seconds: float, attempts: int = 0) -> None:
    due = timezone.now() + timedelta(seconds=seconds)
    lease.finish(error=words[:400], attempts=attempts, next_action_at=due)


def settle(errand: Errand, lease: Lease, state: str, words: str = "") -> bool:
    """The end of it, unless it was asked for again meanwhile."""
    now = timezone.now()
    same = lease.rows.filter(pk=errand.pk, lease_owner=lease.owner, asked_at=errand.asked_at)
    errand.state, errand.error = state, words[:400]
    ended = {"state": state, "error": errand.error, "finished_at": now, "next_action_at": None}
    if same.update(**ended, **LET_GO, attempts=0):
        return True
    lease.finish(attempts=0, next_action_at=now)
    return False


MARK_LEFT = "The favourite could not be passed on. {}"
