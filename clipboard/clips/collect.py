"""Bringing in what a provider says of its clips: an upsert by their identity there, safe to repeat.

The list may grow, shrink, be reordered or come twice. What people have attached to a clip stays
with that clip: one that the provider lists no longer is marked as superseded if anyone has
touched it, and forgotten if nobody has.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from clipboard.clips.models import Clip, Download, Job, note, order_downloads
from clipboard.lib.wording import plural
from clipboard.providers.model import RemoteClip, RemoteFile

RATIO = re.compile(r"[1-9]\d?:[1-9]\d?", re.ASCII)
TOLD = [
    "title",
    "reason",
    "caption",
    "transcript",
    "hashtags",
    "score",
    "raw_score",
    "score_scale",
    "ranges",
    "start",
    "end",
    "duration",
    "aspect",
    "is_favourite_there",
    "extra",
    "superseded_at",
]
LOOKED_AT = ("job", "remote_id", "file", "duration", "aspect")


@transaction.atomic
def collect(job: Job, clips: Sequence[RemoteClip]) -> None:
    """Make the job's clips what the provider lists now."""
    told = {clip.remote_id[:255]: clip for clip in clips if clip.remote_id}
    known = {clip.remote_id: clip for clip in job.clips.only(*LOOKED_AT)}
    Clip.objects.bulk_create(
        [as_measured(row_of(job, clip), known.get(name)) for name, clip in told.items()],
        update_conflicts=True,
        unique_fields=["job", "remote_id"],
        update_fields=TOLD,
    )
    pks = dict(job.clips.values_list("remote_id", "pk"))
    follow({pks[remote_id]: clip for remote_id, clip in told.items()})
    if known.keys() - told.keys():
        retire(job, told)
    if new := len(told.keys() - known.keys()):
        note(job, "clips", f"{plural(new, 'new clip')} listed.")


def row_of(job: Job, clip: RemoteClip) -> Clip:
    start, end = (clip.ranges[0][0], clip.ranges[-1][1]) if clip.ranges else (None, None)
    return Clip(
        team_id=job.team_id,
        source_id=job.source_id,
        job=job,
        provider=job.provider,
        version_of_id=job.clip_id,
        remote_id=clip.remote_id[:255],
        status=Clip.Status.DETECTED if clip.state == "detected" else Clip.Status.GENERATING,
        score=clip.score,
        raw_score=clip.raw_score[:40],
        score_scale=clip.scale[:12],
        start=start,
        end=end,
        ranges=[list(one) for one in clip.ranges] if len(clip.ranges) > 1 else [],
        duration=length_of(clip),
        aspect=clip.aspect if RATIO.fullmatch(clip.aspect) else job.options.get("aspect", "9:16"),
        title=clip.title[:255],
        reason=clip.reason[:500],
        caption=clip.caption,
        transcript=clip.transcript,
        hashtags=list(clip.hashtags),
        is_favourite_there=clip.is_favourite,
        extra=clip.extra,
    )


def as_measured(row: Clip, here: Clip | None) -> Clip:
    """What our own file is like is known better here than there."""
    if here and here.file:
        row.duration, row.aspect = here.duration, here.aspect
    return row


def length_of(clip: RemoteClip) -> float | None:
    if clip.duration is not None or not clip.ranges:
        return clip.duration
    return round(sum(end - start for start, end in clip.ranges), 3)


def follow(told: Mapping[int, RemoteClip]) -> None:
    """The clips' own progress there. What we have fetched is ours, whatever is said later."""
    rows = Clip.objects.exclude(status=Clip.Status.COMPLETED)
    if coming := [file_of(pk, file) for pk, clip in told.items() if (file := clip.file)]:
        order_downloads(coming)
        rows.filter(pk__in=[row.clip_id for row in coming]).update(
            status=Clip.Status.GENERATING, error=""
        )
    for pk, clip in told.items():
        if clip.state == "failed" and not clip.file:
            words = clip.failure.message if clip.failure and clip.failure.message else NOT_MADE
            rows.filter(pk=pk).update(status=Clip.Status.FAILED, error=words[:400])
    if made := [pk for pk, clip in told.items() if clip.state == "generating" and not clip.file]:
        rows.filter(pk__in=made, status=Clip.Status.DETECTED).update(status=Clip.Status.GENERATING)


def file_of(pk: int, file: RemoteFile) -> Download:
    return Download(clip_id=pk, url=file.url, expires_at=file.expires_at)


def retire(job: Job, told: dict[str, Any]) -> None:
    gone = job.clips.exclude(remote_id__in=told).filter(superseded_at=None)
    gone.untouched().filter(Q(file="")).delete()
    gone.update(superseded_at=timezone.now())


NOT_MADE = "The provider could not make this clip, and does not say why."
