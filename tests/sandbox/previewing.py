"""Clips that lie at a provider: ordered, found and listed, their files not fetched yet."""

from __future__ import annotations

from django.utils import timezone

from clipboard.clips import tasks
from clipboard.clips.models import Job
from tests import factories, recordings

PAGE = "https://www.youtube.com/watch?v=wVXAFlueS9Y"
KEY = "sr_live_0123456789"
MANY = 1000


def make_order(team, sandbox, *, provider="scalereach", key=KEY, options=None, **fields):
    """A job that is due to be sent, on a recording that is here and at a public page."""
    account = factories.make_account(
        team=team, provider=provider, key=key, base_url=sandbox.base_url(provider)
    )
    source = factories.make_source(
        team=team,
        origin="url",
        origin_url=PAGE,
        file=factories.make_file("sources/a.mp4"),
        **fields,
    )
    return factories.make_remote_job(
        account=account,
        source=source,
        state=Job.State.QUEUED,
        remote_id="",
        sent_at=None,
        options=options or {"config.clipType": "viral-clips"},
    )


def clips_there(order, clock):
    """Its clips, once the provider has found them."""
    tasks.speak_now()
    clock.skip(60)
    Job.objects.update(next_action_at=timezone.now())
    tasks.speak_now()
    return list(order.clips.order_by("pk"))


def put_there(sandbox, clip, content):
    """What the provider has of that clip, in place of a render that takes seconds."""
    name = clip.download.url.partition("?")[0].rpartition("/")[2]
    (sandbox.outputs.folder / name).write_bytes(content)


def refreshes(sandbox, *, does=None):
    """A function that tells how often ScaleReach was asked for its list of clips since."""
    world = sandbox.world("scalereach", KEY)
    world.clear_faults()
    world.add_fault(matches="GET /api/videos/", does=does or {}, times=MANY)
    left = "SELECT times_left FROM faults WHERE vendor = 'scalereach'"
    return lambda: MANY - world.memory.run(left)[0][0]


def make_recording(file, *, seconds, size="320x180"):
    """Too large to be loaded at once, and no second of it looks like another."""
    filled = [
        "-x264-params", "nal-hrd=cbr", "-g", "25",
        "-b:v", "4M", "-minrate", "4M", "-maxrate", "4M", "-bufsize", "2M",
    ]  # fmt: skip
    return recordings.make(file, seconds=seconds, size=size, codecs=filled + recordings.BROWSERS)
