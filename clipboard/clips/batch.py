"""Several recordings taken in together from a shell: how far they are and what came of them."""

from __future__ import annotations

import json
from typing import Any

from django.conf import settings
from django.db.models import F
from django.utils import timezone

from clipboard.clips.models import LONG, Clip, Job, Source
from clipboard.clips.progress import doing
from clipboard.lib.wording import percent, plural

# How much of the way from file to clips the preparing is, on a bar for both.
PREPARING = 0.2
REMOVED = (Source.State.FAILED, "It was removed meanwhile.", None)


class Entry:
    """One recording; where it was here already, the one that is."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.is_duplicate = False
        self.job: Job | None = None
        self.look()

    def look(self) -> None:
        source = Source.objects.defer(*LONG).filter(pk=self.source.pk).first()
        if source is None:
            self.source.state, self.source.error, self.job = REMOVED
            return
        self.source = source
        if self.source.state == Source.State.DUPLICATE and self.source.duplicate_of:
            self.is_duplicate, self.source = True, self.source.duplicate_of
        self.job = self.source.jobs.order_by("-created_at", "-pk").first()

    @property
    def is_open(self) -> bool:
        return self.source.is_busy or bool(self.job and self.job.is_open)

    @property
    def is_well(self) -> bool:
        return self.state == Job.State.SUCCEEDED

    @property
    def state(self) -> str:
        return self.job.state if self.job and not self.source.is_busy else self.source.state

    @property
    def error(self) -> str:
        return self.source.error or (self.job.error if self.job else "")

    @property
    def fraction(self) -> float:
        if self.source.is_busy:
            return self.source.progress * PREPARING
        if self.job and self.job.is_open:
            return PREPARING + (1 - PREPARING) * self.job.progress
        return 1

    def words(self) -> str:
        if self.source.is_busy:
            return self.source.stage or "waiting"
        return doing(self.job, now=timezone.now()).lower() if self.job else self.state

    def line(self) -> str:
        where = " (already here)" if self.is_duplicate else ""
        what = self.error or plural(self.source.clip_count, "clip")
        return f"{self.source.pk}\t{self.state}\t{self.source.title}{where}\t{what}"

    def as_dict(self) -> dict[str, Any]:
        clips = self.job.clips.order_by(F("score").desc(nulls_last=True), "pk") if self.job else ()
        return {
            "id": self.source.pk,
            "title": self.source.title,
            "job": self.job.pk if self.job else None,
            "state": self.state,
            "error": self.error or None,
            "clips": [clip_as_dict(clip) for clip in clips],
        }


class Batch:
    def __init__(self, sources: list[Source]) -> None:
        self.entries = [Entry(source) for source in sources]

    def look(self) -> bool:
        """Read again; whether anything is still going on."""
        for entry in self.entries:
            if entry.is_open:
                entry.look()
        return self.is_open

    @property
    def is_open(self) -> bool:
        return any(entry.is_open for entry in self.entries)

    @property
    def is_well(self) -> bool:
        """Every job succeeded."""
        return all(entry.is_well for entry in self.entries)

    def lines(self) -> list[str]:
        return [entry.line() for entry in self.entries]

    def progress_line(self, *, width: int = 28) -> str:
        """
        Team talk  ######----------------------  21%  transcribing
        """
        whole = sum(entry.fraction for entry in self.entries) / len(self.entries)
        at = next((entry for entry in self.entries if entry.is_open), self.entries[-1])
        done = sum(not entry.is_open for entry in self.entries)
        several = f"  {done} of {len(self.entries)} done" if len(self.entries) > 1 else ""
        full = round(whole * width)
        bar = "#" * full + "-" * (width - full)
        return f"{at.source.title[:30]}  {bar}  {percent(whole)}  {at.words()}{several}"

    def as_json(self) -> str:
        """Times in seconds; file_url is signed and runs out after MEDIA_URL_SECONDS."""
        return json.dumps({"sources": [entry.as_dict() for entry in self.entries]}, indent=2)


def clip_as_dict(clip: Clip) -> dict[str, Any]:
    fields = ("id", "score", "start", "end", "duration", "status")
    base = settings.PUBLIC_BASE_URL or f"http://localhost:{settings.PORT}"
    url = base + clip.file.url if clip.file else None
    return {name: getattr(clip, name) for name in fields} | {"file_url": url}
