"""Counts that database triggers keep, so that no page ever counts a million rows."""

from __future__ import annotations

from django.db import models


class Tally(models.Model):
    """How many clips of a team (source 0) or of one source have a facet's value.

    Facets: status, provider, aspect, score (twenty buckets "0" to "19", "none" for unscored).
    """

    team = models.ForeignKey("teams.Team", models.CASCADE, related_name="tallies")
    source_ref = models.BigIntegerField(default=0, help_text="a source's id, or 0 for the team")
    facet = models.CharField(max_length=10)
    value = models.CharField(max_length=20)
    count = models.IntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["team", "source_ref", "facet", "value"], name="tally_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.facet} {self.value}: {self.count}"


class Heartbeat(models.Model):
    """When each supervised part last said that it lives; /healthz reads it."""

    name = models.CharField(max_length=60, primary_key=True)
    beat_at = models.DateTimeField()
    detail = models.JSONField(default=dict, blank=True)

    def __str__(self) -> str:
        return f"{self.name} at {self.beat_at:%H:%M:%S}"
