"""Choices for one provider that a team has saved under a name."""

from __future__ import annotations

from django.db import models
from django.utils import timezone


class Preset(models.Model):
    team = models.ForeignKey("teams.Team", models.CASCADE, related_name="presets")
    provider = models.CharField(max_length=20)
    name = models.CharField(max_length=80)
    options = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["team", "provider", "name"], name="preset_name_once")
        ]

    def __str__(self) -> str:
        return self.name
