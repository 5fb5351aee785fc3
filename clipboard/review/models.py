"""What people decide about clips."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone


class FavouriteQuerySet(models.QuerySet):
    def put(self, *, user: Any, clip_id: int, on: bool) -> None:
        """Make it a favourite or not; safe to say twice."""
        if on:
            self.bulk_create([self.model(user=user, clip_id=clip_id)], ignore_conflicts=True)
        else:
            self.filter(user=user, clip_id=clip_id).delete()

    def number_of(self, user: Any, *, team: Any, at_most: int) -> int:
        """How many this person has in the team; from `at_most` on nobody counts."""
        return self.filter(user=user, team_id=team.pk)[:at_most].count()


class Favourite(models.Model):
    """One person's favourite. Its copies of the clip's columns are kept by database triggers, so
    that "my favourites, best first" is one walk along one index at any size."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="favourites")
    clip = models.ForeignKey("clips.Clip", models.CASCADE, related_name="favourites")
    team_id = models.BigIntegerField(default=0)
    score = models.FloatField(null=True)
    status = models.CharField(max_length=12, default="")
    created_at = models.DateTimeField(default=timezone.now)

    objects = FavouriteQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "clip"], name="favourite_once")]
        indexes = [
            models.Index(fields=["user", "team_id", "score", "clip"], name="favourite_by_score"),
            models.Index(
                fields=["user", "team_id", "status", "score", "clip"], name="favourite_by_status"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} ♥ {self.clip_id}"
