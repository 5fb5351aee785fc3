"""The row is the truth: anything that must happen has a due time and is done under a lease.

A queue only says "look now". Whoever looks claims a row by one conditional UPDATE, works, and
writes the outcome; a claim that is not renewed runs out, and the row is due again.
"""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from functools import cache
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Greatest
from django.utils import timezone

from .written import Change, Given, Keys

MAX_ATTEMPTS = 3
STANDSTILL = timedelta(hours=2)  # more than any work takes and workers are ever late
LET_GO = {"lease_owner": "", "lease_until": None}
NOW = Given("now", models.DateTimeField())
UNTIL = Given("until", models.DateTimeField())
ROW = Given("row", models.BigAutoField())
OWNER = Given("owner", models.CharField())


class LeasedQuerySet(models.QuerySet):
    def due(self, *, now: datetime) -> Self:
        return self.filter(next_action_at__lte=now).filter(
            Q(lease_until=None) | Q(lease_until__lte=now)
        )

    def not_ended(self) -> Self:
        """What is worked on stays due until it ends, and the index of what is due is short."""
        return self.filter(next_action_at__isnull=False)

    def under_lease(self, *, now: datetime | Given) -> Self:
        return self.not_ended().filter(lease_until__gt=now)

    def let_go(self, *, owner_prefix: str, counted: bool) -> int:
        """Give back what owners now dead had claimed; returns how many rows.

        `counted` says whether the attempt counts: it does not when we stopped on purpose.
        """
        held = self.not_ended().filter(lease_owner__startswith=owner_prefix)
        back = 0 if counted else 1
        return held.update(**LET_GO, attempts=Greatest(F("attempts") - back, 0))


class Leased(models.Model):
    next_action_at = models.DateTimeField(null=True, blank=True, help_text="empty: nothing to do")
    lease_owner = models.CharField(max_length=80, blank=True, default="")
    lease_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveIntegerField(default=0, help_text="counted when work starts")

    most_attempts: ClassVar[int] = MAX_ATTEMPTS  # begun and not ended: it kills whoever works on it

    class Meta:
        abstract = True
        indexes = [
            models.Index(
                fields=["next_action_at"],
                condition=Q(next_action_at__isnull=False),
                name="%(class)s_due",
            )
        ]

    def stood_still(self, *, now: datetime) -> bool:
        """Whether this row, read while claimed, was due for so long that nobody can have worked
        at all: that took no patience with whoever was to be asked."""
        return self.next_action_at is not None and now - self.next_action_at > STANDSTILL

    @classmethod
    def claim(cls, pk: int, *, owner: str, now: datetime, seconds: float | None = None) -> bool:
        """Take the row if it is still due. One winner however many try."""
        until = now + timedelta(seconds=seconds or settings.LEASE_SECONDS)
        return claiming(cls)(row=pk, owner=owner, now=now, until=until) == 1

    def stop_wanted(self) -> bool:
        """Whether this row, read while claimed, was cancelled, deleted or taken over since."""
        return not owned(type(self))(row=self.pk, owner=self.lease_owner)

    def fail(self, sentence: str, *, lease: Lease) -> bool:
        """End for good, with the reason for a person. False: the row is no longer ours."""
        return lease.finish(state="failed", error=sentence[:400])


class Lease:
    """One claimed row. Work calls `should_stop` often; writes count only while the row is ours."""

    def __init__(self, row: Any, *, owner: str) -> None:
        self.row, self.owner = row, owner
        self.kind: Any = type(row)
        self.rows = self.kind.objects
        self.looked_at = self.renewed_at = time.monotonic()
        self.lost = False

    def should_stop(self) -> bool:
        """True once the lease is lost or a person has asked to stop. Cheap to call in a loop."""
        now = time.monotonic()
        if self.lost or now - self.looked_at < 1:
            return self.lost
        self.looked_at = now
        if now - self.renewed_at > settings.LEASE_SECONDS / 3:
            self.renewed_at = now
            until = timezone.now() + timedelta(seconds=settings.LEASE_SECONDS)
            if not self._change(lease_until=until):
                self.lost = True
        self.lost = self.lost or self.row.stop_wanted()
        return self.lost

    def holds(self) -> bool:
        """Whether the row is still ours, asked now."""
        return bool(held(self.kind)(row=self.row.pk, owner=self.owner, now=timezone.now()))

    def is_gone(self) -> bool:
        """Whether the row was removed, and all there was to say of it with it."""
        return not self.rows.filter(pk=self.row.pk).exists()

    def write(self, **fields: Any) -> bool:
        """Store fields if the row is still ours; False if someone else has it now."""
        for name, value in fields.items():
            setattr(self.row, name, value)
        return self._change(**fields)

    def finish(self, *, next_action_at: datetime | None = None, **fields: Any) -> bool:
        """Store the outcome and let go. Without `next_action_at` there is nothing left to do."""
        return self.write(next_action_at=next_action_at, **LET_GO, **fields)

    def _change(self, **fields: Any) -> bool:
        return change_owned(self.row, owner=self.owner, **fields)


def change_owned(row: Leased, *, owner: str, **fields: Any) -> bool:
    """Store these values if the row is still that owner's."""
    return changing(type(row), tuple(fields))(row=row.pk, owner=owner, **fields) == 1


# --- Written once for each kind of row ------------------------------------------------------------


@cache
def claiming(kind: Any) -> Change:
    return Change(
        lambda: kind.objects.due(now=NOW).filter(pk=ROW),
        lease_owner=OWNER,
        lease_until=UNTIL,
        attempts=F("attempts") + 1,
    )


def own_rows(kind: Any) -> Any:
    return kind.objects.filter(pk=ROW, lease_owner=OWNER)


@cache
def owned(kind: Any) -> Keys:
    return Keys(lambda: own_rows(kind), most=1)


@cache
def held(kind: Any) -> Keys:
    return Keys(lambda: own_rows(kind).filter(lease_until__gt=NOW), most=1)


@cache
def changing(kind: Any, names: tuple[str, ...]) -> Change:
    fields = {name: Given(name, kind._meta.get_field(name)) for name in names}
    return Change(lambda: own_rows(kind), **fields)
