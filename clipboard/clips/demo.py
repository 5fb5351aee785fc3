"""The product without any key: accounts at the sandbox, the sample recording, a job at each.

Everything is added once, so that it may be asked for again and again.
"""

from __future__ import annotations

import shutil
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from clipboard.clips.fetch import source_folder
from clipboard.clips.ingest import SAMPLE, SAMPLE_OPTIONS, SAMPLE_TITLE, request_clips
from clipboard.clips.models import Account, Clip, Job, Source
from clipboard.clips.order import place

# Of a recording that stands on a page, as some providers want it; the sandbox opens no page.
PAGE = "https://www.youtube.com/watch?v=two-cities"
NAME = "Sandbox"
KEYS = {
    "reka": "reka_demo_0123456789abcdef",
    "scalereach": "sr_live_demo_late_0123456789abcdef",
    "reelbot": "rb_live_demo_0123456789abcdef",
    "sync": "sk-demo-0123456789abcdef",
}
OPTIONS: dict[str, dict[str, Any]] = {
    "reka": {"prompt": "The most memorable moments", "generation_config.num_generations": 3},
    "scalereach": {"config.clipType": "viral-clips", "config.genre": "Education"},
    "reelbot": {
        "videoType": "cinematic",
        "topic": "A tale of two cities",
        "brollKeys": ["shared/b-roll/london.mp4", "shared/b-roll/paris.mp4"],
    },
    "sync": {
        "model": "lipsync-2",
        "sound": "text",
        "text.voiceId": "sandbox",
        "text.script": "It was the best of times, it was the worst of times.",
    },
}


def set_up(*, team: Any, user: Any) -> bool:
    """Add what is missing. False: something cannot be added yet, as the version of a clip."""
    source = add_source(team=team, user=user)
    for provider in KEYS:
        order_at(add_account(team, provider), source, user)
    return Job.objects.of(team).filter(account__name=NAME).count() == len(KEYS)


@transaction.atomic
def add_source(*, team: Any, user: Any) -> Source:
    """The sample recording, as if it had come from a page; the local engine is given it too."""
    here = Source.objects.of(team).filter(origin_url=PAGE).first()
    if here:
        return here
    source = Source.objects.create(
        team=team,
        added_by=user,
        title=SAMPLE_TITLE,
        origin=Source.Origin.URL,
        origin_url=PAGE,
        state=Source.State.FETCHING,
        size=SAMPLE.stat().st_size,
        next_action_at=timezone.now(),
    )
    folder = source_folder(source)
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(SAMPLE, folder / "recording.mp4")
    request_clips(source, user=user, options=SAMPLE_OPTIONS)
    return source


def add_account(team: Any, provider: str) -> Account:
    account = Account.objects.of(team).filter(provider=provider, name=NAME).first()
    account = account or Account(team=team, provider=provider, name=NAME)
    address = f"http://127.0.0.1:{settings.SANDBOX_PORT}/{provider}"
    if account.base_url != address:
        account.base_url = address
        account.keep_key(KEYS[provider])
        if account.adapter.has_webhooks:
            account.keep_webhook_secret(f"whsec_{KEYS[provider]}")
        account.save()
    return account


@transaction.atomic
def order_at(account: Account, source: Source, user: Any) -> None:
    """What makes versions needs a clip, which comes of the others' jobs."""
    clip = None
    if account.adapter.makes == "version":
        clip = Clip.objects.filter(team=account.team, source=source).exclude(file="").first()
        if clip is None:
            return
    if not account.jobs.exists():
        place(account, source, clip, OPTIONS[account.provider], user=user)
