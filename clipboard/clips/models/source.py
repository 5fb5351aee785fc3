"""A recording: where it came from, what it is made of, and whether clips can be cut from it."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.db.models.fields.files import FieldFile
from django.utils import timezone

from .lease import Lease, Leased, LeasedQuerySet

LONG = ("transcript", "waveform")  # of a whole recording: lists leave them where they are


def media_path(instance: Source, filename: str) -> str:
    """A generated name; what people called the file is kept as text only."""
    suffix = "." + filename.rpartition(".")[2].lower()[:5] if "." in filename else ""
    return f"sources/{timezone.now():%Y/%m}/{uuid.uuid4().hex}{suffix}"


class SourceQuerySet(LeasedQuerySet):
    def of(self, team: Any) -> SourceQuerySet:
        return self.filter(team=team)

    def without_long(self) -> SourceQuerySet:
        """As lists need them, and whoever does not cut them."""
        return self.defer(*LONG)

    def listed(self) -> SourceQuerySet:
        return self.order_by("-created_at", "-pk")

    def before(self, other: Source) -> SourceQuerySet:
        """As `JobQuerySet.before`."""
        same_time = Q(created_at=other.created_at, pk__lt=other.pk)
        older = Q(created_at__lt=other.created_at)
        return self.filter(same_time | older, created_at__lte=other.created_at)


class Source(Leased):
    class State(models.TextChoices):
        FETCHING = "fetching"
        PREPARING = "preparing"
        READY = "ready"
        FAILED = "failed"
        DUPLICATE = "duplicate"

    class Origin(models.TextChoices):
        UPLOAD = "upload"
        URL = "url"
        PATH = "path"
        SAMPLE = "sample"

    team = models.ForeignKey("teams.Team", models.CASCADE, related_name="sources")
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="sources"
    )
    title = models.CharField(max_length=255)
    origin = models.CharField(max_length=10, choices=Origin)
    origin_url = models.URLField(max_length=2000, blank=True)
    upload = models.OneToOneField(
        "media.Upload", models.SET_NULL, null=True, blank=True, related_name="source"
    )
    state = models.CharField(max_length=10, choices=State, default=State.PREPARING)
    stage = models.CharField(max_length=40, blank=True)
    progress = models.FloatField(default=0, help_text="0 to 1")
    error = models.CharField(max_length=400, blank=True, help_text="one sentence for a person")
    duplicate_of = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="duplicates"
    )
    created_at = models.DateTimeField(default=timezone.now)

    file = models.FileField(upload_to=media_path, max_length=200, blank=True)
    proxy = models.FileField(
        max_length=200, blank=True, help_text="a copy that browsers can play, where they cannot"
    )
    poster = models.FileField(max_length=200, blank=True)
    filmstrip = models.FileField(max_length=200, blank=True)
    strip = models.JSONField(
        default=dict, blank=True, help_text="columns, rows, tile size, interval"
    )
    waveform = models.JSONField(default=list, blank=True, help_text="800 peaks, 0 to 100")
    transcript = models.JSONField(
        default=list, blank=True, help_text="[[start s, end s, word], …] of the whole recording"
    )
    sha256 = models.CharField(max_length=64, blank=True)
    size = models.BigIntegerField(default=0, help_text="bytes")
    duration = models.FloatField(null=True, blank=True, help_text="seconds")
    width = models.PositiveIntegerField(null=True, blank=True)
    height = models.PositiveIntegerField(null=True, blank=True)
    rotation = models.SmallIntegerField(default=0)
    fps = models.FloatField(null=True, blank=True)
    video_codec = models.CharField(max_length=40, blank=True)
    audio_codec = models.CharField(max_length=40, blank=True)
    content_type = models.CharField(max_length=60, blank=True)
    clip_count = models.PositiveIntegerField(default=0, help_text="kept by database triggers")

    objects = SourceQuerySet.as_manager()

    class Meta(Leased.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["team", "sha256"],
                condition=~Q(sha256="") & Q(state__in=["preparing", "ready"]),
                name="source_once_per_team",
            )
        ]
        indexes = [
            *Leased.Meta.indexes,
            models.Index(fields=["team", "-created_at", "-id"], name="source_listed"),
        ]

    def __str__(self) -> str:
        return self.title

    def fail(self, sentence: str, *, lease: Lease) -> bool:
        """The jobs that wait for this recording end with it, for the same reason."""
        with transaction.atomic():
            ours = super().fail(sentence, lease=lease)
            if ours:
                self.jobs.open().update(
                    state="failed",
                    error=sentence[:400],
                    finished_at=timezone.now(),
                    next_action_at=None,
                )
        return ours

    def state_held(self) -> str:
        """Its state now, which stays until the transaction ends: a job that waits for a recording
        is woken by the end of its preparation, and one that came a moment later never would be."""
        held = Source.objects.select_for_update().filter(pk=self.pk)
        return held.values_list("state", flat=True).get()

    def rename(self, title: str) -> None:
        self.title = title
        self.save(update_fields=["title"])

    @property
    def can_retry(self) -> bool:
        """Whether the recording can be had once more after a failure."""
        there = self.origin != self.Origin.UPLOAD or self.upload_id or self.file
        return self.state == self.State.FAILED and bool(there)

    @property
    def playable(self) -> FieldFile:
        """The file a browser can play."""
        return self.proxy or self.file

    @property
    def is_busy(self) -> bool:
        return self.state in (self.State.FETCHING, self.State.PREPARING)

    @property
    def aspect_ratio(self) -> float:
        return self.width / self.height if self.width and self.height else 16 / 9
