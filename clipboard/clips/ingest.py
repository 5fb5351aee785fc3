"""Ways in for a recording: each makes a row that is due; prepare.py does the rest."""

from __future__ import annotations

import shutil
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from clipboard.clips.models import NO_USE, UNUSABLE, Job, Source
from clipboard.clips.options import read_options
from clipboard.media.models import Upload
from clipboard.media.uploads import remove_upload
from clipboard.providers.download import suggested_name

SAMPLE = Path(__file__).parent / "sample" / "two-cities.mp4"
SAMPLE_TITLE = "Sample: A tale of two cities"
SAMPLE_OPTIONS = {"min_duration": 7, "max_duration": 16}  # it lasts a minute; show several clips


@transaction.atomic
def add_upload(upload: Upload, *, make_clips: bool = True) -> Source:
    """The source of a finished upload; the same one however often it is asked for."""
    now = timezone.now()
    if not Upload.objects.filter(pk=upload.pk, taken_at=None).update(taken_at=now):
        return Source.objects.get(upload=upload)
    return add(
        make_clips=make_clips,
        options=read_options(dict(parse_qsl(upload.metadata.get("options", "")[:2000]))),
        team=upload.team,
        added_by=upload.user,
        title=title_of(upload.file_name),
        origin=Source.Origin.UPLOAD,
        upload=upload,
        size=upload.size,
    )


def take_finished_uploads() -> int:
    """Uploads that are whole and not a source yet; returns how many."""
    waiting = Upload.objects.filter(taken_at=None, finished_at__isnull=False)
    return len([add_upload(upload) for upload in waiting])


def add_url(
    url: str,
    *,
    team: Any,
    user: Any = None,
    options: dict[str, Any] | None = None,
    provider: str = "local",
    make_clips: bool = True,
) -> Source:
    """`url` is http or https; whether it may be asked is decided when it is fetched."""
    parts = urlsplit(url)
    name = suggested_name("", unquote(parts.path))
    return add(
        make_clips=make_clips,
        options=options,
        provider=provider,
        team=team,
        added_by=user,
        title=title_of(name, otherwise=parts.hostname or "Video"),
        origin=Source.Origin.URL,
        origin_url=url,
        state=Source.State.FETCHING,
    )


def add_path(
    path: Path,
    *,
    team: Any,
    user: Any = None,
    options: dict[str, Any] | None = None,
    provider: str = "local",
    make_clips: bool = True,
) -> Source:
    """A file of this machine, which is copied. Only for those who have a shell on it."""
    return add(
        make_clips=make_clips,
        options=options,
        provider=provider,
        team=team,
        added_by=user,
        title=title_of(path.name),
        origin=Source.Origin.PATH,
        origin_url=path.resolve().as_uri(),
        state=Source.State.FETCHING,
        size=path.stat().st_size,
    )


def add_sample(*, team: Any, user: Any = None) -> Source:
    """The recording that comes with the project, once a team."""
    here = Source.objects.of(team).filter(origin=Source.Origin.SAMPLE)
    source = here.exclude(state__in=[Source.State.FAILED, Source.State.DUPLICATE]).first()
    return source or add(
        team=team,
        added_by=user,
        title=SAMPLE_TITLE,
        origin=Source.Origin.SAMPLE,
        origin_url=SAMPLE.resolve().as_uri(),
        state=Source.State.FETCHING,
        size=SAMPLE.stat().st_size,
        options=SAMPLE_OPTIONS,
    )


@transaction.atomic
def add(
    *,
    make_clips: bool = True,
    options: dict[str, Any] | None = None,
    provider: str = "local",
    **fields: Any,
) -> Source:
    source = Source.objects.create(next_action_at=timezone.now(), **fields)
    if make_clips:
        request_clips(source, user=source.added_by, options=options, provider=provider)
    return source


@transaction.atomic
def request_clips(
    source: Source,
    *,
    user: Any,
    options: dict[str, Any] | None = None,
    provider: str = "local",
    **more: Any,
) -> Job:
    """A job that is due at once where the source is ready, else when it becomes so; one that has
    failed already where the source was found to be no use since the page was read."""
    now, state = timezone.now(), source.state_held()
    if state in UNUSABLE:
        more |= {"state": Job.State.FAILED, "error": NO_USE, "finished_at": now}
    return Job.objects.create(
        team_id=source.team_id,
        source=source,
        provider=provider,
        options=options or {},
        created_by=user,
        next_action_at=now if state == Source.State.READY else None,
        **more,
    )


@transaction.atomic
def retry_source(source: Source) -> bool:
    """Once more from the start. False if it has not failed."""
    fetched = source.origin == Source.Origin.UPLOAD
    state = Source.State.PREPARING if fetched else Source.State.FETCHING
    failed = Source.objects.filter(pk=source.pk, state=Source.State.FAILED)
    if not failed.update(
        state=state,
        next_action_at=timezone.now(),
        attempts=0,
        stage="",
        progress=0,
        error="",
        sha256="",  # or a copy that came meanwhile would stand in the way
    ):
        return False
    waiting = source.jobs.filter(state=Job.State.FAILED, started_at=None)
    waiting.update(state=Job.State.QUEUED, error="", finished_at=None, attempts=0)
    return True


def sweep_sources(now: datetime) -> int:
    """Remove what no source needs, an hour after it was last touched; returns how many.

    A kill between a commit and the removal that follows it leaves such files behind.
    """
    long_ago = (now - timedelta(hours=1)).timestamp()
    root = Path(settings.MEDIA_ROOT) / "sources"
    old = [path for path in root.glob("*/*/*") if path.is_dir() and path.stat().st_mtime < long_ago]
    needed = Source.objects.filter(
        Q(state__in=[Source.State.FETCHING, Source.State.PREPARING])
        | ~Q(file="")
        | Q(upload__isnull=False)
    )
    kept = {str(pk) for pk in needed.values_list("pk", flat=True)} if old else set()
    lost = [path for path in old if path.name not in kept]
    for path in lost:
        shutil.rmtree(path, ignore_errors=True)
    orphans = Upload.objects.filter(taken_at__lt=now - timedelta(hours=1), source=None)
    for upload in orphans:
        remove_upload(upload)
    return len(lost) + len(orphans)


def title_of(file_name: str, *, otherwise: str = "Video") -> str:
    """
    >>> title_of("../Team talk.final.mp4"), title_of("", otherwise="example.org")
    ('Team talk.final', 'example.org')
    """
    name = suggested_name("", file_name)
    stem = name.rpartition(".")[0] or name
    return otherwise if name == "video" else stem[:255]
