"""What is to be said to a provider beside orders and polls: a deletion, a favourite, a look at what
was marked there. Done in the background, again until it is done or refused."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone

from .account import Account
from .clip import Clip
from .copy import RemoteCopy
from .job import Job
from .lease import Leased, LeasedQuerySet

SHOWN_FOR = timedelta(hours=1)  # once it is done
KEY = ("account", "kind", "remote_id", "remote_clip_id")


class ErrandQuerySet(LeasedQuerySet):
    def of(self, team: Any) -> ErrandQuerySet:
        return self.filter(team=team)

    def deletions(self) -> ErrandQuerySet:
        return self.filter(kind__in=Errand.DELETIONS)

    def told_of(self) -> ErrandQuerySet:
        """Deletions that people should see: what goes on, what was refused, what is just done."""
        since = timezone.now() - SHOWN_FOR
        done = models.Q(state=Errand.State.DONE, finished_at__lt=since)
        return self.deletions().exclude(done).select_related("account").order_by("-pk")


class Errand(Leased):
    class Kind(models.TextChoices):
        DELETE_JOB = "delete_job"
        DELETE_CLIP = "delete_clip"
        DELETE_RECORDING = "delete_recording"
        FAVOURITE = "favourite"
        LOOK = "look"

    class State(models.TextChoices):
        WAITING = "waiting"
        DONE = "done"
        REFUSED = "refused"

    DELETIONS = (Kind.DELETE_JOB, Kind.DELETE_CLIP, Kind.DELETE_RECORDING)

    team = models.ForeignKey("teams.Team", models.CASCADE, related_name="errands")
    account = models.ForeignKey(Account, models.CASCADE, related_name="errands")
    kind = models.CharField(max_length=20, choices=Kind)
    remote_id = models.CharField(max_length=255, help_text="the job's or the recording's there")
    remote_clip_id = models.CharField(max_length=255, blank=True)
    with_input = models.BooleanField(default=False, help_text="the recording there too")
    job = models.ForeignKey(Job, models.SET_NULL, null=True, blank=True, related_name="errands")
    clip = models.ForeignKey(Clip, models.CASCADE, null=True, blank=True, related_name="errands")
    copy = models.ForeignKey(
        RemoteCopy,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="errands",
        help_text="the recording there that goes with the job",
    )
    title = models.CharField(max_length=255, blank=True, help_text="what it is about")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    error = models.CharField(max_length=400, blank=True, help_text="one sentence for a person")
    asked_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = ErrandQuerySet.as_manager()

    class Meta(Leased.Meta):
        constraints = [models.UniqueConstraint(fields=KEY, name="errand_once")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} at {self.account.title}: {self.title}"

    @property
    def words(self) -> str:
        """How far it is, for a person."""
        title = self.account.title
        if self.state == self.State.DONE:
            return f"Deleted at {title}."
        if self.state == self.State.REFUSED:
            return f"{title} still has it. {self.error}"
        return f"Being deleted at {title}. {self.error}".strip()

    def ask_again(self) -> bool:
        """False: it is not refused."""
        refused = Errand.objects.filter(pk=self.pk, state=self.State.REFUSED)
        now = timezone.now()
        again = {"state": self.State.WAITING, "error": "", "attempts": 0, "finished_at": None}
        return bool(refused.update(**again, asked_at=now, next_action_at=now))


def ask_for(account: Account, kind: str, remote_id: str, **fields: Any) -> None:
    """Have it done now. Whoever asks twice has it done once, after the second time."""
    now = timezone.now()
    fresh = {
        "team_id": account.team_id,
        "state": Errand.State.WAITING,
        "asked_at": now,
        "next_action_at": now,
        "error": "",
        "finished_at": None,
        **fields,
    }
    errand = Errand(account=account, kind=kind, remote_id=remote_id, **fresh)
    Errand.objects.bulk_create(
        [errand], update_conflicts=True, unique_fields=KEY, update_fields=list(fresh)
    )
