"""Finding out what became of an order whose answer never came: looked up where the provider lists
its jobs, sent again only under the same idempotency key, else left to a person."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from django.db import transaction

from clipboard.clips.models import Account, Job, Lease, note
from clipboard.clips.shipment import order_of
from clipboard.clips.spend import KEY_LOST, charge, heed, why_not
from clipboard.clips.submit import (
    ASK_A_PERSON,
    age_of,
    found_out_within,
    park,
    refuse,
    send,
    taken,
    wait_and_send,
)
from clipboard.lib.seal import CannotOpen
from clipboard.lib.wording import listing
from clipboard.providers.errors import ProviderError, refuses_request
from clipboard.providers.model import RemoteJob, Submitted
from clipboard.providers.speak import carry_out_alone

MOST_NAMED = 3
LISTED_WITHIN = timedelta(minutes=3)  # a provider's list may lag behind what it took
CLOCKS_DIFFER = timedelta(minutes=5)
AT_ONCE = timedelta(minutes=1)  # as far as clocks that are kept in order differ, and more


def resolve_job(job: Job, *, lease: Lease) -> None:
    """For a claimed job whose order left, or may have left with a worker that died. Raises
    Cancelled."""
    account = job.account
    if account is None:
        return refuse(job, lease, why_not(account))
    if account.is_disabled or account.trouble:
        return park(job, account, why_not(account), lease)
    if job.state == Job.State.SUBMITTING:
        return park(job, account, NO_ANSWER, lease)
    try:
        if account.adapter.sends_idempotency_key:
            send_again(job, account, lease)
        else:
            find_out(job, account, lease)
    except CannotOpen:
        park(job, account, KEY_LOST, lease)
    except ProviderError as error:
        wait = heed(account, error)
        park(job, account, error.message, lease, wait=wait, said=error.body)


def send_again(job: Job, account: Account, lease: Lease) -> None:
    """Under the same idempotency key the provider tells again what it made, and makes nothing.

    Only its refusal of these very words means that it had not taken them either, and only where it
    does not list them and has had the time to; that the key is not accepted now, or the service
    can't be reached, says nothing of the first time.
    """
    if not job.sealed_order or age_of(job) > found_out_within(account.adapter):
        return find_out(job, account, lease)
    try:
        send(job, account, lease)
    except ProviderError as error:
        is_refused = refuses_request(error)
        if not is_refused and error.kind != "unknown":
            raise
        found = listed(job, account)
        if found and len(alike(job)) > 1:
            raise  # which of them is whose only the keys can tell
        if found:
            adopt(job, account, found, lease)
        elif is_refused and age_of(job) >= LISTED_WITHIN:
            refuse(job, lease, error.message, said=error.body)
        else:
            raise


def find_out(job: Job, account: Account, lease: Lease) -> None:
    """By the provider's list alone."""
    if account.adapter.can_look_up:
        adopt(job, account, listed(job, account), lease)
    else:
        park(job, account, NO_ANSWER, lease)


def listed(job: Job, account: Account) -> list[RemoteJob]:
    """What the provider lists that may have come of the order, newest first."""
    return unclaimed(look_up(job, account), job) if account.adapter.can_look_up else []


def look_up(job: Job, account: Account) -> list[RemoteJob]:
    order = job.kept_order() or order_of(job, account)  # our addresses may have changed since
    steps = account.adapter.find(order)
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
    same = alike(job)
    is_enough = len(found) <= max(1, len(same))
    if found and is_enough and not (rivals(job) or in_doubt(found, job, same)):
        take(job, account, found[-1], lease)
    elif found:
        words = f"{title} lists {listing([one.remote_id for one in found[:MOST_NAMED]])}, which may"
        words += " be this one, or somebody else's order." if len(found) == 1 else " each be it."
        state = Job.State.OUTCOME_UNKNOWN  # not where it was just sent once more
        if lease.finish(state=state, error=f"{words} {ASK_A_PERSON.format(title)}"[:400]):
            note(job, "trouble", words)
    elif age_of(job) < LISTED_WITHIN:
        park(job, account, f"{title} does not list it yet.", lease)
    elif lease.holds():
        note(job, "trouble", f"{title} does not list it: it was not taken, and is sent again.")
        wait_and_send(job, "It was not taken.", lease, seconds=0)


def in_doubt(found: list[RemoteJob], job: Job, same: list[Job]) -> bool:
    """Whether one of these may be what somebody ordered at the provider's own site, or here with
    another account for the same key: made before this, and any that asks for the same, was sent,
    or nobody tells when."""
    earliest = min(one.sent_at or one.created_at for one in (job, *same)) - AT_ONCE
    if any(one.created_at is None or one.created_at < earliest for one in found):
        return True
    others = Job.objects.filter(
        provider=job.provider, remote_id__in=[one.remote_id for one in found]
    )
    return bool(others.exclude(account=job.account_id).exists())


def alike(job: Job) -> list[Job]:
    """This order and others that are waited for like it and ask for the same: which of them became
    which job makes no difference."""
    unsure = Job.objects.filter(account=job.account_id, source=job.source_id, clip=job.clip_id)
    return [one for one in unsure.filter(state__in=Job.UNSURE) if one.options == job.options]


def rivals(job: Job) -> bool:
    """Whether another clip's order can't be told from this one: both files were sent along, and a
    list doesn't say of which clip a file is."""
    if not (job.clip_id and job.wants_upload):
        return False
    unsure = Job.objects.filter(account=job.account_id, wants_upload=True, state__in=Job.UNSURE)
    others = unsure.exclude(clip=job.clip_id)
    return any(one.options == job.options for one in others)


@transaction.atomic
def take(job: Job, account: Account, found: RemoteJob, lease: Lease) -> None:
    """Unless another order was found to have become it a moment ago."""
    Account.objects.select_for_update().get(pk=account.pk)
    if not unclaimed([found], job):
        return park(job, account, f"{account.adapter.title} made it of another order.", lease)
    note(job, "taken", f"Found at {account.adapter.title}: it had been taken.")
    taken(job, account, Submitted(remote_id=found.remote_id, word=found.word), lease)


NO_ANSWER = "No answer came to the order."
