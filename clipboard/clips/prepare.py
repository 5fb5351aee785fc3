"""From a source's row to a recording that can be watched and cut.

Fetched, hashed, recognised if it is here already, probed, pictured, copied where browsers cannot
play it. Safe to run twice and to be killed anywhere: bytes are complete under their final name
before the row names them, and everything of a source lies in one folder named by its id.
"""

from __future__ import annotations

import shutil
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from clipboard import engine
from clipboard.clips.fetch import (
    NotNow,
    Refused,
    Watch,
    fetch,
    hash_file,
    put_in_place,
    source_folder,
    uploaded_part,
)
from clipboard.clips.models import MAX_ATTEMPTS, Job, Lease, Source
from clipboard.providers.download import DownloadStopped

RETRY_SECONDS = 10
SUFFIXES = {
    "video/mp4": ".mp4",
    "video/quicktime": ".mov",
    "video/webm": ".webm",
    "video/x-matroska": ".mkv",
    "video/x-msvideo": ".avi",
    "video/mp2t": ".ts",
    "video/mpeg": ".mpg",
    "video/x-flv": ".flv",
    "video/x-ms-asf": ".wmv",
    "video/ogg": ".ogv",
}


class AlreadyHere(Exception):
    """The team has this very content in another source."""


def prepare_source(source: Source, *, lease: Lease) -> None:
    """Bring a claimed source to its next resting state: ready, duplicate, failed, or due later."""
    try:
        prepare(source, Watch(source, lease))
        finish(source, lease)
    except (engine.Cancelled, DownloadStopped):
        forget_if_removed(source)
    except AlreadyHere:
        point_to_original(source, lease)
    except Refused as refusal:
        refuse(source, lease, str(refusal))
    except NotNow as trouble:
        try_later(source, lease, str(trouble), after=trouble.after)


def prepare(source: Source, watch: Watch) -> None:
    path, sha256 = fetch(source, watch)
    if not source.sha256:
        claim_content(source, watch, sha256 or hash_file(path, watch))
    try:
        watch.enter("probing")
        probe = engine.probe(path, should_stop=watch.should_stop)
        recording = keep(source, path, probe, watch)
        if not source.poster:
            picture(source, recording, probe, watch)
        if not probe.browser_playable and not source.proxy:
            copy_for_browsers(source, recording, probe, watch)
    except engine.MediaError as error:
        if error.may_pass:
            raise NotNow(error.sentence) from error
        raise Refused(error.sentence) from error


# --- Making something of them ---------------------------------------------------------------------


def claim_content(source: Source, watch: Watch, sha256: str) -> None:
    """One source a team for one content; the database's unique constraint decides a race."""
    try:
        with transaction.atomic():
            watch.write(sha256=sha256, state=Source.State.PREPARING)
    except IntegrityError as error:
        raise AlreadyHere from error


def keep(source: Source, path: Path, probe: engine.Probe, watch: Watch) -> Path:
    """Give the file its place and the row its facts."""
    suffix = SUFFIXES.get(probe.content_type, ".bin")
    recording = source_folder(source) / f"recording{suffix}"
    if path != recording:
        recording.parent.mkdir(parents=True, exist_ok=True)
        put_in_place(path, recording)
    facts = ("duration", "size", "width", "height", "rotation", "fps", "content_type")
    watch.write(
        file=stored_name(recording),
        video_codec=probe.video_codec or "",
        audio_codec=probe.audio_codec or "",
        **{name: getattr(probe, name) for name in facts},
    )
    return recording


def picture(source: Source, recording: Path, probe: engine.Probe, watch: Watch) -> None:
    watch.enter("previews")
    folder = source_folder(source)
    made = engine.make_previews(recording, folder, probe, should_stop=watch.should_stop)
    watch.write(
        poster=stored_name(folder / made.poster),
        filmstrip=stored_name(folder / made.filmstrip),
        strip=asdict(made.strip),
        waveform=made.waveform,
    )


def copy_for_browsers(source: Source, recording: Path, probe: engine.Probe, watch: Watch) -> None:
    watch.enter("proxy")
    proxy = source_folder(source) / "proxy.mp4"
    if not proxy.exists():
        engine.make_proxy(
            recording, proxy, probe, on_progress=watch.progress, should_stop=watch.should_stop
        )
    watch.write(proxy=stored_name(proxy))


def stored_name(path: Path) -> str:
    return path.relative_to(settings.MEDIA_ROOT).as_posix()


# --- How it ends ----------------------------------------------------------------------------------


@transaction.atomic
def finish(source: Source, lease: Lease) -> None:
    state = Source.State.READY
    if lease.finish(state=state, stage="", progress=1, error="", attempts=0):
        waiting = source.jobs.filter(state=Job.State.QUEUED, next_action_at=None)
        waiting.update(next_action_at=timezone.now())


def point_to_original(source: Source, lease: Lease) -> None:
    """`source.sha256` holds what the row could not."""
    alike = Source.objects.of(source.team).filter(sha256=source.sha256).exclude(pk=source.pk)
    original = alike.filter(state__in=[Source.State.PREPARING, Source.State.READY]).first()
    if original is None:  # removed a moment ago
        source.sha256 = ""
        return try_later(source, lease, VANISHED, after=0)
    outcome = {"state": Source.State.DUPLICATE, "duplicate_of": original, "error": ""}
    return let_go(source, lease, outcome, jobs={"state": Job.State.CANCELLED})


def refuse(source: Source, lease: Lease, sentence: str) -> None:
    outcome = {"state": Source.State.FAILED, "error": sentence[:400]}
    let_go(source, lease, outcome, jobs=outcome)


def let_go(source: Source, lease: Lease, outcome: dict[str, Any], *, jobs: dict[str, Any]) -> None:
    """An end at which nothing of the recording is kept."""
    part = uploaded_part(source)
    nothing: dict[str, Any] = {
        "upload": None,
        "file": "",
        "proxy": "",
        "poster": "",
        "filmstrip": "",
    }
    with transaction.atomic():
        if not lease.finish(stage="", progress=1, **nothing, **outcome):
            return
        end_jobs(source, **jobs)
    forget_files(source, part)


def end_jobs(source: Source, **outcome: Any) -> None:
    waiting = source.jobs.filter(state=Job.State.QUEUED, next_action_at=None)
    waiting.update(finished_at=timezone.now(), **outcome)


def try_later(source: Source, lease: Lease, sentence: str, *, after: float | None = None) -> None:
    if source.attempts >= MAX_ATTEMPTS:
        source.fail(sentence, lease=lease)
        return
    wait = RETRY_SECONDS * 3 ** max(0, source.attempts - 1) if after is None else after
    due = timezone.now() + timedelta(seconds=min(wait, 3600))
    lease.finish(next_action_at=due, stage="waiting", error=sentence[:400])


def forget_if_removed(source: Source) -> None:
    if not Source.objects.filter(pk=source.pk).exists():
        forget_files(source, uploaded_part(source))


def forget_files(source: Source, part: Path | None) -> None:
    shutil.rmtree(source_folder(source), ignore_errors=True)
    if part:
        part.unlink(missing_ok=True)


VANISHED = "The recording that this one equals was just removed; trying again."
