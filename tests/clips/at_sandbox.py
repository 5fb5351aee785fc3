"""What tests share that have our own jobs done at the sandbox: its fixtures and small steps."""

from __future__ import annotations

import httpx
from django.utils import timezone

from clipboard.clips import tasks
from clipboard.clips.models import Errand, Job, RemoteCopy
from tests import factories

REKA_KEY = "reka-0123456789"
SCALEREACH_KEY = "sr_live_0123456789"


def account_at(sandbox, team, provider="reka", key=REKA_KEY):
    return factories.make_account(
        team=team, provider=provider, key=key, base_url=sandbox.base_url(provider)
    )


def fault(sandbox, does, *, matches, provider="reka", key=REKA_KEY, times=1):
    asked = {"vendor": provider, "key": key, "matches": matches, "does": does, "times": times}
    answer = httpx.post(f"{sandbox.origin}/control/faults", json=asked)
    assert answer.json() == {"ok": True}


def due(*models):
    """Everything that waits for its time is due now."""
    for model in models or (Job, RemoteCopy, Errand):
        model.objects.exclude(next_action_at=None).update(next_action_at=timezone.now())


def go_on(*models):
    """One look of each kind of worker at what is due."""
    due(*models)
    tasks.speak_now()
    while tasks.look_now([RemoteCopy]):
        pass
    due(*models)
    tasks.speak_now()


def words(job):
    return list(job.events.order_by("id").values_list("words", flat=True))
