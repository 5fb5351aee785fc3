"""One request for clips of one source, to one provider, with everything that came of it."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import models, transaction
from django.utils import timezone

from clipboard.providers.registry import PROVIDERS

from .lease import LET_GO, Lease, Leased, LeasedQuerySet
from .remote import GONE_ON, AtProvider
from .source import LONG, Source

ANALYSIS = 0.6  # of a job's progress; the rest is rendering
RENDERING = "rendering"  # the stage in which a job waits for its previews
LOOK_AGAIN = timedelta(seconds=60)  # a net below the renditions, which end their job themselves
LOOSEN_BY = 15
UNUSABLE = ("failed", "duplicate")
NO_USE = "This recording cannot be used; open it to see why."
COUNT, THRESHOLD = 12, 35  # what the engine takes where nothing was chosen


class JobQuerySet(LeasedQuerySet):
    def of(self, team: Any) -> JobQuerySet:
        return self.filter(team=team)

    def open(self) -> JobQuerySet:
        return self.filter(state__in=Job.OPEN_STATES)

    def worth_retrying(self) -> JobQuerySet:
        """Failed ones for which another try is not vain from the start."""
        broken = models.Q(account=None) | models.Q(account__is_disabled=True)
        broken |= ~models.Q(account__trouble="")
        failed = self.filter(state=Job.State.FAILED).exclude(source__state__in=UNUSABLE)
        return failed.filter(models.Q(provider="local") | ~broken)

    def may_be_made(self) -> JobQuerySet:
        """Those of which something came, or may come, for all that we know."""
        return self.filter(~models.Q(state__in=Job.ENDED_BADLY) | GONE_ON)

    def with_source(self) -> JobQuerySet:
        return self.select_related("source").defer(*(f"source__{name}" for name in LONG))

    def listed(self) -> JobQuerySet:
        return self.order_by("-created_at", "-pk")

    def before(self, other: Job) -> JobQuerySet:
        """Those listed after `other`; the first condition is what the index can seek."""
        same_time = models.Q(created_at=other.created_at, pk__lt=other.pk)
        older = models.Q(created_at__lt=other.created_at)
        return self.filter(same_time | older, created_at__lte=other.created_at)


class Job(AtProvider, Leased):
    class State(models.TextChoices):
        QUEUED = "queued"
        SUBMITTING = "submitting"  # the request to the provider may be on its way
        OUTCOME_UNKNOWN = "outcome_unknown"  # nobody knows whether the provider took it
        RUNNING = "running"
        PARTIAL = "partial"  # the provider is done, but some clips have no file there yet
        SUCCEEDED = "succeeded"
        FAILED = "failed"
        REJECTED = "rejected"
        EXPIRED = "expired"
        CANCELLED = "cancelled"

    OPEN_STATES = (State.QUEUED, State.SUBMITTING, State.RUNNING, State.PARTIAL)
    UNSURE = (State.SUBMITTING, State.OUTCOME_UNKNOWN)  # the order may have been taken
    ENDED_BADLY = (State.FAILED, State.REJECTED, State.EXPIRED, State.CANCELLED)

    team = models.ForeignKey("teams.Team", models.CASCADE, related_name="jobs")
    source = models.ForeignKey(Source, models.CASCADE, related_name="jobs")
    provider = models.CharField(max_length=20, default="local")
    options = models.JSONField(default=dict, blank=True)
    account = models.ForeignKey(
        "clips.Account", models.SET_NULL, null=True, blank=True, related_name="jobs"
    )
    clip = models.ForeignKey(
        "clips.Clip",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="versions_ordered",
        help_text="of which another version is wanted; empty: clips of the source",
    )
    wants_upload = models.BooleanField(
        default=False, db_default=False, help_text="the file itself is to go to the provider"
    )
    copy = models.ForeignKey(
        "clips.RemoteCopy",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="jobs",
        help_text="the recording's copy at the provider that it is fed from",
    )
    remote_id = models.CharField(
        max_length=255,
        blank=True,
        default="",
        db_default="",
        help_text="its number at the provider",
    )
    remote_word = models.CharField(
        max_length=60, blank=True, default="", db_default="", help_text="the provider's own status"
    )
    idempotency_key = models.CharField(max_length=64, blank=True, default="", db_default="")
    sealed_order = models.TextField(
        blank=True,
        default="",
        db_default="",
        editable=False,
        help_text="what was sent, until it is known to be taken: it holds signed addresses",
    )
    sent_at = models.DateTimeField(
        null=True, blank=True, help_text="written before the request leaves, so that none is lost"
    )
    deadline_at = models.DateTimeField(null=True, blank=True, help_text="then it is given up")
    cost = models.JSONField(
        default=dict,
        db_default=models.Value({}, models.JSONField()),
        blank=True,
        help_text="{amount, unit, is_estimate}",
    )
    state = models.CharField(max_length=16, choices=State, default=State.QUEUED)
    stage = models.CharField(max_length=40, blank=True)
    progress = models.FloatField(default=0, help_text="0 to 1, never decreasing while it runs")
    error = models.CharField(max_length=400, blank=True, help_text="one sentence for a person")
    summary = models.JSONField(
        default=dict,
        blank=True,
        help_text="considered, best_score, threshold, heard_speech, language, notes",
    )
    cancel_requested_at = models.DateTimeField(null=True, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="jobs"
    )
    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True, blank=True)
    found_at = models.DateTimeField(null=True, blank=True, help_text="when its clips were listed")
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = JobQuerySet.as_manager()

    class Meta(Leased.Meta):
        indexes = [
            *Leased.Meta.indexes,
            models.Index(fields=["team", "-created_at", "-id"], name="job_listed"),
            models.Index(fields=["team", "state"], name="job_by_state"),
            models.Index(
                fields=["account", "remote_id"],
                condition=models.Q(account__isnull=False),
                name="job_by_remote_id",
            ),
            models.Index(
                fields=["account", "sent_at"],
                condition=models.Q(sent_at__isnull=False),
                name="job_sent",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_provider_display_name()} clips of {self.source}"

    def get_provider_display_name(self) -> str:
        adapter = PROVIDERS.get(self.provider)
        return adapter.title if adapter else self.provider.capitalize()

    @property
    def can_retry(self) -> bool:
        """A recording or an account that is no use is mended first; its jobs cannot do that."""
        usable = self.account_serves and self.source.state not in UNUSABLE
        return usable and self.state in self.ENDED_BADLY

    def fail(self, sentence: str, *, lease: Lease) -> bool:
        with transaction.atomic():
            told: dict[str, Any] = {"error": sentence[:400], "finished_at": timezone.now()}
            ours = lease.finish(state=self.State.FAILED, **told, sealed_order="")
            if ours:
                self.drop_previews()
        return ours

    def cancel(self) -> bool:
        """End it now, whoever works on it: their lease is gone, and they notice within a second.

        Clips that were found stay. False: it had ended already.
        """
        now = timezone.now()
        end = {"finished_at": now, "next_action_at": None, "stage": ""} | LET_GO
        with transaction.atomic():
            cancelled = (
                Job.objects.open()
                .filter(pk=self.pk)
                .update(state=self.State.CANCELLED, cancel_requested_at=now, **end)
            )
            if cancelled:
                self.drop_previews()
        return bool(cancelled)

    def drop_previews(self) -> None:
        self.previews().open().update(
            state="cancelled", finished_at=timezone.now(), next_action_at=None, **LET_GO
        )
        self.clips.filter(status="generating").update(status="detected")

    def previews(self) -> Any:
        return apps.get_model("clips", "Rendition").objects.previews_of(self)

    @transaction.atomic
    def retry(self) -> bool:
        """Queue it again after it failed or was cancelled. What it found is kept and matched; what
        may have been taken is found out about first."""
        self.source.state = self.source.state_held()
        if not self.can_retry:
            return False
        if self.went_unheard:
            return self.find_out()
        ready = self.source.state == self.source.State.READY
        due = timezone.now() if ready else None
        queued = self.rows.filter(remote_id=self.remote_id).update(
            state=self.State.QUEUED,
            stage="",
            error="",
            progress=0,
            attempts=0,
            next_action_at=due,
            cancel_requested_at=None,
            remote_id="",
            remote_word="",
            idempotency_key="",
            sealed_order="",
            sent_at=None,
            deadline_at=None,
            cost={},
            started_at=None,
            found_at=None,
            finished_at=None,
        )
        return bool(queued)

    @property
    def can_loosen(self) -> bool:
        """Providers know no such limits."""
        can_fall = self.provider == "local" and self.options.get("threshold", THRESHOLD) > 0
        return can_fall and self.source.state == "ready"

    def loosen(self, *, by: Any) -> Job:
        """A new job on the same source that accepts weaker and longer clips."""
        options = self.options | {
            "threshold": max(0, self.options.get("threshold", THRESHOLD) - LOOSEN_BY),
            "min_duration": max(3, self.options.get("min_duration", 10) * 0.6),
            "max_duration": min(180, self.options.get("max_duration", 60) * 1.5),
        }
        return Job.objects.create(
            team_id=self.team_id,
            source_id=self.source_id,
            provider=self.provider,
            options=options,
            created_by=by,
            next_action_at=timezone.now(),
        )

    def settle(self) -> None:
        """Count the finished previews; end the job with the last of them."""
        states = Counter(self.previews().values_list("state", flat=True))
        left, ready = states["waiting"] + states["rendering"], states["ready"]
        done = sum(states.values()) - left
        mine = Job.objects.filter(pk=self.pk, provider="local")
        running = mine.filter(state=self.State.RUNNING, stage=RENDERING)
        if left:
            running.update(
                progress=ANALYSIS + (1 - ANALYSIS) * done / (done + left),
                next_action_at=timezone.now() + LOOK_AGAIN,
            )
        else:
            failed = done > 0 and not ready
            running.update(
                state=self.State.FAILED if failed else self.State.SUCCEEDED,
                error=NO_PREVIEW if failed else "",
                stage="",
                progress=1,
                finished_at=timezone.now(),
                next_action_at=None,
            )


NO_PREVIEW = "The clips were found, but none of them could be rendered; try again."
