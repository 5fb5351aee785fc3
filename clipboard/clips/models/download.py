"""A clip's file at a provider, on its way to our own storage: no expiry can hurt a review then."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from .clip import Clip
from .lease import MAX_ATTEMPTS, Lease, Leased, LeasedQuerySet

REFRESH_SECONDS = 8.0  # a viewer waits meanwhile
REFRESH_PAUSE = timedelta(seconds=30)


class DownloadQuerySet(LeasedQuerySet):
    def open(self) -> DownloadQuerySet:
        return self.filter(state__in=Download.OPEN_STATES)

    def stuck(self) -> DownloadQuerySet:
        """Given up, or put off after a failure."""
        put_off = Q(state=Download.State.WAITING) & ~Q(error="")
        return self.filter(Q(state=Download.State.FAILED) | put_off)

    @transaction.atomic
    def fetch_again(self) -> int:
        """Have those that are stuck fetched now, each at an address asked for anew; returns how
        many. Whoever asks hears soon: what was given up is tried once, and given up again if that
        fails too."""
        now = timezone.now()
        stuck = list(self.stuck().values_list("pk", flat=True))
        rows = Download.objects.filter(pk__in=stuck)
        rows.filter(clip__job__account__isnull=False).update(expires_at=now, refreshed_at=None)
        clips = Clip.objects.filter(download__in=stuck, file="")
        clips.update(status=Clip.Status.GENERATING, error="")
        due = {"state": Download.State.WAITING, "error": "", "progress": 0, "next_action_at": now}
        return rows.update(attempts=MAX_ATTEMPTS - 1, **due)


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
    refreshed_at = models.DateTimeField(
        null=True, blank=True, help_text="when the provider was last asked for a fresh address"
    )
    refreshing_until = models.DateTimeField(
        null=True, blank=True, help_text="someone is asking; others wait for the answer"
    )
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    tried_since = models.DateTimeField(
        null=True, blank=True, help_text="if everything stood still since the clip was listed"
    )
    progress = models.FloatField(default=0, help_text="0 to 1")
    error = models.CharField(max_length=400, blank=True, help_text="one sentence for a person")
    sha256 = models.CharField(max_length=64, blank=True)
    size = models.BigIntegerField(default=0, help_text="bytes")

    objects = DownloadQuerySet.as_manager()

    most_attempts = 10  # failures that are known are counted too, but to three at most

    class Meta(Leased.Meta):
        pass

    def __str__(self) -> str:
        return f"File of {self.clip}"

    @property
    def patience_began(self) -> datetime:
        return self.tried_since or self.clip.created_at

    @property
    def has_expired(self) -> bool:
        return self.expires_at is not None and self.expires_at <= timezone.now()

    @property
    def may_play(self) -> bool:
        """Whether the provider may still give the file: not if it just would not."""
        refused = self.state == self.State.FAILED or (self.has_expired and self.was_refreshed)
        return bool(self.url) and not refused

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN_STATES

    @property
    def is_stuck(self) -> bool:
        """As `DownloadQuerySet.stuck`."""
        return self.state == self.State.FAILED or bool(self.is_open and self.error)

    @property
    def was_refreshed(self) -> bool:
        """Whether a fresh address was asked for so short a while ago that it is not done again."""
        return self.refreshed_at is not None and self.refreshed_at > timezone.now() - REFRESH_PAUSE

    def claim_refresh(self) -> bool:
        """Be the one who asks for a fresh address, for REFRESH_SECONDS. One winner however many
        try, and a pause after it."""
        now = timezone.now()
        free = Q(refreshing_until=None) | Q(refreshing_until__lte=now)
        rested = Q(refreshed_at=None) | Q(refreshed_at__lte=now - REFRESH_PAUSE)
        until = now + timedelta(seconds=REFRESH_SECONDS)
        row = Download.objects.filter(free & rested, pk=self.pk, url=self.url)
        return row.update(refreshing_until=until, refreshed_at=now) == 1

    def end_refresh(self, **told: Any) -> None:
        """Write the fresh address, or that there is none."""
        Download.objects.filter(pk=self.pk).update(refreshing_until=None, **told)
        self.refresh_from_db(fields=["url", "expires_at", "refreshed_at", "refreshing_until"])

    def fail(self, sentence: str, *, lease: Lease) -> bool:
        """The clip has failed too, though it plays from the source where its place is known."""
        with transaction.atomic():
            ours = lease.finish(state=self.State.FAILED, error=sentence[:400])
            if ours:
                Clip.objects.filter(pk=self.clip_id).update(
                    status=Clip.Status.FAILED, error=sentence[:400]
                )
        return ours


def order_downloads(rows: Sequence[Download]) -> None:
    """Fetch these clips' files, due now, also where that was given up; where one is here already
    or on its way, only its address is kept fresh."""
    now = timezone.now()
    for row in rows:
        row.next_action_at = now
    Download.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["clip"],
        update_fields=["url", "expires_at"],
    )
    given_up = Download.objects.filter(clip__in=[row.clip_id for row in rows], state="failed")
    given_up.update(state=Download.State.WAITING, attempts=0, error="", next_action_at=now)
