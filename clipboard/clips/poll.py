"""Asking providers how their jobs are: what is due is claimed together, asked at once, and written
back together. A poll that fails changes nothing but when the next one is."""

from __future__ import annotations

import logging
import random
import secrets
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from clipboard.clips.collect import collect
from clipboard.clips.models import (
    LET_GO,
    Account,
    Job,
    give_back,
    note,
    take_from_budget,
    wait_for_budget,
)
from clipboard.clips.queue import owner
from clipboard.clips.submit import OWN_BUDGET, cost_of
from clipboard.lib.seal import CannotOpen
from clipboard.providers.errors import ProviderError
from clipboard.providers.model import RemoteJob
from clipboard.providers.port import Call, Pace
from clipboard.providers.speak import Outcome, carry_out_many

logger = logging.getLogger(__name__)

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
NOT_WRITTEN = 300.0
LOOKS_FOR_MISSING, MISSING_WAIT = 3, 300.0  # so that one is missed for ten minutes at least


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
    if not first:
        return []
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
    try:
        line = account.connection()
    except CannotOpen:
        account.report_trouble("The key cannot be opened with PROVIDER_SECRETS; enter it again.")
        put_off(jobs, NETWORK_WAIT)
        return 0
    purse = Purse(account, wanted=len(jobs), now=now)
    asked, left = jobs[: purse.polls], jobs[purse.polls :]
    put_off(left, purse.wait)
    outcomes = carry_out_many(
        [account.adapter.poll(job.remote_id) for job in asked], line, charge=purse.charge
    )
    purse.close()
    write_back(account, list(zip(asked, outcomes, strict=True)))
    return len(asked)


def not_now(account: Account, now: datetime) -> float:
    """Seconds for which this account must not be asked at all."""
    if account.is_disabled or account.trouble:
        return 300.0
    if account.paused_until and account.paused_until > now:
        return (account.paused_until - now).total_seconds()
    return 0.0


class Purse:
    """What a round may take from the account's budgets, taken beforehand: while thousands are
    asked, nobody waits for a database. What is left goes back."""

    def __init__(self, account: Account, *, wanted: int, now: datetime) -> None:
        self.account, self.wait = account, 0.0
        adapter = account.adapter
        each = adapter.calls_a_poll
        self.budgets = [one for one in adapter.budgets if one.name in adapter.poll_budgets]
        self.left = {
            budget.name: take_from_budget(account, budget, calls=wanted * each, now=now)
            for budget in self.budgets
        }
        self.polls = min(wanted, self.left.get("status", wanted * each) // each)
        status = next((budget for budget in self.budgets if budget.name == "status"), None)
        if status and self.polls < wanted:
            self.wait = wait_for_budget(status, now=now)

    def charge(self, call: Call) -> None:
        """Raises ProviderError("rate"), and nothing was sent."""
        if call.budget not in self.left:
            return
        if not self.left[call.budget]:
            raise ProviderError("rate", "The account's limit is used up for now.", code=OWN_BUDGET)
        self.left[call.budget] -= 1

    def close(self) -> None:
        for budget in self.budgets:
            if self.left[budget.name]:
                give_back(self.account, budget, calls=self.left[budget.name])


def write_back(account: Account, told: Sequence[tuple[Job, Outcome[RemoteJob]]]) -> None:
    """Most jobs only run on: those are written by one statement in one transaction."""
    now = timezone.now()
    plain, others = [], []
    for job, outcome in told:
        if not isinstance(outcome, ProviderError) and only_runs_on(job, outcome, now):
            plain.append(running_row(account, job, outcome, now))
        else:
            others.append((job, outcome))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.executemany(RUNS_ON, plain)
    for job, outcome in others:
        take_answer(account, job, outcome)


RUNS_ON = """
    UPDATE clips_job SET state = %s, stage = %s, progress = %s, error = '', attempts = 0,
    next_action_at = %s, lease_owner = '', lease_until = NULL
    WHERE id = %s AND lease_owner = %s
"""


def only_runs_on(job: Job, told: RemoteJob, now: datetime) -> bool:
    """Nothing is to be said of it but how far it is."""
    is_late = job.deadline_at is not None and now > job.deadline_at
    news = told.clips is not None or told.cost is not None or told.word[:60] != job.remote_word
    return not (told.is_terminal or is_late or news)


def running_row(account: Account, job: Job, told: RemoteJob, now: datetime) -> tuple[Any, ...]:
    due = now + timedelta(seconds=wait_after(account, job, told, now))
    stage, progress = told.stage[:40] or told.word[:40], max(job.progress, told.progress or 0)
    at = connection.ops.adapt_datetimefield_value(due)
    return (str(STATE_OF[told.state]), stage, progress, at, job.pk, job.lease_owner)


def wait_after(account: Account, job: Job, told: RemoteJob, now: datetime) -> float:
    return told.look_again_after or interval(account.adapter.pace, job, now)


def take_answer(account: Account, job: Job, outcome: Outcome[RemoteJob]) -> None:
    """What cannot be written of one job must not keep the others from being written."""
    try:
        if isinstance(outcome, ProviderError):
            after_error(account, job, outcome)
        else:
            with transaction.atomic():
                follow(account, job, outcome)
    except Exception:
        logger.exception("What was told of job %s could not be written", job.pk)
        if job.deadline_at is not None and timezone.now() > job.deadline_at:
            return end(job, Job.State.FAILED, OUR_FAULT)
        write(job, error=OUR_FAULT, next_action_at=timezone.now() + timedelta(seconds=NOT_WRITTEN))


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
    wait = wait_after(account, job, told, now)
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
        words = f"{account.adapter.title}: {told.word or told.state}."
        note(job, "status", words, said=told.raw)


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
        words = words or f"Finished: {told.word if told else state}."
        note(job, "ended", words, said=told.raw if told else None)
    if ended and state == Job.State.SUCCEEDED and job.account and job.account.adapter.can_favourite:
        job.look_at_marks()


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
        return look_for(account, job)
    if error.kind == "rate" and error.code != OWN_BUDGET:
        account.pause(seconds=error.retry_after or 60)
    now = timezone.now()
    if job.deadline_at and now > job.deadline_at:
        return end(job, Job.State.FAILED, TOO_LATE.format(account.adapter.title))
    if error.body and error.message[:400] != job.error:
        note(job, "trouble", error.message, said=error.body)
    wait = max(error.retry_after or 0, NETWORK_WAIT, interval(account.adapter.pace, job, now))
    write(job, error=error.message[:400], next_action_at=now + timedelta(seconds=wait))


def look_for(account: Account, job: Job) -> None:
    """A provider that does not know a job may know it again in a while; `attempts` counts these
    answers, and any other one sets it back."""
    words = f"{account.adapter.title} does not know it any more."
    if job.attempts + 1 >= LOOKS_FOR_MISSING:
        return end(job, Job.State.EXPIRED, words)
    due = timezone.now() + timedelta(seconds=MISSING_WAIT)
    write(job, attempts=job.attempts + 1, error=words, next_action_at=due)


def put_off(jobs: Sequence[Job], seconds: float) -> None:
    for job in jobs:
        write(job, next_action_at=timezone.now() + timedelta(seconds=seconds))


def interval(pace: Pace, job: Job, now: datetime) -> float:
    """From `first` to `slowest`, a tenth of the job's age; spread by a tenth, so that jobs that
    were sent together are not asked after together for ever."""
    age = (now - (job.sent_at or now)).total_seconds()
    return min(pace.slowest, max(pace.first, age / 10)) * random.uniform(0.9, 1.1)  # noqa: S311


TOO_LATE = "{} did not finish in time; run it again, or look at its own site."
OUR_FAULT = "What the provider said could not be stored; the log says why. Look again later."
