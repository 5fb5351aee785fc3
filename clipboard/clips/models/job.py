"""One request for clips of one source, to one provider, with everything that came of it."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone

from .lease import Leased, LeasedQuerySet
from .source import Source


class JobQuerySet(LeasedQuerySet):
    def of(self, team: Any) -> JobQuerySet:
        return self.filter(team=team)

    def open(self) -> JobQuerySet:
        return self.filter(state__in=Job.OPEN_STATES)

    def listed(self) -> JobQuerySet:
        return self.order_by("-created_at", "-pk")


class Job(Leased):
    class State(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        SUCCEEDED = "succeeded"
        FAILED = "failed"
        CANCELLED = "cancelled"

    OPEN_STATES = (State.QUEUED, State.RUNNING)

    team = models.ForeignKey("teams.Team", models.CASCADE, related_name="jobs")
    source = models.ForeignKey(Source, models.CASCADE, related_name="jobs")
    provider = models.CharField(max_length=20, default="local")
    options = models.JSONField(default=dict, blank=True)
    state = models.CharField(max_length=12, choices=State, default=State.QUEUED)
    stage = models.CharField(max_length=40, blank=True)
    progress = models.FloatField(default=0, help_text="0 to 1, never decreasing while it runs")
    error = models.CharField(max_length=400, blank=True, help_text="one sentence for a person")
    summary = models.JSONField(
        default=dict,
        blank=True,
        help_text="considered, best_score, threshold, heard_speech, language, notes",
    )
    cancel_requested_at = models.DateTimeField(null=True, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="jobs"
    )
    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True, blank=True)
    found_at = models.DateTimeField(null=True, blank=True, help_text="when its clips were listed")
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = JobQuerySet.as_manager()

    class Meta(Leased.Meta):
        indexes = [
            *Leased.Meta.indexes,
            models.Index(fields=["team", "-created_at", "-id"], name="job_listed"),
            models.Index(fields=["team", "state"], name="job_by_state"),
        ]

    def __str__(self) -> str:
        return f"{self.get_provider_display_name()} clips of {self.source}"

    def get_provider_display_name(self) -> str:
        return self.provider.capitalize()

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN_STATES
