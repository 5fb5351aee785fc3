"""Links that show a clip to people without an account."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone


def new_token() -> str:
    return secrets.token_urlsafe(24)


def default_expiry() -> datetime:
    return timezone.now() + timedelta(days=settings.SHARE_LINK_DAYS)


class ShareLinkQuerySet(models.QuerySet["ShareLink"]):
    def of(self, team: Any) -> ShareLinkQuerySet:
        return self.filter(team=team)

    def live(self, *, at: datetime) -> ShareLinkQuerySet:
        return self.filter(revoked_at=None, expires_at__gt=at)


class ShareLink(models.Model):
    team = models.ForeignKey("teams.Team", models.CASCADE, related_name="share_links")
    clip = models.ForeignKey("clips.Clip", models.CASCADE, related_name="share_links")
    token = models.CharField(max_length=64, unique=True, default=new_token)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="share_links"
    )
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(default=default_expiry)
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    can_download = models.BooleanField(default=False)
    view_count = models.PositiveIntegerField(default=0)
    last_viewed_at = models.DateTimeField(null=True, blank=True)

    objects = ShareLinkQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["team", "-created_at"], name="share_link_listed")]

    def __str__(self) -> str:
        return f"Link to {self.clip}"

    def is_live(self, *, at: datetime) -> bool:
        return self.revoked_at is None and self.expires_at > at

    def revoke(self, *, by: Any, at: datetime) -> None:
        self.revoked_at, self.revoked_by = at, by
        self.save(update_fields=["revoked_at", "revoked_by"])
