"""From a clip's row to a file: made aside, put in place whole, then written down at once."""

from __future__ import annotations

import random
import shutil
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from clipboard import engine
from clipboard.clips.models import Clip, Lease, Rendition, Source
from clipboard.media.files import put_in_place, scratch

WRITE_SECONDS = 0.5


def rendition_for(clip: Clip, *, aspect: str, height: int, captions: bool) -> Rendition:
    """The rendition of that shape and height (pixels), ordered now if there is none.

    Call `tasks.look_later()` afterwards, so that it is made at once.
    """
    return Rendition.objects.order(clip, aspect=aspect, height=height, captions=captions)


def render_rendition(rendition: Rendition, *, lease: Lease) -> None:
    """Make a claimed rendition's file. Raises MediaError and Cancelled."""
    clip = rendition.clip
    if clip.start is None or clip.end is None or not clip.source.file:
        raise engine.MediaError("no_range", NO_RANGE)
    begin(rendition, lease)
    with scratch() as folder:
        rendered = engine.render(
            Path(clip.source.file.path),
            folder,
            spec_of(rendition),
            on_progress=progress_to(lease),
            should_stop=lease.should_stop,
        )
        finish(rendition, folder, rendered, lease)


def begin(rendition: Rendition, lease: Lease) -> None:
    if not lease.write(state=Rendition.State.RENDERING, error=""):
        raise engine.Cancelled
    if rendition.is_preview:
        waiting = Clip.objects.filter(pk=rendition.clip_id).exclude(status=Clip.Status.COMPLETED)
        waiting.update(status=Clip.Status.GENERATING, error="")


def spec_of(rendition: Rendition) -> engine.RenderSpec:
    clip = rendition.clip
    return engine.RenderSpec(
        start=clip.start or 0.0,
        end=clip.end or 0.0,
        aspect=rendition.aspect,
        height=rendition.height,
        crop=clip.crop,
        words=clip.words,
        burn_captions=rendition.captions,
        facts=facts_of(clip.source),
    )


def facts_of(source: Source) -> engine.Facts | None:
    if not (source.width and source.height):
        return None
    sound = bool(source.audio_codec)
    return engine.Facts(source.width, source.height, source.fps, sound, source.video_codec)


def progress_to(lease: Lease) -> Callable[[float], None]:
    written_at = 0.0

    def on_progress(fraction: float) -> None:
        nonlocal written_at
        if time.monotonic() - written_at > WRITE_SECONDS:
            written_at = time.monotonic()
            lease.write(progress=round(fraction, 3))

    return on_progress


def finish(rendition: Rendition, folder: Path, rendered: engine.Rendered, lease: Lease) -> None:
    clip = rendition.clip
    name = put_in_place(folder / rendered.file, f"{clip.folder}/{file_name(rendition)}")
    pictures = {}
    if rendition.is_preview:
        # A still taken at the best moment, if there is one, is the better poster.
        for field in ("filmstrip",) if clip.poster else ("filmstrip", "poster"):
            picture = getattr(rendered, field)
            pictures[field] = put_in_place(folder / picture, f"{clip.folder}/{picture}")
    with transaction.atomic():
        ours = lease.finish(
            state=Rendition.State.READY,
            progress=1,
            file=name,
            size=rendered.size,
            finished_at=timezone.now(),
        )
        if not ours:
            raise engine.Cancelled
        if rendition.is_preview:
            complete(clip, name, rendered, pictures)


def complete(clip: Clip, name: str, rendered: engine.Rendered, pictures: dict[str, str]) -> None:
    Clip.objects.filter(pk=clip.pk).update(
        status=Clip.Status.COMPLETED,
        error="",
        file=name,
        strip=asdict(rendered.strip),
        **pictures,
    )
    clip.job.settle()


def file_name(rendition: Rendition) -> str:
    """The same for every try, so that a second one replaces what a killed one left."""
    captions = "-captions" if rendition.captions else ""
    return f"{rendition.aspect.replace(':', 'x')}-{rendition.height}{captions}.mp4"


def sweep_clip_folders(*, seconds: float = 3) -> int:
    """Remove the files of clips that are gone; returns how many folders.

    Looks about so many seconds, at groups of folders in random order: in time it comes by them all.
    """
    groups = list((Path(settings.MEDIA_ROOT) / "clips").glob("*"))
    random.shuffle(groups)
    end = time.monotonic() + seconds
    return sum(sweep_group(group) for group in groups if time.monotonic() < end)


def sweep_group(group: Path) -> int:
    folders = {int(folder.name): folder for folder in group.glob("*") if folder.name.isdigit()}
    gone = folders.keys() - set(Clip.objects.filter(pk__in=folders).values_list("pk", flat=True))
    for pk in gone:
        shutil.rmtree(folders[pk], ignore_errors=True)
    return len(gone)


NO_RANGE = "This clip has no place in a recording of yours, so it cannot be rendered again."
