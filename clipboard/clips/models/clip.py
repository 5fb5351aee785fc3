"""A candidate clip. It is a row before it is a file: it plays as a range of its source at once."""

from __future__ import annotations

import math
from typing import Any, cast

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from clipboard.lib.wording import span_title

from .job import Job
from .lease import Lease, Leased, LeasedQuerySet
from .source import Source

RATIOS = {"9:16": 9 / 16, "4:5": 4 / 5, "1:1": 1.0, "16:9": 16 / 9}

# Where a clip stands in its source; one of unknown place stands last.
SOURCE_PLACE = Coalesce("start", Value(1e9))


class ClipQuerySet(models.QuerySet["Clip"]):
    def of(self, team: Any) -> ClipQuerySet:
        return self.filter(team=team)

    def untouched(self) -> ClipQuerySet:
        """Those to which nobody has attached anything: no favourite, no link, no comment."""
        relations = [relation.name for relation in Clip._meta.related_objects]
        attached = [name for name in relations if name not in ("renditions", "download")]
        return self.filter(**{f"{name}__isnull": True for name in attached})


class Clip(models.Model):
    class Status(models.TextChoices):
        DETECTED = "detected"
        GENERATING = "generating"
        COMPLETED = "completed"
        FAILED = "failed"

    team = models.ForeignKey("teams.Team", models.CASCADE, related_name="clips")
    source = models.ForeignKey(Source, models.CASCADE, related_name="clips")
    job = models.ForeignKey(Job, models.CASCADE, related_name="clips")
    provider = models.CharField(max_length=20, default="local")
    remote_id = models.CharField(max_length=255, help_text="identity within the job")
    status = models.CharField(max_length=12, choices=Status, default=Status.DETECTED)
    score = models.FloatField(null=True, blank=True, help_text="0 to 100; empty is not zero")
    start = models.FloatField(null=True, blank=True, help_text="seconds into the source")
    end = models.FloatField(null=True, blank=True, help_text="seconds into the source")
    duration = models.FloatField(null=True, blank=True, help_text="seconds")
    aspect = models.CharField(max_length=8, default="9:16")
    favourite_count = models.PositiveIntegerField(default=0, help_text="kept by database triggers")
    created_at = models.DateTimeField(default=timezone.now)
    title = models.CharField(max_length=255, blank=True)
    reason = models.CharField(max_length=500, blank=True)
    error = models.CharField(max_length=400, blank=True, help_text="one sentence for a person")
    file = models.FileField(max_length=200, blank=True, help_text="the rendered preview")
    poster = models.FileField(max_length=200, blank=True)
    filmstrip = models.FileField(max_length=200, blank=True)
    strip = models.JSONField(
        default=dict, blank=True, help_text="columns, rows, tile size, interval"
    )
    caption = models.TextField(
        blank=True, default="", db_default="", help_text="a text to post with it"
    )
    ranges = models.JSONField(
        default=list,
        db_default=models.Value([], models.JSONField()),
        blank=True,
        help_text="[[start s, end s], …] where it has several",
    )
    version_of = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="versions"
    )
    superseded_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text="the provider lists it no longer; what people did stays",
    )
    is_favourite_there = models.BooleanField(
        null=True, blank=True, help_text="as the provider said last"
    )
    extra = models.JSONField(
        default=dict,
        db_default=models.Value({}, models.JSONField()),
        blank=True,
        help_text="what else the provider told",
    )
    score_scale = models.CharField(
        max_length=12, blank=True, default="", db_default="", help_text="of the raw score: 0-10"
    )
    raw_score = models.CharField(max_length=40, blank=True, help_text="as the provider said it")
    hashtags = models.JSONField(default=list, blank=True)
    crop = models.JSONField(default=list, blank=True, help_text="[[seconds, centre x 0..1], …]")
    evidence = models.JSONField(
        default=list, blank=True, help_text="[{name, label, value, weight, sentence}, …]"
    )
    transcript = models.TextField(blank=True)
    words = models.JSONField(
        default=list, blank=True, help_text="[[start s, end s, word], …] in source time"
    )

    objects = ClipQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["job", "remote_id"], name="clip_once_per_job"),
            models.CheckConstraint(
                condition=models.Q(score=None) | models.Q(score__range=(0, 100)),
                name="clip_score_0_to_100",
            ),
        ]
        indexes = [
            # Wide, so that other filters are tried without a look at the row.
            models.Index(
                fields=["team", "score", "id", "status", "provider", "aspect", "duration"],
                name="clip_by_score",
            ),
            models.Index(fields=["team", "status", "score", "id"], name="clip_by_status_score"),
            models.Index(fields=["team", "provider", "score", "id"], name="clip_by_provider_score"),
            models.Index(fields=["team", "aspect", "score", "id"], name="clip_by_aspect_score"),
            models.Index(fields=["team", "duration", "id"], name="clip_by_duration"),
            models.Index(fields=["team", "created_at", "id"], name="clip_by_created"),
            models.Index(
                F("team"), F("source"), SOURCE_PLACE, F("id"), name="clip_by_source_place"
            ),
            models.Index(fields=["source", "score", "id"], name="clip_by_source_score"),
        ]

    def __str__(self) -> str:
        return self.title or f"Clip {self.pk}"

    @property
    def shown_title(self) -> str:
        return self.title or span_title(self.source.title, self.start, self.end)

    @property
    def folder(self) -> str:
        """Where its files lie, below MEDIA_ROOT: derived, so that a second try finds the first."""
        return f"clips/{self.pk // 1000}/{self.pk}"

    @property
    def wants_captions(self) -> bool:
        """Whether its job was asked for captions in the picture, and there are words for them."""
        return bool(self.words) and bool(self.job.options.get("captions", True))

    @property
    def shows_captions(self) -> bool:
        """Whether its own file has them in the picture, so that a player need not draw them."""
        return bool(self.file) and self.wants_captions

    @property
    def favourite_waits(self) -> bool:
        """Whether its provider is still to be told of a change of ours."""
        errands = self.errands
        return bool(errands.filter(kind="favourite", state="waiting").exists())

    @property
    def preview_height(self) -> int:
        """About as many pixels in every shape: 540 x 960 upright is 960 x 540 wide."""
        ratio = RATIOS.get(self.aspect, self.source.aspect_ratio)
        pixels = settings.PREVIEW_HEIGHT**2 * 9 / 16
        return 2 * round(math.sqrt(pixels / ratio) / 2)


class RenditionQuerySet(LeasedQuerySet):
    def order_preview(self, clip: Clip) -> Rendition:
        """In the clip's own shape, with captions in the picture as its job was asked."""
        return self.order(
            clip,
            aspect=clip.aspect,
            height=clip.preview_height,
            captions=clip.wants_captions,
            is_preview=True,
        )

    def open(self) -> RenditionQuerySet:
        return self.filter(state__in=Rendition.OPEN_STATES)

    def previews_of(self, job: Job) -> RenditionQuerySet:
        return self.filter(clip__job=job, is_preview=True)

    def order(
        self, clip: Clip, *, aspect: str, height: int, captions: bool, is_preview: bool = False
    ) -> Rendition:
        """The one rendition of that kind, due now unless it is made already or on its way."""
        made: tuple[Any, bool] = self.get_or_create(
            clip=clip,
            aspect=aspect,
            height=height,
            captions=captions,
            defaults={"is_preview": is_preview, "next_action_at": timezone.now()},
        )
        rendition, is_new = made
        if is_preview and not rendition.is_preview:
            self.filter(pk=rendition.pk).update(is_preview=True)
        if not is_new and rendition.must_be_made_again(as_preview=is_preview):
            self.filter(pk=rendition.pk).update(
                state=Rendition.State.WAITING,
                next_action_at=timezone.now(),
                attempts=0,
                progress=0,
                error="",
                finished_at=None,
            )
            rendition.refresh_from_db()
        return cast(Rendition, rendition)


class Rendition(Leased):
    """One rendering of a clip. The preview is made for every clip; others on demand, and kept."""

    class State(models.TextChoices):
        WAITING = "waiting"
        RENDERING = "rendering"
        READY = "ready"
        FAILED = "failed"
        CANCELLED = "cancelled"

    OPEN_STATES = (State.WAITING, State.RENDERING)

    clip = models.ForeignKey(Clip, models.CASCADE, related_name="renditions")
    aspect = models.CharField(max_length=8)
    height = models.PositiveIntegerField()
    captions = models.BooleanField(default=False, help_text="burned into the picture")
    is_preview = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    progress = models.FloatField(default=0, help_text="0 to 1")
    error = models.CharField(max_length=400, blank=True, help_text="one sentence for a person")
    file = models.FileField(max_length=200, blank=True)
    size = models.BigIntegerField(default=0, help_text="bytes")
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = RenditionQuerySet.as_manager()

    class Meta(Leased.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["clip", "aspect", "height", "captions"], name="rendition_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.clip} at {self.aspect}, {self.height} px"

    def must_be_made_again(self, *, as_preview: bool) -> bool:
        if self.state == self.State.READY:
            return as_preview and not self.clip.file
        return self.state not in self.OPEN_STATES

    def fail(self, sentence: str, *, lease: Lease) -> bool:
        """Without its preview the clip has failed too, though it still plays from the source."""
        with transaction.atomic():
            ours = lease.finish(
                state=self.State.FAILED, error=sentence[:400], finished_at=timezone.now()
            )
            if ours and self.is_preview:
                Clip.objects.filter(pk=self.clip_id).update(
                    status=Clip.Status.FAILED, error=sentence[:400]
                )
                self.clip.job.settle()
        return ours
