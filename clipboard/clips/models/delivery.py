"""What providers send us by themselves, kept as it came."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from clipboard.lib.redact import redact_answer


class Delivery(models.Model):
    """A webhook's message. It only makes the poll happen now; nothing in it is believed."""

    class Verdict(models.TextChoices):
        AUTHENTIC = "authentic"
        FORGED = "forged"
        UNCHECKED = "unchecked"  # no secret is known for this account

    account = models.ForeignKey("clips.Account", models.CASCADE, related_name="deliveries")
    digest = models.CharField(max_length=64, help_text="SHA-256 of the body")
    body = models.BinaryField()
    verdict = models.CharField(max_length=10, choices=Verdict)
    remote_id = models.CharField(max_length=255, blank=True)
    times = models.PositiveIntegerField(default=1, help_text="how often it came")
    received_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name_plural = "deliveries"
        constraints = [
            models.UniqueConstraint(fields=["account", "digest", "verdict"], name="delivery_once")
        ]

    def __str__(self) -> str:
        return f"{self.verdict} message on {self.remote_id or 'nothing'}"

    @property
    def shown(self) -> str:
        """The message as text, without secrets and signatures."""
        return redact_answer(bytes(self.body))
