"""What tests share that have our own jobs done at the sandbox: its fixtures and small steps."""

from __future__ import annotations

from django.urls import reverse
from django.utils import timezone

from clipboard.clips import tasks
from clipboard.clips.models import Download, Errand, Job, RemoteCopy
from tests import factories

REKA_KEY = "reka-0123456789"
SCALEREACH_KEY = "sr_live_0123456789"
PAGE = "https://www.youtube.com/watch?v=wVXAFlueS9Y"


def account_at(sandbox, team, provider="reka", key=REKA_KEY):
    return factories.make_account(
        team=team, provider=provider, key=key, base_url=sandbox.base_url(provider)
    )


def fault(sandbox, does, *, matches, provider="reka", key=REKA_KEY, times=1):
    sandbox.world(provider, key).add_fault(matches=matches, does=does, times=times)


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


def make_talk(team, sample):
    name = factories.make_file("sources/talk.mp4", sample.read_bytes())
    return factories.make_source(team=team, title="Team talk", file=name, sha256="a" * 64)


def make_video(team):
    """A recording as ScaleReach takes it."""
    return factories.make_source(team=team, origin="url", origin_url=PAGE)


def make_order(account, source, **fields):
    """Ordered, and not sent yet."""
    return factories.make_remote_job(
        account=account,
        source=source,
        state=Job.State.QUEUED,
        remote_id="",
        sent_at=None,
        options={"prompt": "the sea"} if account.provider == "reka" else {},
        **fields,
    )


def running(account, source):
    job = make_order(account, source)
    go_on()
    job.refresh_from_db()
    assert job.state == "running"
    return job


def finished(job, clock):
    """Its files are taken for fetched."""
    clock.skip(30)
    due()
    tasks.speak_now()
    job.refresh_from_db()
    assert job.state == "succeeded"
    Download.objects.update(state="ready", next_action_at=None)
    return job


def in_store(sandbox):
    """What lies in Reka's store, how often something was brought there, and how many jobs."""
    billed = [row["what"] for row in sandbox.memory.ledger()]
    videos = sandbox.world("reka", REKA_KEY).all("video")
    return len(videos), billed.count("upload"), billed.count("clips")


class Killed(BaseException):
    """As by kill -9: nobody catches it, nothing more is written."""


def delete(client, row, fields, **headers):
    """Answer the page that asks where."""
    name = f"{row._meta.model_name}_delete"
    return client.post(reverse(name, args=[row.pk]), fields, **headers)
