"""Keeping favourites in step with a provider that has a mark of its own for each clip.

Ours are many, one a person; theirs is one. It is to be on as long as anybody of the team holds the
clip as a favourite. The last change wins:
- a change here is passed on, and wins over whatever is said there until it is;
- a mark that is set or taken back there is shown here as the provider's own. It is nobody's
  favourite, and takes nobody's away: what people decided is never undone from outside. The next
  change here goes there again.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from django.utils import timezone

from clipboard.clips.models import Clip, Errand, Job, Lease, ask_for, note
from clipboard.providers.errors import ProviderError
from clipboard.providers.model import RemoteClip
from clipboard.providers.port import Steps
from clipboard.providers.registry import PROVIDERS

FIRST_LOOK, SLOWEST_LOOK = 300.0, 86_400.0  # seconds between looks at what was marked there
LOOKED_FOR = timedelta(days=30)
IN_FLIGHT = 30.0  # seconds after which a toggle without an answer has surely been carried out


def pass_on(clip: Clip) -> bool:
    """Have the provider's mark follow ours; one write. False: it has no such mark."""
    adapter, job = PROVIDERS.get(clip.provider), clip.job
    if not (adapter and adapter.can_favourite and job.account and job.remote_id):
        return False
    kind, about = Errand.Kind.FAVOURITE, {"clip": clip, "job": job, "title": clip.title}
    ask_for(job.account, kind, job.remote_id, remote_clip_id=clip.remote_id, **about)
    return True


def push_mark(errand: Errand, lease: Lease, ask: Callable[[Steps[None]], None]) -> None:
    """What is wanted is read when it is said: of many clicks the last one counts."""
    clip, adapter = errand.clip, errand.account.adapter
    if clip is None:
        return forget(errand, lease)
    counted = Clip.objects.filter(pk=clip.pk).values_list("favourite_count", flat=True)
    is_on = bool(counted.first())
    try:
        ask(adapter.favourite(errand.remote_id, errand.remote_clip_id, on=is_on))
    except ProviderError as error:
        if error.kind == "missing":
            Clip.objects.filter(pk=clip.pk).update(is_favourite_there=None)
            return forget(errand, lease)
        if error.kind == "network" and error.retry_after is None:
            error.retry_after = IN_FLIGHT  # a look before that could still see the old mark
        raise
    Clip.objects.filter(pk=clip.pk).update(is_favourite_there=is_on)
    forget(errand, lease)


def forget(errand: Errand, lease: Lease) -> None:
    """In step: nothing is left to say, unless somebody clicked meanwhile."""
    mine = lease.rows.filter(pk=errand.pk, lease_owner=lease.owner)
    if not mine.filter(asked_at=errand.asked_at).delete()[0]:
        lease.finish(attempts=0, next_action_at=timezone.now())


# --- What is marked there -------------------------------------------------------------------------


def look_at_marks(
    errand: Errand,
    lease: Lease,
    ask: Callable[[Steps[tuple[RemoteClip, ...]]], tuple[RemoteClip, ...]],
) -> None:
    job = errand.job
    if job is None or job.state != Job.State.SUCCEEDED or job.remote_id != errand.remote_id:
        return forget(errand, lease)
    before = dict(job.clips.values_list("remote_id", "is_favourite_there"))
    follow_marks(job, before, ask(errand.account.adapter.clips(errand.remote_id)))
    if age_of(job) > LOOKED_FOR:
        return forget(errand, lease)
    due = timezone.now() + timedelta(seconds=look_interval(job))
    lease.finish(error="", attempts=0, next_action_at=due)


def look_interval(job: Job | None) -> float:
    """Seconds until the next look."""
    age = age_of(job).total_seconds() if job else 0
    return min(SLOWEST_LOOK, max(FIRST_LOOK, age / 10))


def age_of(job: Job) -> timedelta:
    return timezone.now() - (job.finished_at or timezone.now())


def follow_marks(job: Job, before: dict[str, bool | None], told: tuple[RemoteClip, ...]) -> None:
    """Take over what was changed there, but where a change of ours is still to be passed on, or was
    while they answered."""
    ours = Errand.objects.filter(kind=Errand.Kind.FAVOURITE, state=Errand.State.WAITING, job=job)
    clips = job.clips.exclude(pk__in=ours.values("clip"))
    title = job.get_provider_display_name()
    for clip in told:
        was, is_on = before.get(clip.remote_id), clip.is_favourite
        if is_on is None or is_on == was or clip.remote_id not in before:
            continue
        same = clips.filter(remote_id=clip.remote_id, is_favourite_there=was)
        if same.update(is_favourite_there=is_on) and bool(was) != is_on:
            verb = "marked as a favourite" if is_on else "no longer a favourite"
            note(job, "status", f"“{clip.title or clip.remote_id}” is {verb} at {title}.")
