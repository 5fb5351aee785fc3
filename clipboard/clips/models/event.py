"""What happened to a job, when, by whom, and what the provider said."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone

from clipboard.lib.redact import redact, redact_answer

from .job import Job
from .written import Change, Given


class JobEvent(models.Model):
    class Kind(models.TextChoices):
        ORDERED = "ordered"
        SENT = "sent"
        TAKEN = "taken"
        STATUS = "status"
        CLIPS = "clips"
        DOWNLOAD = "download"
        WEBHOOK = "webhook"
        TROUBLE = "trouble"
        ENDED = "ended"

    job = models.ForeignKey(Job, models.CASCADE, related_name="events")
    at = models.DateTimeField(default=timezone.now)
    kind = models.CharField(max_length=10, choices=Kind)
    words = models.CharField(max_length=400)
    answer = models.TextField(
        blank=True,
        default="",
        db_default="",
        help_text="what the provider said, without secrets; of the order, and of the last poll",
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        indexes = [models.Index(fields=["job", "id"], name="event_of_job")]

    def __str__(self) -> str:
        return f"{self.at:%H:%M:%S} {self.words}"


FORGET_ANSWERS = Change(
    lambda: (
        JobEvent.objects.filter(job=Given("job", models.BigAutoField()))
        .exclude(kind=JobEvent.Kind.TAKEN)
        .exclude(answer="")
    ),
    answer="",
)


def note(job: Job, kind: str, words: str, *, by: Any = None, said: Any = None) -> None:
    """Write a line of the job's timeline; secrets that a provider repeats are taken out.

    `said` is the provider's answer that it is about; it takes the place of an earlier one.
    """
    answer = redact_answer(said) if said else ""
    if answer:
        FORGET_ANSWERS(job=job.pk)
    words = redact(words)[:400]
    JobEvent.objects.create(job=job, kind=kind, words=words, by=by, answer=answer)
