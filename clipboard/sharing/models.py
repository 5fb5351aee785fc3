"""Links that show a clip to people without an account."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F
from django.utils import timezone

SHOWN = (
    *("token", "created_at", "expires_at", "revoked_at", "can_download"),
    *("view_count", "last_viewed_at", "created_by__name", "created_by__email"),
    *("revoked_by__name", "revoked_by__email", "clip__source__title"),
    *("clip__title", "clip__start", "clip__end", "clip__poster"),
)


def new_token() -> str:
    return secrets.token_urlsafe(24)


def default_expiry() -> datetime:
    return timezone.now() + timedelta(days=settings.SHARE_LINK_DAYS)


class ShareLinkQuerySet(models.QuerySet["ShareLink"]):
    def of(self, team: Any) -> ShareLinkQuerySet:
        return self.filter(team=team)

    def live(self, *, at: datetime) -> ShareLinkQuerySet:
        return self.filter(revoked_at=None, expires_at__gt=at)

    def in_state(self, state: str, *, at: datetime) -> ShareLinkQuerySet:
        """Links that are "live", "expired" or "revoked"; anything else means all."""
        if state == "live":
            return self.live(at=at)
        if state == "expired":
            return self.filter(revoked_at=None, expires_at__lte=at)
        return self.filter(revoked_at__isnull=False) if state == "revoked" else self.all()

    def listed(self) -> ShareLinkQuerySet:
        """Newest first, with what a list says of them; the words of recordings stay behind."""
        rows = self.select_related("clip", "clip__source", "created_by", "revoked_by")
        return rows.only(*SHOWN).order_by("-created_at", "-pk")


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

    @property
    def state(self) -> str:
        if self.revoked_at:
            return "revoked"
        return "live" if self.expires_at > timezone.now() else "expired"

    def is_live(self, *, at: datetime) -> bool:
        return self.revoked_at is None and self.expires_at > at

    def count_visit(self, *, at: datetime) -> None:
        """One more visit. Counted in the database: two guests at once are two."""
        rows = ShareLink.objects.filter(pk=self.pk)
        rows.update(view_count=F("view_count") + 1, last_viewed_at=at)

    def revoke(self, *, by: Any, at: datetime) -> None:
        """From now on the link shows nothing. A second time changes nothing."""
        live = ShareLink.objects.filter(pk=self.pk, revoked_at=None)
        if live.update(revoked_at=at, revoked_by=by):
            self.revoked_at, self.revoked_by = at, by
