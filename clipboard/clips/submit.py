"""Sending a job to its provider: the intention is written first, and nothing is sent twice blindly.

What may have been taken although no answer came is parked as `outcome_unknown`, and found out
about by `resolve.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.utils import timezone

from clipboard.clips.models import (
    LET_GO,
    MAX_ATTEMPTS,
    Account,
    Job,
    Lease,
    copy_of,
    note,
    sealed,
)
from clipboard.clips.shipment import goes_by_upload, order_of
from clipboard.clips.spend import (
    KEY_LOST,
    OWN_BUDGET,
    SLOW_DOWN,
    TRIES,
    charge,
    heed,
    pause_after,
    why_not,
)
from clipboard.clips.usage import cost_of
from clipboard.clips.watched import send_along
from clipboard.engine import Cancelled
from clipboard.lib.seal import CannotOpen
from clipboard.providers.errors import NO_RECORDING, ProviderError
from clipboard.providers.model import Order, Submitted
from clipboard.providers.port import Call, Provider
from clipboard.providers.speak import Connection, carry_out_alone

LOOK_UP_AFTER = 10.0  # seconds at first, then as long as has passed already
FOUND_OUT_WITHIN = timedelta(hours=1)  # then a person is asked, where no list can be
LOOKED_UP_FOR, LOOK_UP_EVERY = timedelta(days=7), 3600.0
ADDRESSES_LAST = 0.75  # of MEDIA_URL_SECONDS, at least: expiry moves in quarters
COPY_LOOKED_FOR = timedelta(seconds=60)


def submit_job(job: Job, *, lease: Lease) -> None:
    """Send a claimed job's order. Raises Cancelled."""
    account = job.account
    if account is None or account.is_disabled or account.trouble:
        return refuse(job, lease, why_not(account))
    if account.adapter.makes == "version" and job.clip is None:
        return refuse(job, lease, CLIP_GONE)
    if account.rests_for:
        return rest(job, account, lease)
    if waits_for_copy(job, account, lease) or is_for_others(job, account, lease):
        return
    try:
        send(job, account, lease)
    except CannotOpen:
        refuse(job, lease, KEY_LOST)
    except ProviderError as error:
        after_error(job, account, error, lease)


def rest(job: Job, account: Account, lease: Lease) -> None:
    lease.finish(
        error=SLOW_DOWN.format(account.title),
        attempts=max(0, job.attempts - 1),
        next_action_at=account.paused_until,
    )


def waits_for_copy(job: Job, account: Account, lease: Lease) -> bool:
    """Whether its recording is to be brought to the provider first; deposit.py does that, and
    makes the job due again. The time it is put off for is only a net below that."""
    if job.clip or not goes_by_upload(job, account.adapter):
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


def is_for_others(job: Job, account: Account, lease: Lease) -> bool:
    """Whether a file is to go along after all: whole files are sent by the workers for what takes
    long, who know by `wants_upload`."""
    if job.wants_upload or not goes_by_upload(job, account.adapter):
        return False
    lease.finish(wants_upload=True, next_action_at=timezone.now())
    return True


def send(job: Job, account: Account, lease: Lease) -> None:
    """What is sent once more under the same key is word for word what was sent first."""
    connection, adapter = account.connection(), account.adapter
    order = job.kept_order() or prepared(job, account, connection)
    if not lease.write(
        state=Job.State.SUBMITTING,
        sent_at=job.sent_at or timezone.now(),
        idempotency_key=order.idempotency_key,
        sealed_order=sealed(order) if can_be_found_out(adapter) else "",
        started_at=job.started_at or timezone.now(),
        stage="",
        progress=0,
        error="",
    ):
        raise Cancelled
    try:
        taken(job, account, hand_over(job, account, order, connection, lease), lease)
    finally:
        account.keep_told(connection.allowances)


def can_be_found_out(adapter: Provider) -> bool:
    """Whether what was sent is wanted again: to be sent once more, or to be known in a list."""
    return adapter.sends_idempotency_key or adapter.can_look_up


def hand_over(
    job: Job, account: Account, order: Order, connection: Connection, lease: Lease
) -> Submitted:
    spend, look = leaving(job, account), still_ours(lease)
    if job.clip and "file" in account.adapter.takes and not (order.address or order.asset):
        return send_along(job, order, connection, lease, spend, look)
    steps = account.adapter.submit(order)
    return carry_out_alone(steps, connection, charge=spend, last_look=look)


def prepared(job: Job, account: Account, connection: Connection) -> Order:
    """What may be sent again is whole before it is kept; else `submit` asks for what it needs."""
    order = order_of(job, account)
    if not account.adapter.sends_idempotency_key:
        return order
    steps = account.adapter.prepare(order)
    return carry_out_alone(steps, connection, charge=partial(charge, account))


def leaving(job: Job, account: Account) -> Callable[[Call], None]:
    """As `charge`: that it is sent stands on the timeline before the first call leaves, and not
    where our own budget keeps it here."""
    unsaid = [f"Sent to {account.adapter.title}."]

    def leave(call: Call) -> None:
        charge(account, call)
        while unsaid:
            note(job, "sent", unsaid.pop())

    return leave


def still_ours(lease: Lease) -> Callable[[], None]:
    """The last look before the first byte, for what must not go out twice: a worker that was
    stopped for longer than its lease may not send what another has sent meanwhile. What remains is
    the moment between this look and the write below it. Raises Cancelled."""

    def look() -> None:
        if not lease.holds():
            raise Cancelled

    return look


def taken(job: Job, account: Account, submitted: Submitted, lease: Lease) -> None:
    """Its number is written whoever has the row by now: it is what nobody else can know. One that
    was queued again meanwhile needs no second order."""
    pace, now = account.adapter.pace, timezone.now()
    told: dict[str, Any] = {
        "remote_id": submitted.remote_id,
        "remote_word": submitted.word[:60],
        "cost": cost_of(submitted.cost),
        "deadline_at": now + timedelta(seconds=pace.deadline),
        "sealed_order": "",
    }
    runs: dict[str, Any] = {
        "state": Job.State.RUNNING,
        "next_action_at": now + timedelta(seconds=pace.first),
        "error": "",
        "attempts": 0,
        "progress": 0,
    }
    if not lease.finish(**told, **runs):
        unknown = Job.objects.filter(pk=job.pk, remote_id="")
        waiting = unknown.filter(state__in=(Job.State.QUEUED, *Job.UNSURE))
        if not waiting.update(**told, **runs, **LET_GO):
            unknown.update(**told)
    words = f"{account.adapter.title} took it as {submitted.remote_id}."
    note(job, "taken", words, said=submitted.raw)


def after_error(job: Job, account: Account, error: ProviderError, lease: Lease) -> None:
    if error.code == NO_RECORDING and job.copy and job.attempts < MAX_ATTEMPTS:
        job.copy.forget()
        return wait_and_send(job, error.message, lease, seconds=0, counted=True)
    wait = heed(account, error)
    if job.state == Job.State.SUBMITTING and is_ambiguous(error, account.adapter):
        return park(job, account, error.message, lease, said=error.body)
    if error.kind == "rate":
        news = error.code != OWN_BUDGET
        return wait_and_send(job, error.message, lease, seconds=wait, said=error.body, is_news=news)
    if error.retryable and job.attempts < TRIES:
        wait = max(error.retry_after or 0, pause_after(job.attempts))
        return wait_and_send(job, error.message, lease, seconds=wait, counted=True, said=error.body)
    refuse(job, lease, error.message, said=error.body)


def is_ambiguous(error: ProviderError, adapter: Provider) -> bool:
    """Whether the order may have been taken all the same: a fault, or an answer that can't be
    read, may come after the work was begun, unless the provider's own word says otherwise."""
    if error.code in adapter.not_taken:
        return False
    return error.kind in ("unknown", "provider") or error.code in ("408", "425")


def wait_and_send(
    job: Job,
    words: str,
    lease: Lease,
    *,
    seconds: float,
    counted: bool = False,
    said: bytes = b"",
    is_news: bool = True,
) -> None:
    """Nothing was taken: it is as if it had not been sent. No news is what our own budget keeps
    here: a thousand orders that are sent ten an hour would fill their timelines with it."""
    ours = lease.finish(
        state=Job.State.QUEUED,
        sent_at=None,
        idempotency_key="",
        sealed_order="",
        error=words[:400],
        attempts=job.attempts if counted else max(0, job.attempts - 1),
        next_action_at=timezone.now() + timedelta(seconds=seconds),
    )
    if ours and is_news:
        note(job, "trouble", f"{words} It is sent again in {seconds:.0f} s.", said=said)


def refuse(job: Job, lease: Lease, words: str, *, said: bytes = b"") -> None:
    if job.fail(words, lease=lease):
        note(job, "ended", words, said=said)


# --- When nobody knows ----------------------------------------------------------------------------


def park(
    job: Job, account: Account, words: str, lease: Lease, *, wait: float = 0, said: bytes = b""
) -> None:
    """`next_action_at` stays empty where only a person can find out."""
    age, adapter = age_of(job), account.adapter
    is_hopeless = age >= (LOOKED_UP_FOR if adapter.can_look_up else found_out_within(adapter))
    growing = min(LOOK_UP_EVERY, age.total_seconds())
    pause = timedelta(seconds=max(LOOK_UP_AFTER, growing, wait))
    advice = f" {ASK_A_PERSON.format(adapter.title)}" if is_hopeless else ""
    ours = lease.finish(
        state=Job.State.OUTCOME_UNKNOWN,
        error=(words + advice)[:400],
        attempts=0,
        next_action_at=None if is_hopeless else timezone.now() + pause,
    )
    words = f"{words} Nothing is sent again before it is known what happened."
    if ours:
        note(job, "trouble", words, said=said)


def found_out_within(adapter: Provider) -> timedelta:
    """For how long after an order asking again can tell what became of it.

    One sent again needs a provider that remembers its key, and addresses that are still good in
    case it never arrived; a list is good for as long as we care to look.
    """
    if adapter.sends_idempotency_key:
        lasts = min(adapter.idempotency_lasts, ADDRESSES_LAST * settings.MEDIA_URL_SECONDS)
        return min(FOUND_OUT_WITHIN, timedelta(seconds=lasts))
    return FOUND_OUT_WITHIN if adapter.can_look_up else timedelta(0)


def age_of(job: Job) -> timedelta:
    return timezone.now() - (job.sent_at or timezone.now())


CLIP_GONE = "The clip of which it was to make a version is gone; order one of another clip."
ASK_A_PERSON = "Look at {}'s own site, then say here whether it was taken."
