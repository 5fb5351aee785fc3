"""Taking away for good what people no longer want, with the files that only it names.

The rows go first, together. Files follow once that is committed; where a kill comes in between,
sweep_sources and sweep_clip_folders find them.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import QuerySet

from clipboard.clips.fetch import source_folder
from clipboard.clips.models import Clip, Job, Rendition, Source
from clipboard.media.models import Upload
from clipboard.media.uploads import remove_upload


@transaction.atomic
def remove_recordings(*, of: Any) -> None:
    """Everything of a team that has files, and what is on its way in."""
    for source in Source.objects.of(of).select_related("upload").defer("transcript", "waveform"):
        remove_source(source)
    for upload in Upload.objects.filter(team=of):
        remove_upload(upload)


@transaction.atomic
def remove_source(source: Source) -> None:
    """With its clips, jobs and files. Work that runs on it notices at its next look."""
    own = (source.file.name, source.proxy.name, source.poster.name, source.filmstrip.name)
    clips = Clip.objects.filter(source=source)
    names, folders = file_names(clips, own), [*clip_folders(clips), source_folder(source)]
    source.copies.filter(remote_id="", sent_at=None).delete()  # only meant, never sent
    upload = source.upload
    part = upload.path if upload else None
    source.delete()
    if upload:
        upload.delete()
    transaction.on_commit(lambda: remove_files(names, folders, part))


@transaction.atomic
def remove_job(job: Job) -> None:
    """With the clips that it found. What still works on it notices at its next look."""
    remove_clips(Clip.objects.filter(job=job))
    job.delete()


@transaction.atomic
def remove_clips(clips: QuerySet[Clip]) -> None:
    """With their renditions, links and favourites. A job that waits for one of them goes on."""
    names, folders = file_names(clips), clip_folders(clips)
    waited_for = Job.objects.open().filter(pk__in=set(clips.values_list("job", flat=True)))
    jobs = list(waited_for)
    clips.delete()
    for job in jobs:
        job.settle()
    transaction.on_commit(lambda: remove_files(names, folders))


def file_names(clips: QuerySet[Clip], others: Iterable[str | None] = ()) -> list[str]:
    """Every stored file that only these rows name."""
    own = clips.values_list("file", "poster", "filmstrip")
    renditions = Rendition.objects.filter(clip__in=clips).values_list("file")
    rows: list[Iterable[str | None]] = [*own, *renditions, others]
    return sorted({name for row in rows for name in row if name})


def clip_folders(clips: QuerySet[Clip]) -> list[Path]:
    return [Path(settings.MEDIA_ROOT) / clip.folder for clip in clips.only("pk")]


def remove_files(names: list[str], folders: list[Path], part: Path | None = None) -> None:
    if part:
        part.unlink(missing_ok=True)
    for name in names:
        default_storage.delete(name)
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)
