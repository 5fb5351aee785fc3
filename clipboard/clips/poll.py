"""Asking providers how their jobs are: what is due is claimed together, asked at once, and written
back together. A poll that fails changes nothing but when the next one is."""

from __future__ import annotations

import random
import secrets
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from clipboard.clips.collect import collect
from clipboard.clips.models import (
    LET_GO,
    Account,
    Job,
    note,
    take_from_budget,
    wait_for_budget,
)
from clipboard.clips.queue import owner
from clipboard.clips.submit import cost_of
from clipboard.lib.seal import CannotOpen
from clipboard.providers.errors import ProviderError
from clipboard.providers.model import RemoteJob
from clipboard.providers.port import Budget, Pace
from clipboard.providers.speak import Connection, Outcome, carry_out_many

AT_ONCE = 500
ASKED = (Job.State.RUNNING, Job.State.PARTIAL)
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


def poll_due() -> int:
    """One round; returns how many jobs were asked after."""
    now = timezone.now()
    jobs = claim(now)
    asked = 0
    for account, theirs in by_account(jobs).items():
        asked += poll_account(account, theirs, now)
    return asked


def claim(now: datetime) -> list[Job]:
    """Take up to AT_ONCE due jobs by one UPDATE, under a name that only this round has."""
    me = f"{owner()}:{secrets.token_hex(4)}"
    due = Job.objects.due(now=now).filter(state__in=ASKED).exclude(account=None)
    first = list(due.order_by("next_action_at").values_list("pk", flat=True)[:AT_ONCE])
    until = now + timedelta(seconds=4 * settings.LEASE_SECONDS)
    Job.objects.due(now=now).filter(pk__in=first).update(lease_owner=me, lease_until=until)
    return list(Job.objects.filter(lease_owner=me, pk__in=first).select_related("account"))


def by_account(jobs: Sequence[Job]) -> dict[Account, list[Job]]:
    groups: dict[Account, list[Job]] = defaultdict(list)
    for job in jobs:
        if job.account:
            groups[job.account].append(job)
    return groups


def poll_account(account: Account, jobs: list[Job], now: datetime) -> int:
    if wait := not_now(account, now):
        put_off(jobs, wait)
        return 0
    budget = next((one for one in account.adapter.budgets if one.name == "status"), None)
    granted = grant(account, budget, len(jobs), now)
    if budget and granted < len(jobs):
        put_off(jobs[granted:], wait_for_budget(budget, now=now))
    asked = jobs[:granted]
    try:
        connection = account.connection()
    except CannotOpen:
        account.report_trouble("The key cannot be opened with PROVIDER_SECRETS; enter it again.")
        put_off(asked, NETWORK_WAIT)
        return 0
    outcomes = ask(account, connection, asked)
    for job, outcome in zip(asked, outcomes, strict=True):
        take_answer(account, job, outcome)
    return len(asked)


def not_now(account: Account, now: datetime) -> float:
    """Seconds for which this account must not be asked at all."""
    if account.is_disabled or account.trouble:
        return 300.0
    if account.paused_until and account.paused_until > now:
        return (account.paused_until - now).total_seconds()
    return 0.0


def grant(account: Account, budget: Budget | None, wanted: int, now: datetime) -> int:
    return take_from_budget(account, budget, calls=wanted, now=now) if budget else wanted


def ask(account: Account, connection: Connection, jobs: list[Job]) -> list[Outcome[RemoteJob]]:
    return carry_out_many([account.adapter.poll(job.remote_id) for job in jobs], connection)


def take_answer(account: Account, job: Job, outcome: Outcome[RemoteJob]) -> None:
    if isinstance(outcome, ProviderError):
        after_error(account, job, outcome)
    else:
        with transaction.atomic():
            follow(account, job, outcome)


def follow(account: Account, job: Job, told: RemoteJob) -> None:
    """Write what the provider says, unless the job was ended or taken over meanwhile."""
    now = timezone.now()
    state = STATE_OF[told.state]
    late = job.deadline_at is not None and now > job.deadline_at
    if told.clips is not None and still_ours(job):
        collect(job, told.clips)
    if not told.is_terminal and late:
        return end(job, Job.State.FAILED, TOO_LATE.format(account.adapter.title))
    if told.is_terminal:
        return end(job, state, sentence_of(account, told), told)
    wait = told.look_again_after or interval(account.adapter.pace, job, now)
    write(
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
    if told.word != job.remote_word:
        note(job, "status", f"{account.adapter.title}: {told.word or told.state}.")


def still_ours(job: Job) -> bool:
    return Job.objects.filter(pk=job.pk, lease_owner=job.lease_owner).exists()


def end(job: Job, state: str, words: str, told: RemoteJob | None = None) -> None:
    more = {"remote_word": told.word[:60]} if told else {}
    if told and told.cost:
        more["cost"] = cost_of(told.cost)  # type: ignore[assignment]
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
        note(job, "ended", words or f"Finished: {told.word if told else state}.")


def write(job: Job, **fields: object) -> bool:
    ours = Job.objects.filter(pk=job.pk, lease_owner=job.lease_owner)
    return ours.update(**fields, **LET_GO) == 1


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
    advice = f" {failure.suggestion}" if failure and failure.suggestion else ""
    verb = "refused it" if told.state == "rejected" else "could not do it"
    return f"{title} {verb}.{said}{advice}"


def after_error(account: Account, job: Job, error: ProviderError) -> None:
    """Nothing is lost by an answer that did not come: the job goes on at the provider."""
    if error.kind in ("auth", "payment"):
        account.report_trouble(error.message)
    if error.kind == "missing":
        return end(job, Job.State.EXPIRED, f"{account.adapter.title} does not know it any more.")
    if error.kind == "rate":
        account.pause(seconds=error.retry_after or 60)
    now = timezone.now()
    if job.deadline_at and now > job.deadline_at:
        return end(job, Job.State.FAILED, TOO_LATE.format(account.adapter.title))
    wait = max(error.retry_after or 0, NETWORK_WAIT, interval(account.adapter.pace, job, now))
    write(job, error=error.message[:400], next_action_at=now + timedelta(seconds=wait))


def put_off(jobs: Sequence[Job], seconds: float) -> None:
    for job in jobs:
        write(job, next_action_at=timezone.now() + timedelta(seconds=seconds))


def interval(pace: Pace, job: Job, now: datetime) -> float:
    """From `first` to `slowest`, a tenth of the job's age; spread by a tenth, so that jobs that
    were sent together are not asked after together for ever."""
    age = (now - (job.sent_at or now)).total_seconds()
    return min(pace.slowest, max(pace.first, age / 10)) * random.uniform(0.9, 1.1)  # noqa: S311


TOO_LATE = "{} did not finish in time; run it again, or look at its own site."
