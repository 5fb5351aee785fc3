"""What a job at a provider can be told and asked by a person."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import timedelta
from typing import Any, ClassVar

from django.db import models, transaction
from django.utils import timezone

from clipboard.providers.model import Order
from clipboard.providers.port import Provider
from clipboard.providers.registry import PROVIDERS

from .account import Account, seal
from .lease import LET_GO
from .source import Source

TOO_LATE = "{} did not finish in time; look again, or at its own site, before you try again."
UNHEARD = "It was cancelled while it was being sent."
# As `was_given_up` and `was_let_go`, of what left.
GIVEN_UP = models.Q(state="failed", deadline_at__isnull=False) & ~models.Q(remote_id="")
GONE_ON = GIVEN_UP | models.Q(
    state="cancelled", cancel_requested_at__isnull=False, sent_at__isnull=False
)
NOT_ENDED = {"finished_at": None, "cancel_requested_at": None}
OUR_FAULT = "What the provider said could not be stored; the log says why. Look again later."


class AtProvider(models.Model):
    """Part of Job."""

    account: Any
    provider: str
    source: Any
    clip_id: int | None
    source_id: int
    state: str
    remote_id: str
    sent_at: Any
    deadline_at: Any
    cancel_requested_at: Any
    sealed_order: str
    next_action_at: Any
    OPEN_STATES: ClassVar[tuple[str, ...]]

    class Meta:
        abstract = True

    @property
    def rows(self) -> Any:
        """This row, as long as it is in the state that was seen."""
        jobs: Any = type(self)._default_manager
        return jobs.filter(pk=self.pk, state=self.state)

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN_STATES

    @property
    def adapter(self) -> Provider | None:
        """The provider's; None for our own engine's jobs, and where the account is gone."""
        return PROVIDERS.get(self.provider) if self.account else None

    @property
    def is_listed_there(self) -> bool:
        """Whether its provider lists its clips by filters of its own."""
        return bool(self.adapter and self.adapter.clip_filters and self.remote_id)

    @property
    def account_serves(self) -> bool:
        """Whether its account may be used; our own engine needs none. Else another try is vain
        until a person has put the account right, or chosen another."""
        if self.provider == "local":
            return True
        return bool(self.account and not self.account.is_disabled and not self.account.trouble)

    @property
    def can_be_changed(self) -> bool:
        """Whether it can be ordered anew with other choices: not while it may still come of these,
        nor a version of a clip that is gone."""
        kind = PROVIDERS.get(self.provider)
        if kind is None or self.is_open or self.state == "outcome_unknown":
            return False
        about_clip = kind.makes == "version"
        return self.source.state == "ready" and about_clip == (self.clip_id is not None)

    @property
    def moves(self) -> bool:
        """Whether it may change by itself."""
        found_out = self.state == "outcome_unknown" and self.next_action_at
        return self.is_open or bool(found_out)

    @property
    def was_given_up(self) -> bool:
        """Whether we stopped asking, while the provider may have gone on: there it may be done, and
        another order would buy it twice. What the provider itself has ended has no deadline."""
        return self.state == "failed" and bool(self.remote_id) and self.deadline_at is not None

    @property
    def was_let_go(self) -> bool:
        """Whether a person ended it here, while the provider may have gone on."""
        return self.state == "cancelled" and self.cancel_requested_at is not None

    @property
    def went_unheard(self) -> bool:
        """Whether it was let go while its order was on its way, and asking can tell what became of
        that: another order could buy it twice."""
        adapter = self.adapter
        tells = adapter is not None and (adapter.can_look_up or adapter.sends_idempotency_key)
        return tells and self.was_let_go and self.sent_at is not None and not self.remote_id

    @property
    def can_look_again(self) -> bool:
        """Whether asking the provider now may tell something; that never orders anything."""
        adapter = self.adapter
        if adapter is None or not self.account_serves:
            return False
        if self.state == "outcome_unknown":
            return adapter.can_look_up
        if self.state == "succeeded":
            return adapter.can_favourite and bool(self.remote_id)
        left = self.state == "failed" or self.was_let_go
        return bool(left and self.remote_id) or self.state in ("running", "partial")

    def look_again(self) -> bool:
        """Have the provider asked now. What we had given up or let go is followed once more."""
        adapter, now = self.adapter, timezone.now()
        if adapter is None or not self.can_look_again:
            return False
        if self.state == "succeeded":
            return self.look_at_marks()
        if self.state not in ("failed", "cancelled"):
            return bool(self.rows.update(next_action_at=now))
        again = {"state": "running", "error": "", "attempts": 0, **NOT_ENDED}
        until = now + timedelta(seconds=adapter.pace.deadline)
        return bool(self.rows.update(**again, next_action_at=now, deadline_at=until))

    def find_out(self) -> bool:
        """Have it found out whether it was taken, before it is ordered again. False: it is known by
        now."""
        unheard = self.rows.filter(remote_id="")
        unsure = {"state": "outcome_unknown", "error": UNHEARD, "attempts": 0, "progress": 0}
        return bool(unheard.update(**unsure, next_action_at=timezone.now(), **NOT_ENDED))

    def look_at_marks(self) -> bool:
        """Have what was marked there looked at now."""
        from .errand import Errand, ask_for  # which knows of jobs

        # Not the recording as a whole, which may hold hours of words.
        title = Source.objects.values_list("title", flat=True).get(pk=self.source_id)
        ask_for(self.account, Errand.Kind.LOOK, self.remote_id, job=self, title=title)
        return True

    def twin(self, remote_id: str) -> Any:
        """The job that has this number at the same account already, or None."""
        jobs: Any = type(self)._default_manager
        others = jobs.filter(account=self.account, remote_id=remote_id).exclude(pk=self.pk)
        return others.first() if self.account and remote_id else None

    @transaction.atomic
    def tell_outcome(self, *, remote_id: str) -> bool:
        """A person has found out whether the provider took it: its number there, or "" for no.

        False: it is known already, or the number is another job's. Whoever looks it up at this
        moment can write nothing any more: else he could have it ordered again.
        """
        if self.account:
            Account.objects.select_for_update().filter(pk=self.account.pk).first()
        if self.twin(remote_id):
            return False
        unknown = self.rows.filter(state="outcome_unknown")
        now = {"error": "", "attempts": 0, "next_action_at": timezone.now(), "sealed_order": ""}
        now |= LET_GO
        if remote_id:
            seconds = self.adapter.pace.deadline if self.adapter else 0
            until = timezone.now() + timedelta(seconds=seconds)
            told = unknown.update(state="running", remote_id=remote_id, deadline_at=until, **now)
        else:
            told = unknown.update(state="queued", sent_at=None, idempotency_key="", **now)
        return bool(told)

    def kept_order(self) -> Order | None:
        """What was sent, to be sent again word for word. Raises CannotOpen."""
        return Order(**json.loads(seal().open(self.sealed_order))) if self.sealed_order else None


def sealed(order: Order) -> str:
    return seal().seal(json.dumps(asdict(order)))
