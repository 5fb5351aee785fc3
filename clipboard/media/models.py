"""A resumable upload on its way in: the row says who, how much, and how much has arrived."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone


class UploadQuerySet(models.QuerySet["Upload"]):
    def visible_to(self, user_id: int, team_id: int) -> UploadQuerySet:
        return self.filter(user_id=user_id, team_id=team_id)

    def sent_by(self, user: Any) -> UploadQuerySet:
        """Whatever team is chosen right now: an upload goes on when its sender looks elsewhere."""
        editing = user.memberships.exclude(role="viewer")
        return self.filter(user=user, team__in=editing.values("team"))

    def unfinished(self) -> UploadQuerySet:
        return self.filter(finished_at=None).order_by("created_at")


class Upload(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    team = models.ForeignKey("teams.Team", models.CASCADE, related_name="uploads")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="uploads")
    file_name = models.CharField(max_length=255)
    size = models.BigIntegerField(help_text="bytes announced")
    offset = models.BigIntegerField(default=0, help_text="bytes received")
    metadata = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=timezone.now)
    touched_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)
    taken_at = models.DateTimeField(null=True, blank=True, help_text="when it became a source")

    objects = UploadQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(
                fields=["finished_at"],
                condition=models.Q(taken_at=None, finished_at__isnull=False),
                name="upload_to_take",
            )
        ]

    def __str__(self) -> str:
        return f"{self.file_name} ({self.offset} of {self.size} bytes)"

    @property
    def path(self) -> Path:
        return Path(settings.MEDIA_ROOT) / "uploads" / f"{self.pk}.part"
