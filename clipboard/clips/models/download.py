"""A clip's file at a provider, on its way to our own storage: no expiry can hurt a review then."""

from __future__ import annotations

from typing import Any

from django.db import models, transaction
from django.utils import timezone

from .clip import Clip
from .lease import Lease, Leased, LeasedQuerySet


class DownloadQuerySet(LeasedQuerySet):
    def open(self) -> DownloadQuerySet:
        return self.filter(state__in=Download.OPEN_STATES)


class Download(Leased):
    class State(models.TextChoices):
        WAITING = "waiting"
        FETCHING = "fetching"
        READY = "ready"
        FAILED = "failed"
        CANCELLED = "cancelled"

    OPEN_STATES = (State.WAITING, State.FETCHING)

    clip = models.OneToOneField(Clip, models.CASCADE, related_name="download")
    url = models.TextField(help_text="signed by the provider; refreshed when it has run out")
    expires_at = models.DateTimeField(null=True, blank=True)
    refreshed_at = models.DateTimeField(null=True, blank=True)
    poster_url = models.TextField(blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    progress = models.FloatField(default=0, help_text="0 to 1")
    error = models.CharField(max_length=400, blank=True, help_text="one sentence for a person")
    sha256 = models.CharField(max_length=64, blank=True)
    size = models.BigIntegerField(default=0, help_text="bytes")

    objects = DownloadQuerySet.as_manager()

    class Meta(Leased.Meta):
        pass

    def __str__(self) -> str:
        return f"File of {self.clip}"

    @property
    def has_expired(self) -> bool:
        return self.expires_at is not None and self.expires_at <= timezone.now()

    def fail(self, sentence: str, *, lease: Lease) -> bool:
        """The clip has failed too, though it plays from the source where its place is known."""
        with transaction.atomic():
            ours = lease.finish(state=self.State.FAILED, error=sentence[:400])
            if ours:
                Clip.objects.filter(pk=self.clip_id).update(
                    status=Clip.Status.FAILED, error=sentence[:400]
                )
        return ours


def order_download(clip: Clip, *, url: str, expires_at: Any, poster_url: str) -> None:
    """Fetch the clip's file, due now; where it is here already, only the address is kept fresh."""
    now = timezone.now()
    fresh = {"url": url, "expires_at": expires_at, "refreshed_at": now, "poster_url": poster_url}
    _, is_new = Download.objects.get_or_create(clip=clip, defaults={**fresh, "next_action_at": now})
    if not is_new:
        Download.objects.filter(clip=clip).update(**fresh)
