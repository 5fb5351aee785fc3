"""Writing down what providers say of their jobs, those that only run on all together."""

from __future__ import annotations

import logging
import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.utils import timezone

from clipboard.clips.collect import collect
from clipboard.clips.models import LET_GO, Account, Job, change_owned, note
from clipboard.clips.models.remote import OUR_FAULT, TOO_LATE
from clipboard.clips.spend import heed
from clipboard.clips.usage import cost_of
from clipboard.providers.crowd import Outcome
from clipboard.providers.errors import ProviderError
from clipboard.providers.model import RemoteJob
from clipboard.providers.port import Pace

STATE_OF = {
    "queued": Job.State.RUNNING,
    "running": Job.State.RUNNING,
    "partial": Job.State.PARTIAL,
    "succeeded": Job.State.SUCCEEDED,
    "failed": Job.State.FAILED,
    "rejected": Job.State.REJECTED,
    "cancelled": Job.State.CANCELLED,
    "expired": Job.State.EXPIRED,
}
NETWORK_WAIT = 30.0
NOT_WRITTEN = 300.0
LOOKS_FOR_MISSING, MISSING_WAIT = 3, 300.0  # so that one is missed for ten minutes at least

logger = logging.getLogger(__name__)


class Polled(NamedTuple):
    """As much of a claimed job as most polls need."""

    pk: int
    account_id: int
    lease_owner: str
    state: str
    remote_id: str
    remote_word: str
    progress: float
    sent_at: datetime | None
    deadline_at: datetime | None
    claimed_at: datetime


class Answered(NamedTuple):
    job: Polled
    account: Account
    outcome: Outcome[RemoteJob]


def write_back(told: Sequence[Answered]) -> None:
    """Most jobs only run on: those are written by one statement in one transaction."""
    now = timezone.now()
    plain, others = [], []
    for one in told:
        if isinstance(one.outcome, RemoteJob) and only_runs_on(one.job, one.outcome, now):
            plain.append(running_row(one.account.adapter.pace, one.job, one.outcome, now))
        else:
            others.append(one)
    if plain:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.executemany(RUNS_ON, plain)
    rows = Job.objects.in_bulk([one.job.pk for one in others]) if others else {}
    for one in others:
        row = rows.get(one.job.pk)
        if row and row.lease_owner == one.job.lease_owner:
            if row.account_id == one.account.pk:
                row.account = one.account
            take_answer(one.account, row, one.outcome)
            if row.next_action_at and row.next_action_at > one.job.claimed_at:
                Job.objects.open().filter(pk=row.pk).update(next_action_at=row.next_action_at)


RUNS_ON = """
    UPDATE clips_job SET stage = %s, progress = %s, error = '', attempts = 0,
    next_action_at = CASE WHEN next_action_at > %s THEN next_action_at ELSE %s END,
    lease_owner = '', lease_until = NULL
    WHERE id = %s AND lease_owner = %s
"""  # whoever has made it due since it was claimed wants it asked after again


def only_runs_on(job: Polled, told: RemoteJob, now: datetime) -> bool:
    """Nothing is to be said of it but how far it is."""
    is_late = job.deadline_at is not None and now > job.deadline_at
    news = told.clips is not None or told.cost is not None or told.word[:60] != job.remote_word
    return STATE_OF[told.state] == job.state and not (told.is_terminal or is_late or news)


def running_row(pace: Pace, job: Polled, told: RemoteJob, now: datetime) -> tuple[Any, ...]:
    wait = timedelta(seconds=wait_after(pace, job, told, now))
    due = max(job.claimed_at + wait, now + wait / 2)  # from question to question
    stage, progress = told.stage[:40] or told.word[:40], max(job.progress, told.progress or 0)
    at = connection.ops.adapt_datetimefield_value(due)
    return (stage, progress, stored(job.claimed_at), at, job.pk, job.lease_owner)


@lru_cache(maxsize=16)
def stored(moment: datetime) -> Any:
    return connection.ops.adapt_datetimefield_value(moment)


def wait_after(pace: Pace, job: Polled | Job, told: RemoteJob, now: datetime) -> float:
    return told.look_again_after or interval(pace, job, now)


def take_answer(account: Account, job: Job, outcome: Outcome[RemoteJob]) -> None:
    """What cannot be written of one job must not keep the others from being written."""
    try:
        if isinstance(outcome, ProviderError):
            after_error(account, job, outcome)
        else:
            with transaction.atomic():
                follow(account, job, outcome)
    except Exception:
        if not Job.objects.filter(pk=job.pk).exists():
            return  # removed meanwhile
        logger.exception("What was told of job %s could not be written", job.pk)
        if job.deadline_at is not None and timezone.now() > job.deadline_at:
            return end(job, Job.State.FAILED, OUR_FAULT)
        write(job, error=OUR_FAULT, next_action_at=timezone.now() + timedelta(seconds=NOT_WRITTEN))


def follow(account: Account, job: Job, told: RemoteJob) -> None:
    """Write what the provider says, unless the job was ended or taken over meanwhile."""
    now = timezone.now()
    state = STATE_OF[told.state]
    late = job.deadline_at is not None and now > job.deadline_at
    if told.clips is not None and not job.stop_wanted():
        collect(job, told.clips)
    if not told.is_terminal and late:
        return end(job, Job.State.FAILED, TOO_LATE.format(account.adapter.title))
    if told.is_terminal:
        return end(job, state, sentence_of(account, told), told)
    wait = wait_after(account.adapter.pace, job, told, now)
    followed = write(
        job,
        state=state,
        stage=told.stage[:40] or told.word[:40],
        remote_word=told.word[:60],
        progress=max(job.progress, told.progress or 0),
        attempts=0,
        error="",
        next_action_at=now + timedelta(seconds=wait),
        **({"cost": cost_of(told.cost)} if told.cost else {}),
    )
    if followed and told.word != job.remote_word:
        words = f"{account.adapter.title}: {told.word or told.state}."
        note(job, "status", words, said=told.raw)


def end(job: Job, state: str, words: str, told: RemoteJob | None = None) -> None:
    """`told` is what the provider said; without it we only stop asking, as the deadline that stays
    tells (`was_given_up`)."""
    more: dict[str, Any] = {"remote_word": told.word[:60], "deadline_at": None} if told else {}
    if told and told.cost:
        more["cost"] = cost_of(told.cost)
    ended = write(
        job,
        state=state,
        stage="",
        error=words[:400],
        progress=1,
        finished_at=timezone.now(),
        found_at=timezone.now(),
        next_action_at=None,
        **more,
    )
    if ended:
        words = words or f"Finished: {told.word if told else state}."
        note(job, "ended", words, said=told.raw if told else None)
    if ended and state == Job.State.SUCCEEDED and job.account and job.account.adapter.can_favourite:
        job.look_at_marks()


def write(job: Job, **fields: object) -> bool:
    return change_owned(job, owner=job.lease_owner, **fields, **LET_GO)


def sentence_of(account: Account, told: RemoteJob) -> str:
    """Why it ended badly, for a person; nothing where it ended well."""
    title = account.adapter.title
    if told.state == "succeeded":
        return ""
    if told.state == "expired":
        return f"{title} has cleared it away; run it again."
    if told.state == "cancelled":
        return f"It was cancelled at {title}."
    failure = told.failure
    said = f" It says: “{failure.message}”" if failure and failure.message else ""
    hope = REPEAT if failure and failure.may_help_to_repeat else ""
    advice = f" {failure.suggestion or hope}" if failure and (failure.suggestion or hope) else ""
    verb = "refused it" if told.state == "rejected" else "could not do it"
    return f"{title} {verb}.{said}{advice}"


def after_error(account: Account, job: Job, error: ProviderError) -> None:
    """Nothing is lost by an answer that did not come: the job goes on at the provider."""
    told = heed(account, error)
    if error.kind == "missing":
        return look_for(account, job)
    now = timezone.now()
    if job.deadline_at and now > job.deadline_at:
        return end(job, Job.State.FAILED, TOO_LATE.format(account.adapter.title))
    if error.body and error.message[:400] != job.error:
        note(job, "trouble", error.message, said=error.body)
    wait = max(told, NETWORK_WAIT, interval(account.adapter.pace, job, now))
    write(job, error=error.message[:400], next_action_at=now + timedelta(seconds=wait))


def look_for(account: Account, job: Job) -> None:
    """A provider that does not know a job may know it again in a while; `attempts` counts these
    answers, and any other one sets it back."""
    words = f"{account.adapter.title} does not know it any more."
    if job.attempts + 1 >= LOOKS_FOR_MISSING:
        return end(job, Job.State.EXPIRED, words)
    due = timezone.now() + timedelta(seconds=MISSING_WAIT)
    write(job, attempts=job.attempts + 1, error=words, next_action_at=due)


def interval(pace: Pace, job: Polled | Job, now: datetime) -> float:
    """From `first` to `slowest`, a tenth of the job's age; spread by a tenth, so that jobs that
    were sent together are not asked after together for ever."""
    age = (now - (job.sent_at or now)).total_seconds()
    return min(pace.slowest, max(pace.first, age / 10)) * random.uniform(0.9, 1.1)  # noqa: S311


REPEAT = "It may work when it is tried again."
