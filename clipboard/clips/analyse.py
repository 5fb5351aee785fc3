"""From a job to its clips: the engine finds them, rows appear as soon as they are known.

Safe to run twice and to be killed anywhere: a clip is known by its place in the source, so that
a second run meets the rows of the first.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from clipboard import engine
from clipboard.clips.models import ANALYSIS, RENDERING, Clip, Job, Lease, Rendition, Source
from clipboard.media.files import put_in_place, scratch

logger = logging.getLogger(__name__)

WRITE_SECONDS = 0.5
STILL_WIDTH = 480  # pixels: sharp in the grid on fine screens
SAME_MOMENT = 0.5  # of the shorter clip

OPTIONS = {field.name for field in fields(engine.Options)}
DESCRIBED = ["score", "title", "reason", "transcript", "words", "hashtags", "evidence", "crop"]


def analyse_job(job: Job, *, lease: Lease) -> None:
    """Find the clips of a claimed job and order their previews; later, see whether they are made.

    Raises MediaError and Cancelled.
    """
    if job.stage == RENDERING:
        return wait_for_previews(job, lease)
    recording = Path(job.source.file.path)
    begin(job, lease)

    def on_found(found: engine.Findings) -> None:
        publish(job, found, lease)

    with scratch() as folder:
        findings = engine.find_clips(
            recording,
            options_of(job),
            work_dir=folder,
            on_progress=progress_to(lease),
            on_found=on_found,
            should_stop=lease.should_stop,
        )
        clips = publish(job, findings, lease)
        keep_transcript(job.source, findings)
        make_stills(recording, clips, findings, folder, lease)
    order_previews(job, clips, lease)


def begin(job: Job, lease: Lease) -> None:
    write(lease, state=Job.State.RUNNING, started_at=job.started_at or timezone.now(), error="")


def write(lease: Lease, **values: Any) -> None:
    if not lease.write(**values):
        raise engine.Cancelled


def options_of(job: Job) -> engine.Options:
    chosen = {name: value for name, value in job.options.items() if name in OPTIONS}
    return engine.Options(**chosen, model_dir=settings.SPEECH_MODEL_DIR or None)


def progress_to(lease: Lease) -> Callable[[str, float], None]:
    """Writes the stage and its fraction on the job, not more often than anyone can see."""
    written_at, reached = 0.0, lease.row.progress

    def on_progress(stage: str, fraction: float) -> None:
        nonlocal written_at, reached
        if stage == lease.row.stage and time.monotonic() - written_at < WRITE_SECONDS:
            return
        written_at, reached = time.monotonic(), max(reached, fraction * ANALYSIS)
        write(lease, stage=stage, progress=round(reached, 3))

    return on_progress


@transaction.atomic
def publish(job: Job, findings: engine.Findings, lease: Lease) -> list[Clip]:
    """List what was found, best first. What people have taken up from an earlier run stays."""
    write(lease, found_at=job.found_at or timezone.now(), summary=summary(findings))
    rows = {remote_id(found): row(job, found) for found in findings.clips}
    others = job.clips.exclude(remote_id__in=rows)
    others.untouched().delete()
    kept = list(others)
    new = [clip for key, clip in rows.items() if not any(same_moment(clip, one) for one in kept)]
    Clip.objects.bulk_create(
        new, update_conflicts=True, unique_fields=["job", "remote_id"], update_fields=DESCRIBED
    )
    stored = {clip.remote_id: clip for clip in job.clips.select_related("source", "job")}
    return [stored[clip.remote_id] for clip in new]


def remote_id(found: engine.Candidate) -> str:
    return f"{round(found.start * 1000)}-{round(found.end * 1000)}"


def row(job: Job, found: engine.Candidate) -> Clip:
    return Clip(
        team_id=job.team_id,
        source_id=job.source_id,
        job=job,
        provider=job.provider,
        remote_id=remote_id(found),
        score=found.score,
        raw_score=f"{found.score:.1f}",
        start=found.start,
        end=found.end,
        duration=round(found.end - found.start, 3),
        aspect=job.options.get("aspect", engine.Options.aspect),
        title=(found.title or "")[:255],
        reason=found.reason[:500],
        transcript=found.transcript,
        words=found.words,
        hashtags=found.hashtags,
        evidence=[asdict(part) for part in found.evidence],
        crop=found.crop,
    )


def same_moment(one: Clip, other: Clip) -> bool:
    if None in (one.start, one.end, other.start, other.end):
        return False
    common = min(one.end, other.end) - max(one.start, other.start)  # type: ignore[type-var, operator]
    return common > SAME_MOMENT * min(one.duration or 0, other.duration or 0)


def summary(findings: engine.Findings) -> dict[str, Any]:
    return {
        "considered": findings.considered,
        "best_score": findings.best_score,
        "threshold": findings.threshold,
        "heard_speech": findings.heard_speech,
        "language": findings.language,
        "notes": findings.notes,
        "engine": findings.engine_version,
    }


def keep_transcript(source: Source, findings: engine.Findings) -> None:
    """A job may have heard a part only; the longest transcript is kept."""
    if len(findings.words) > len(source.transcript):
        Source.objects.filter(pk=source.pk).update(transcript=findings.words)


def make_stills(
    recording: Path, clips: Iterable[Clip], findings: engine.Findings, folder: Path, lease: Lease
) -> None:
    """A picture for each clip until its preview brings a better one. None is a pity, no failure."""
    found = {remote_id(one): one for one in findings.clips}
    for clip in clips:
        if lease.should_stop():
            raise engine.Cancelled
        if clip.poster:
            continue
        picture = folder / "still.webp"
        try:
            engine.still(
                recording,
                found[clip.remote_id].poster_at,
                picture,
                aspect=clip.aspect,
                x=centre(clip, found[clip.remote_id].poster_at),
                width=STILL_WIDTH,
                codec=clip.source.video_codec,
                fps=clip.source.fps,
            )
        except engine.MediaError as error:
            logger.warning("No picture for clip %s: %s", clip.pk, error)
            continue
        name = put_in_place(picture, f"{clip.folder}/still.webp")
        Clip.objects.filter(pk=clip.pk, poster="").update(poster=name)


def centre(clip: Clip, at: float) -> float:
    """Where the crop is centred `at` so many seconds into the source."""
    passed = [x for time_, x in clip.crop if time_ <= at - (clip.start or 0)]
    return passed[-1] if passed else 0.5


@transaction.atomic
def order_previews(job: Job, clips: Iterable[Clip], lease: Lease) -> None:
    again = timezone.now()
    ours = lease.finish(next_action_at=again, stage=RENDERING, progress=ANALYSIS, attempts=0)
    if not ours:
        raise engine.Cancelled
    for clip in clips:
        Rendition.objects.order_preview(clip)
    job.settle()


@transaction.atomic
def wait_for_previews(job: Job, lease: Lease) -> None:
    """Usually the last preview ends its job; this is for when it could not, being deleted say."""
    if lease.finish(next_action_at=timezone.now(), attempts=0):
        job.settle()
