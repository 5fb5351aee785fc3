"""A recording's copy in a provider's own store, from which the provider's jobs are fed.

One for each account and content, however many jobs want it: an upload takes long and is counted.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import models, transaction
from django.utils import timezone
from django.utils.text import slugify

from .account import Account
from .event import note
from .job import Job
from .lease import LET_GO, Lease, Leased, LeasedQuerySet
from .source import LONG, Source

LONGEST_NAME = 60


class RemoteCopyQuerySet(LeasedQuerySet):
    def with_source(self) -> RemoteCopyQuerySet:
        return self.select_related("source").defer(*(f"source__{name}" for name in LONG))

    def to_send(self) -> RemoteCopyQuerySet:
        """Whole files are sent by the workers for what takes long."""
        return self.filter(state=RemoteCopy.State.WAITING)

    def coming(self) -> RemoteCopyQuerySet:
        """On their way for a job or a person, or given up on the way."""
        wanted = models.Q(wanted_at__isnull=False) | models.Q(jobs__state=Job.State.QUEUED)
        ended = models.Q(state=RemoteCopy.State.FAILED, source__isnull=False)
        return self.filter(wanted | ended).exclude(state=RemoteCopy.State.READY).distinct()

    def to_ask_about(self) -> RemoteCopyQuerySet:
        asked = (RemoteCopy.State.SENDING, RemoteCopy.State.UNKNOWN, RemoteCopy.State.TAKING)
        return self.filter(state__in=asked)


class RemoteCopy(Leased):
    class State(models.TextChoices):
        WAITING = "waiting"  # nothing of it is there
        SENDING = "sending"  # the request may be on its way
        UNKNOWN = "unknown"  # nobody knows whether it arrived
        TAKING = "taking"  # the provider has it, and is taking it in
        READY = "ready"
        FAILED = "failed"

    account = models.ForeignKey(Account, models.CASCADE, related_name="copies")
    source = models.ForeignKey(
        Source, models.SET_NULL, null=True, blank=True, related_name="copies"
    )
    sha256 = models.CharField(max_length=64, help_text="of the recording")
    name = models.CharField(max_length=120, help_text="by which it is found there")
    remote_id = models.CharField(max_length=255, blank=True, help_text="its number there")
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    progress = models.FloatField(default=0, help_text="of the upload, 0 to 1")
    error = models.CharField(max_length=400, blank=True, help_text="one sentence for a person")
    sent_at = models.DateTimeField(
        null=True, blank=True, help_text="written before the request leaves"
    )
    wanted_at = models.DateTimeField(
        null=True, blank=True, help_text="a person wants it there, whether a job does or not"
    )
    created_at = models.DateTimeField(default=timezone.now)

    objects = RemoteCopyQuerySet.as_manager()

    most_attempts = 10  # failures that are known are counted too

    class Meta(Leased.Meta):
        verbose_name_plural = "remote copies"
        constraints = [
            models.UniqueConstraint(fields=["account", "sha256"], name="copy_once_per_account")
        ]

    def __str__(self) -> str:
        return f"{self.name} at {self.account.title}"

    @property
    def is_ready(self) -> bool:
        return self.state == self.State.READY

    @property
    def age(self) -> timedelta:
        return timezone.now() - (self.sent_at or timezone.now())

    def waiting_jobs(self) -> Any:
        return Job.objects.filter(copy=self, state=Job.State.QUEUED)

    @property
    def is_wanted(self) -> bool:
        """As it is now: jobs are cancelled, and people change their minds."""
        by_hand = RemoteCopy.objects.filter(pk=self.pk, wanted_at__isnull=False)
        return bool(self.waiting_jobs().exists()) or by_hand.exists()

    def send_there(self) -> None:
        """A person wants it in the provider's store."""
        RemoteCopy.objects.filter(pk=self.pk).update(wanted_at=timezone.now())
        self.want()

    def stop_sending(self) -> None:
        """No person wants it there any more; where no job does either, the upload stops. One that
        failed is no longer spoken of."""
        RemoteCopy.objects.filter(pk=self.pk).update(wanted_at=None)
        failed = RemoteCopy.objects.filter(pk=self.pk, state=self.State.FAILED)
        failed.update(state=self.State.WAITING, error="", progress=0, sent_at=None, attempts=0)

    def want(self) -> None:
        """Have it brought there, unless that goes on already. A failed one is tried again."""
        due = {"next_action_at": timezone.now()}
        RemoteCopy.objects.filter(pk=self.pk, state=self.State.FAILED).update(
            state=self.State.WAITING, error="", attempts=0, sent_at=None, progress=0, **due
        )
        idle = RemoteCopy.objects.filter(pk=self.pk, next_action_at=None, lease_until=None)
        idle.exclude(state=self.State.READY).update(**due)
        self.refresh_from_db()

    def forget(self) -> None:
        """The provider has it no longer."""
        RemoteCopy.objects.filter(pk=self.pk, state=self.State.READY).update(
            state=self.State.WAITING, remote_id="", sent_at=None, progress=0
        )

    def tell(self, stage: str, *, progress: float = 0, error: str = "") -> None:
        """Those who wait for it see how far it is, and what it waits for."""
        self.waiting_jobs().update(stage=stage[:40], progress=progress, error=error[:400])

    def release(self) -> None:
        """It is there: the jobs that wait for it are due."""
        jobs = self.waiting_jobs()
        jobs.update(stage="", progress=0, error="", next_action_at=timezone.now())

    def fail(self, sentence: str, *, lease: Lease) -> bool:
        """The jobs that wait for it end with it, for the same reason."""
        with transaction.atomic():
            ours = super().fail(sentence, lease=lease)
            RemoteCopy.objects.filter(pk=self.pk, state=self.State.FAILED).update(wanted_at=None)
            for job in self.waiting_jobs() if ours else ():
                ended = {"state": Job.State.FAILED, "finished_at": timezone.now(), "stage": ""}
                Job.objects.filter(pk=job.pk, state=Job.State.QUEUED).update(
                    **ended, **LET_GO, error=sentence[:400], progress=0, next_action_at=None
                )
                note(job, "ended", sentence)
        return ours


def copy_of(source: Source, account: Account) -> RemoteCopy:
    """The one copy of that content at that account, there already or only meant."""
    sha256 = source.sha256 or f"recording {source.pk}"
    told: tuple[RemoteCopy, bool] = RemoteCopy.objects.get_or_create(
        account=account, sha256=sha256, defaults={"source": source, "name": name_of(source, sha256)}
    )
    copy, _ = told
    if copy.source_id != source.pk:
        RemoteCopy.objects.filter(pk=copy.pk).update(source=source)
        copy.refresh_from_db()
    return copy


def name_of(source: Source, sha256: str) -> str:
    """A name that a person knows again and that no other content has."""
    suffix = str(source.file.name).rpartition(".")[2] if source.file else "mp4"
    title = slugify(source.title)[:LONGEST_NAME].strip("-") or "recording"
    return f"{title}-{slugify(sha256)[:20]}.{suffix[:5]}"
