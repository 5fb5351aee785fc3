"""Sending a job to its provider: the intention is written first, and nothing is sent twice blindly.

What may have been taken although no answer came is parked as `outcome_unknown`: looked up where
the provider lists its jobs, sent again only under the same idempotency key, else left to a person.
"""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

from django.utils import timezone

from clipboard.clips.models import (
    LET_GO,
    MAX_ATTEMPTS,
    Account,
    Job,
    Lease,
    copy_of,
    note,
    take_from_budget,
    wait_for_budget,
)
from clipboard.clips.shipment import goes_by_upload, order_of
from clipboard.engine import Cancelled
from clipboard.lib.seal import CannotOpen
from clipboard.providers.errors import NO_RECORDING, ProviderError
from clipboard.providers.model import Cost, RemoteJob, Submitted
from clipboard.providers.port import Call, Provider
from clipboard.providers.speak import carry_out_alone

OWN_BUDGET = "own_budget"  # we did not even ask
LOOK_UP_AFTER = 10.0  # seconds at first, then as long as has passed already
LISTED_WITHIN = timedelta(minutes=3)  # a provider's list may lag behind what it took
FOUND_OUT_WITHIN = timedelta(hours=1)  # then a person is asked
COPY_LOOKED_FOR = timedelta(seconds=60)
CLOCKS_DIFFER = timedelta(minutes=5)


def submit_job(job: Job, *, lease: Lease) -> None:
    """Send a claimed job's order, or find out what became of it. Raises Cancelled."""
    account = job.account
    if account is None or account.is_disabled or account.trouble:
        return refuse(job, lease, why_not(account))
    if job.state in (Job.State.SUBMITTING, Job.State.OUTCOME_UNKNOWN):
        return resolve(job, account, lease)
    if waits_for_copy(job, account, lease):
        return
    try:
        send(job, account, lease)
    except CannotOpen:
        refuse(job, lease, KEY_LOST)
    except ProviderError as error:
        after_error(job, account, error, lease)


def waits_for_copy(job: Job, account: Account, lease: Lease) -> bool:
    """Whether its recording is to be brought to the provider first; deposit.py does that, and
    makes the job due again. The time it is put off for is only a net below that."""
    if not goes_by_upload(job, account.adapter):
        return False
    copy = copy_of(job.source, account)
    if job.copy_id != copy.pk and not lease.write(copy=copy):
        raise Cancelled
    if copy.is_ready:
        return False
    copy.want()
    lease.finish(
        stage=job.stage or f"To be uploaded to {account.title}"[:40],
        attempts=max(0, job.attempts - 1),
        next_action_at=timezone.now() + COPY_LOOKED_FOR,
    )
    return True


def send(job: Job, account: Account, lease: Lease) -> None:
    order, connection = order_of(job, account), account.connection()
    if not lease.write(
        state=Job.State.SUBMITTING,
        sent_at=job.sent_at or timezone.now(),
        idempotency_key=order.idempotency_key,
        started_at=job.started_at or timezone.now(),
        stage="",
        progress=0,
        error="",
    ):
        raise Cancelled
    note(job, "sent", f"Sent to {account.adapter.title}.")
    steps = account.adapter.submit(order)
    submitted = carry_out_alone(steps, connection, charge=partial(charge, account))
    taken(job, account, submitted, lease)


def charge(account: Account, call: Call) -> None:
    """Take the call from its budget. Raises ProviderError("rate"), and nothing was sent."""
    budget = next((one for one in account.adapter.budgets if one.name == call.budget), None)
    if budget is None:
        return
    now = timezone.now()
    if not take_from_budget(account, budget, calls=1, now=now):
        raise ProviderError(
            "rate",
            f"The account's limit of {budget.calls} is used up for now.",
            code=OWN_BUDGET,
            retry_after=wait_for_budget(budget, now=now),
        )


def taken(job: Job, account: Account, submitted: Submitted, lease: Lease) -> None:
    """Its number is written whoever has the row by now: it is what nobody else can know."""
    pace, now = account.adapter.pace, timezone.now()
    told: dict[str, Any] = {
        "remote_id": submitted.remote_id,
        "remote_word": submitted.word[:60],
        "cost": cost_of(submitted.cost),
        "deadline_at": now + timedelta(seconds=pace.deadline),
    }
    runs: dict[str, Any] = {
        "state": Job.State.RUNNING,
        "next_action_at": now + timedelta(seconds=pace.first),
        "error": "",
        "attempts": 0,
    }
    if not lease.finish(**told, **runs):
        Job.objects.filter(pk=job.pk, remote_id="").update(**told)
        open_still = (Job.State.SUBMITTING, Job.State.OUTCOME_UNKNOWN)
        Job.objects.filter(pk=job.pk, state__in=open_still).update(**runs, **LET_GO)
    words = f"{account.adapter.title} took it as {submitted.remote_id}."
    note(job, "taken", words, said=submitted.raw)


def after_error(job: Job, account: Account, error: ProviderError, lease: Lease) -> None:
    if error.code == NO_RECORDING and job.copy and job.attempts < MAX_ATTEMPTS:
        job.copy.forget()
        return wait_and_send(job, error.message, lease, seconds=0, counted=True)
    if is_ambiguous(error, account.adapter):
        return park(job, account, error.message, lease, said=error.body)
    if error.kind in ("auth", "payment"):
        account.report_trouble(error.message)
        return refuse(job, lease, error.message, said=error.body)
    if error.kind == "rate":
        wait = error.retry_after if error.retry_after is not None else 60
        if error.code != OWN_BUDGET:
            account.pause(seconds=wait)
        return wait_and_send(job, error.message, lease, seconds=wait, said=error.body)
    if error.retryable and job.attempts < MAX_ATTEMPTS:
        wait = max(error.retry_after or 0, 5 * 3 ** (job.attempts - 1))
        return wait_and_send(job, error.message, lease, seconds=wait, counted=True, said=error.body)
    refuse(job, lease, error.message, said=error.body)


def is_ambiguous(error: ProviderError, adapter: Provider) -> bool:
    """Whether the order may have been taken all the same: a fault, or an answer that can't be
    read, may come after the work was begun, unless the provider's own word says otherwise."""
    if error.code in adapter.not_taken:
        return False
    return error.kind in ("unknown", "provider") or error.code in ("408", "425")


def wait_and_send(
    job: Job, words: str, lease: Lease, *, seconds: float, counted: bool = False, said: bytes = b""
) -> None:
    """Nothing was taken: it is as if it had not been sent."""
    lease.finish(
        state=Job.State.QUEUED,
        sent_at=None,
        error=words[:400],
        attempts=job.attempts if counted else max(0, job.attempts - 1),
        next_action_at=timezone.now() + timedelta(seconds=seconds),
    )
    note(job, "trouble", f"{words} It is sent again in {seconds:.0f} s.", said=said)


def refuse(job: Job, lease: Lease, words: str, *, said: bytes = b"") -> None:
    job.fail(words, lease=lease)
    note(job, "ended", words, said=said)


# --- When nobody knows ----------------------------------------------------------------------------


def park(job: Job, account: Account, words: str, lease: Lease, *, said: bytes = b"") -> None:
    """`next_action_at` stays empty where only a person can find out."""
    adapter, age = account.adapter, age_of(job)
    can_tell = adapter.can_look_up or adapter.sends_idempotency_key
    hopeless = not can_tell or age > min(FOUND_OUT_WITHIN, remembered(adapter))
    wait = timedelta(seconds=max(LOOK_UP_AFTER, age.total_seconds()))
    advice = f" {ASK_A_PERSON.format(adapter.title)}" if hopeless else ""
    lease.finish(
        state=Job.State.OUTCOME_UNKNOWN,
        error=(words + advice)[:400],
        attempts=0,
        next_action_at=None if hopeless else timezone.now() + wait,
    )
    words = f"{words} Nothing is sent again before it is known what happened."
    note(job, "trouble", words, said=said)


def remembered(adapter: Provider) -> timedelta:
    """For how long the provider knows a key again; a list is remembered for good."""
    lasts = adapter.idempotency_lasts if adapter.sends_idempotency_key else 0
    return timedelta(seconds=lasts) if lasts else FOUND_OUT_WITHIN


def age_of(job: Job) -> timedelta:
    return timezone.now() - (job.sent_at or timezone.now())


def resolve(job: Job, account: Account, lease: Lease) -> None:
    """A submission whose answer never came, or whose worker died after the request left."""
    if job.state == Job.State.SUBMITTING:
        return park(job, account, NO_ANSWER, lease)
    if account.adapter.sends_idempotency_key:
        return send_again(job, account, lease)
    try:
        found = look_up(job, account)
    except ProviderError as error:
        return park(job, account, error.message, lease)
    except CannotOpen:
        return park(job, account, KEY_LOST, lease)
    adopt(job, account, unclaimed(found, job), lease)


def send_again(job: Job, account: Account, lease: Lease) -> None:
    """Under the same idempotency key the provider tells again what it made, and makes nothing. It
    may refuse: the recording's address, signed anew, makes it another order under that key."""
    if age_of(job).total_seconds() > account.adapter.idempotency_lasts:
        return park(job, account, NO_ANSWER, lease)
    try:
        send(job, account, lease)
    except CannotOpen:
        park(job, account, KEY_LOST, lease)
    except ProviderError as error:
        if error.kind != "unknown" or not is_listed(job, account, lease):
            after_error(job, account, error, lease)


def is_listed(job: Job, account: Account, lease: Lease) -> bool:
    """Whether the provider's list tells what its refusal to tell again does not."""
    try:
        found = unclaimed(look_up(job, account), job) if account.adapter.can_look_up else []
    except ProviderError:
        return False
    if found:
        adopt(job, account, found, lease)
    return bool(found)


def look_up(job: Job, account: Account) -> list[RemoteJob]:
    steps = account.adapter.find(order_of(job, account))
    return carry_out_alone(steps, account.connection(), charge=partial(charge, account))


def unclaimed(found: list[RemoteJob], job: Job) -> list[RemoteJob]:
    """Those that no other job of ours has, and that are not older than the order."""
    ours = Job.objects.filter(account=job.account_id).exclude(pk=job.pk)
    theirs = ours.filter(remote_id__in=[one.remote_id for one in found])
    known = set(theirs.values_list("remote_id", flat=True))
    earliest = (job.sent_at or job.created_at) - CLOCKS_DIFFER
    fresh = [one for one in found if one.created_at is None or one.created_at >= earliest]
    return [one for one in fresh if one.remote_id not in known]


def adopt(job: Job, account: Account, found: list[RemoteJob], lease: Lease) -> None:
    title = account.adapter.title
    if len(found) == 1:
        note(job, "taken", f"Found at {title}: it had been taken.")
        taken(job, account, Submitted(remote_id=found[0].remote_id, word=found[0].word), lease)
    elif found:
        words = f"{title} lists {len(found)} jobs that may be this one."
        lease.finish(error=f"{words} {ASK_A_PERSON.format(title)}"[:400])
        note(job, "trouble", words)
    elif age_of(job) < LISTED_WITHIN:
        park(job, account, f"{title} does not list it yet.", lease)
    else:
        note(job, "trouble", f"{title} does not list it: it was not taken, and is sent again.")
        wait_and_send(job, "It was not taken.", lease, seconds=0)


def cost_of(cost: Cost | None) -> dict[str, Any]:
    if cost is None:
        return {}
    return {"amount": cost.amount, "unit": cost.unit, "is_estimate": cost.is_estimate}


def why_not(account: Account | None) -> str:
    if account is None:
        return "The account that this was ordered with is gone; choose another and run it again."
    return account.trouble or f"The account {account} is switched off."


KEY_LOST = "The account's key cannot be opened with PROVIDER_SECRETS; enter the key again."
NO_ANSWER = "No answer came to the order."
ASK_A_PERSON = "Look at {}'s own site, then say here whether it was taken."
