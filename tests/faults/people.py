"""Who else is about while the workers work: people, other workers, and what providers send."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Q

from clipboard.clips import marks, webhook
from clipboard.clips.models import Clip, Job
from clipboard.clips.remove import remove_job
from clipboard.review.models import Favourite
from clipboard.sandbox import sync_webhook
from clipboard.sandbox.vendor import Ask
from tests.faults.vendors import file_name

if TYPE_CHECKING:
    from tests.faults.schedule import Schedule


def like(schedule: Schedule) -> str:
    """Somebody makes a clip their favourite, or takes that back."""
    clips = Clip.objects.filter(job__in=schedule.jobs(), superseded_at=None)
    rows = list(clips.select_related("download").order_by("pk"))
    if not rows:
        return ""
    clip, user = schedule.rng.choice(rows), schedule.rng.choice(schedule.users)
    on = schedule.rng.random() < 0.85
    Favourite.objects.put(user=user, clip_id=clip.pk, on=on)
    marks.pass_on(clip)
    schedule.likes.pop((user.pk, clip.pk), None)
    if on:
        schedule.likes[user.pk, clip.pk] = seen(clip)
    return "favourite" if on else "favourite taken back"


def seen(clip: Clip) -> tuple[str, str]:
    """What a person sees in it: its words, and the provider's file that plays."""
    download = getattr(clip, "download", None)
    return clip.title, file_name(download.url) if download else ""


def cancel(schedule: Schedule) -> str:
    job = schedule.any_job(Q(state__in=Job.OPEN_STATES))
    if job is None or not job.cancel():
        return ""
    schedule.excused.add(job.pk)
    return "cancel"


def retry(schedule: Schedule) -> str:
    """Somebody orders again, and pays again."""
    job = schedule.any_job(Q(state__in=Job.ENDED_BADLY))
    if job is None:
        return ""
    schedule.seen_ids.add(job.remote_id)
    if not job.retry():
        return ""
    schedule.orders[job.pk].wanted += 1
    return "ordered again"


def remove(schedule: Schedule) -> str:
    job = schedule.any_job(Q())
    if job is None or len(schedule.orders) < 2:
        return ""
    schedule.seen_ids.add(job.remote_id)
    pk, gone = job.pk, set(job.clips.values_list("pk", flat=True))
    remove_job(job)
    schedule.excused.add(pk)
    schedule.likes = {key: what for key, what in schedule.likes.items() if key[1] not in gone}
    return "job removed"


def look_again(schedule: Schedule) -> str:
    job = schedule.any_job(~Q(remote_id=""))
    return "look again" if job and job.look_again() else ""


def switch_off(schedule: Schedule) -> str:
    schedule.account.switch(on=False)
    return "account switched off"


def switch_on(schedule: Schedule) -> str:
    if not schedule.past("SELECT 1 FROM clips_account WHERE is_disabled"):
        return ""
    schedule.account.switch(on=True)
    return "account switched on"


def other_worker(schedule: Schedule) -> str:
    """Another process looks for what is due, at the same moment."""
    mine, schedule.stage.pid = schedule.stage.pid, schedule.stage.pid + 1000
    try:
        schedule.work()
    finally:
        schedule.stage.pid = mine
    return "other worker"


def long_pause(schedule: Schedule) -> str:
    """This process stands still, as under SIGSTOP, while others go on."""
    for _ in range(schedule.rng.choice((1, 1, 3))):
        schedule.waits(schedule.rng.choice((35.0, 125.0, 310.0, 1000.0)))
        other_worker(schedule)
    return "long pause"


def message(schedule: Schedule) -> str:
    """sync.so sends word of a job: early, in time, late, twice; or somebody else does."""
    if schedule.trade.name != "sync" or not (made := schedule.world.all("generation")):
        return ""
    job = schedule.rng.choice(made)
    ask = Ask("POST", "", {}, {}, b"", "https://sandbox.example/sync", schedule.world,
              schedule.outputs)  # fmt: skip
    body = sync_webhook.message(ask, job)
    kind = schedule.rng.choice(("message", "message twice", "forged message", "old message"))
    secret = sync_webhook.secret_of("forger" if kind == "forged message" else schedule.world.key)
    moment = int(schedule.world.now) - (4000 if kind == "old message" else 0)
    headers = {"Sync-Signature": sync_webhook.signature(body, secret, moment)}
    for _ in range(2 if kind == "message twice" else 1):
        webhook.receive(schedule.account, body, headers)
    return kind


WEIGHTS: dict[Any, int] = {
    like: 8,
    cancel: 2,
    retry: 2,
    remove: 1,
    look_again: 2,
    switch_off: 1,
    switch_on: 2,
    other_worker: 6,
    long_pause: 4,
    message: 6,
}


def somebody(schedule: Schedule) -> None:
    """Whoever it is, does something."""
    who = schedule.rng.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
    if done := who(schedule):
        schedule.count(f"race: {done}")
