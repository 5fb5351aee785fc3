"""Ordering from providers: what would be sent to whom, what was ordered before, what it costs."""

from __future__ import annotations

import hashlib
import json
from functools import partial
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from django.conf import settings

from clipboard.clips.ingest import request_clips
from clipboard.clips.models import NO_USE, UNUSABLE, Account, Clip, Job, RemoteCopy, Source, note
from clipboard.clips.shipment import address_of, goes_by_upload, has_link, order_of
from clipboard.clips.spend import KEY_LOST, SOMEONE_WAITS, charge, heed
from clipboard.clips.usage import amount_in_words
from clipboard.lib.seal import CannotOpen
from clipboard.lib.wording import file_size, span
from clipboard.providers.errors import ProviderError
from clipboard.providers.speak import carry_out_alone

LOOKED_BACK = 100


class Sent(NamedTuple):
    """What leaves for the provider, in a sentence; or why nothing can."""

    sentence: str = ""
    problem: str = ""


def offered(team: Any, *, clip: Clip | None) -> list[Account]:
    """The accounts that can be asked about a recording, or about a clip: first those that look for
    clips in it, then those that make something else beside it."""
    accounts = Account.objects.of(team).usable().order_by("provider", "name")
    fitting = [one for one in accounts if (one.adapter.makes == "version") == (clip is not None)]
    return sorted(fitting, key=lambda one: one.adapter.makes)


def draft(
    account: Account,
    source: Source,
    clip: Clip | None,
    options: dict[str, Any] | None = None,
    *,
    wants_upload: bool = False,
) -> Job:
    """The job as it would be, not stored."""
    return Job(
        team_id=account.team_id,
        source=source,
        clip=clip,
        account=account,
        provider=account.provider,
        options=options or {},
        wants_upload=wants_upload,
    )


def may_choose_upload(account: Account, source: Source, clip: Clip | None) -> bool:
    """Whether the recording can go there as a link and as a file too."""
    job = draft(account, source, clip)
    wanted = draft(account, source, clip, wants_upload=True)
    return has_link(job, account.adapter.takes) and goes_by_upload(wanted, account.adapter)


def what_is_sent(
    account: Account, source: Source, clip: Clip | None, *, wants_upload: bool = False
) -> Sent:
    title, what = account.adapter.title, "clip" if clip else "recording"
    if source.state in UNUSABLE:
        return Sent(problem=NO_USE)
    if clip and not clip.file:
        return Sent(problem="This clip has no file yet, so that there is nothing to send.")
    job = draft(account, source, clip, wants_upload=wants_upload)
    if goes_by_upload(job, account.adapter):
        return Sent(file_in_words(account, clip) if clip else upload_in_words(account, source))
    try:
        address = address_of(job, account.adapter.takes)
    except ProviderError as error:
        return Sent(problem=error.message)
    if not address:
        return Sent(f"{title} gets these choices; nothing of this {what} is sent.")
    if settings.PUBLIC_BASE_URL and address.startswith(settings.PUBLIC_BASE_URL):
        lasts = span(settings.MEDIA_URL_SECONDS)
        return Sent(
            f"{title} gets these choices and a link to this {what} that ends after {lasts}."
        )
    host = urlsplit(address).hostname
    if address == source.origin_url:
        return Sent(
            f"{title} gets these choices and the link at {host} that this {what} came from."
        )
    return Sent(f"{title} gets these choices and a link to this {what} at {host} that ends soon.")


def upload_in_words(account: Account, source: Source) -> str:
    title = account.adapter.title
    if account.copies.filter(sha256=source.sha256, state=RemoteCopy.State.READY).exists():
        return f"This recording lies at {title} already; {title} gets these choices and uses that."
    size = f" ({file_size(source.size)})" if source.size else ""
    return (
        f"The file of this recording itself{size} is uploaded to {title} and stays there until it "
        f"is deleted; then {title} gets these choices."
    )


def file_in_words(account: Account, clip: Clip) -> str:
    title, size = account.adapter.title, file_size(clip.file.size)
    return f"{title} gets these choices and the file of this clip itself ({size})."


def ordered_before(
    account: Account, source: Source, clip: Clip | None, options: dict[str, Any]
) -> Job | None:
    """The latest job of the same provider, recording and options that has not ended badly, or may
    have ended well there after it was given up or cancelled here."""
    jobs = source.jobs.filter(provider=account.provider, clip=clip)
    jobs = jobs.may_be_made().select_related("created_by")
    # Compared here: databases differ in whether the order of keys counts.
    return next((job for job in jobs.listed()[:LOOKED_BACK] if job.options == options), None)


def mark_of(options: dict[str, Any], before: Job) -> str:
    """By which a person who says "again" is known to mean these options and no others, and to have
    been told of that job: said twice, or sent twice, it is asked about the one that came of it."""
    told = json.dumps([before.pk, options], sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def place(
    account: Account,
    source: Source,
    clip: Clip | None,
    options: dict[str, Any],
    *,
    user: Any,
    wants_upload: bool = False,
) -> Job:
    """Due at once where the recording is ready, else when it becomes so."""
    job = request_clips(
        source,
        user=user,
        options=options,
        provider=account.provider,
        account=account,
        clip=clip,
        wants_upload=wants_upload or goes_by_file(account, source, clip),
    )
    note(job, "ordered", f"Ordered from {account}.", by=user)
    return job


def goes_by_file(account: Account, source: Source, clip: Clip | None) -> bool:
    """Whether the clip itself must go along, which other workers do."""
    return clip is not None and goes_by_upload(draft(account, source, clip), account.adapter)


def price(account: Account, source: Source, clip: Clip | None, options: dict[str, Any]) -> str:
    """What it would cost, in a sentence that says so where nobody knows."""
    adapter = account.adapter
    if not adapter.can_estimate:
        return f"{adapter.title} does not tell beforehand what it costs."
    try:
        steps = adapter.estimate(order_of(draft(account, source, clip, options), account))
        line, pay = account.connection(), partial(charge, account)
        cost = carry_out_alone(steps, line, charge=pay, hurry=SOMEONE_WAITS)
    except CannotOpen:
        return KEY_LOST
    except ProviderError as error:
        heed(account, error)
        return f"{adapter.title} does not say what it costs. {error.message}"
    if cost is None:
        return f"{adapter.title} cannot tell beforehand what this costs."
    about = "about " if cost.is_estimate else ""
    return f"It costs {about}{amount_in_words(cost.amount, cost.unit)} at {adapter.title}."
