"""A team's account at a provider: the key, the address, and how much it may still ask."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.db.models.functions import Greatest
from django.utils import timezone

from clipboard.lib.seal import Seal
from clipboard.providers.port import GENERAL, Allowance, Budget, Provider
from clipboard.providers.registry import PROVIDERS
from clipboard.providers.retry import LONGEST
from clipboard.providers.speak import Connection

from .lease import LET_GO, ROW
from .written import Change, Given

SHARE = 0.7  # of a budget a minute that we take: other programs use the same key
SHORT = 60
TAIL = 4
ENDED = ("succeeded", "failed", "rejected", "expired", "cancelled")


class AccountQuerySet(models.QuerySet["Account"]):
    def of(self, team: Any) -> AccountQuerySet:
        return self.filter(team=team)

    def usable(self) -> AccountQuerySet:
        return self.filter(is_disabled=False, provider__in=PROVIDERS)


class Account(models.Model):
    """The key goes in and is never shown again: pages see its last four characters."""

    team = models.ForeignKey("teams.Team", models.CASCADE, related_name="accounts")
    provider = models.CharField(max_length=20)
    name = models.CharField(max_length=80)
    base_url = models.URLField(max_length=300, blank=True, help_text="empty: the provider's own")
    sealed_key = models.TextField(blank=True, editable=False)
    key_tail = models.CharField(max_length=TAIL, blank=True, editable=False)
    sealed_webhook_secret = models.TextField(blank=True, editable=False)
    is_disabled = models.BooleanField(default=False)
    trouble = models.CharField(
        max_length=400, blank=True, help_text="why nothing is asked until a person has looked"
    )
    paused_until = models.DateTimeField(null=True, blank=True, help_text="told to slow down")
    checked_at = models.DateTimeField(null=True, blank=True)
    check_result = models.CharField(max_length=400, blank=True)
    check_passed = models.BooleanField(null=True, blank=True, help_text="empty: not tried yet")
    created_at = models.DateTimeField(default=timezone.now)

    objects = AccountQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["team", "provider", "name"], name="account_name_once")
        ]

    def __str__(self) -> str:
        return f"{self.title}: {self.name}"

    @property
    def title(self) -> str:
        """The provider's, also of one that this release does not have."""
        return PROVIDERS[self.provider].title if self.provider in PROVIDERS else self.provider

    @property
    def adapter(self) -> Provider:
        return PROVIDERS[self.provider]

    @property
    def address(self) -> str:
        return self.base_url or self.adapter.base_url

    def keep_key(self, key: str) -> list[str]:
        """A new key ends what the old one had brought about. Returns the fields to be saved."""
        self.sealed_key = seal().seal(key)
        # So short a key would be half told by its end.
        self.key_tail = key[-TAIL:] if len(key) >= 4 * TAIL else ""
        self.trouble, self.paused_until = "", None
        if self.pk:
            self.spent.update(paused_until=None)
        self.checked_at, self.check_result, self.check_passed = None, "", None
        told = ["trouble", "paused_until", "checked_at", "check_result", "check_passed"]
        return ["sealed_key", "key_tail", *told]

    @property
    def state(self) -> str:
        """The first of these that holds: disabled, trouble, paused, failing, working, untried."""
        if self.is_disabled:
            return "disabled"
        if self.trouble:
            return "trouble"
        if self.rests_for:
            return "paused"
        return {True: "working", False: "failing", None: "untried"}[self.check_passed]

    @property
    def rests_for(self) -> float:
        """Seconds for which the service has told us to leave it alone."""
        until = self.paused_until or timezone.now()
        return max(0.0, (until - timezone.now()).total_seconds())

    def write_check(self, sentence: str, *, passed: bool) -> None:
        """What a test of the connection found. A key that works ends the trouble."""
        found = {
            "checked_at": timezone.now(),
            "check_result": sentence[:400],
            "check_passed": passed,
            **({"trouble": ""} if passed else {}),
        }
        Account.objects.filter(pk=self.pk).update(**found)
        if passed:
            self.wake()

    def switch(self, *, on: bool) -> None:
        Account.objects.filter(pk=self.pk).update(is_disabled=not on)
        if on:
            self.wake()

    def wake(self) -> None:
        """Have what runs there asked after now, which was put off while nothing could be asked."""
        unsure = models.Q(state="outcome_unknown", next_action_at__isnull=False)
        running = self.jobs.filter(models.Q(state__in=("running", "partial")) | unsure)
        running.update(next_action_at=timezone.now())
        self.errands.filter(state="waiting").update(next_action_at=timezone.now())

    @property
    def deletions_left(self) -> int:
        """How many that were asked for at the provider are still to be done."""
        return int(self.errands.deletions().filter(state="waiting").count())

    @transaction.atomic
    def remove(self) -> None:
        """With its key. Jobs stay; what still ran can be asked after no longer, and says so."""
        left = self.jobs.exclude(state__in=ENDED)
        words = f"Its account was removed; what {self.adapter.title} makes of it is not fetched."
        now = timezone.now()
        ended = {"state": "failed", "error": words, "finished_at": now, "sealed_order": ""}
        left.update(**ended, next_action_at=None, **LET_GO)
        self.delete()

    def keep_webhook_secret(self, secret: str) -> None:
        self.sealed_webhook_secret = seal().seal(secret) if secret else ""

    def webhook_secret(self) -> str:
        return seal().open(self.sealed_webhook_secret) if self.sealed_webhook_secret else ""

    def connection(self) -> Connection:
        """Raises CannotOpen where the secret that sealed the key is gone."""
        return Connection(self.adapter, base_url=self.address, key=seal().open(self.sealed_key))

    def keep_told(self, told: Mapping[str, Allowance]) -> None:
        """What the service says is left of its budgets, from which calls were taken before."""
        for name, one in told.items():
            until = timezone.now() + timedelta(seconds=min(one.resets_in or 0, LONGEST))
            said = {"left": one.left, "limit": one.limit, "until": until.isoformat()}
            self.spent.filter(budget=name).update(told=said)

    def report_trouble(self, sentence: str) -> None:
        """The key is not accepted, or nothing is left to spend: stop asking, tell a person."""
        Account.objects.filter(pk=self.pk).update(trouble=sentence[:400])

    def pause(self, *, seconds: float, budget: str = "") -> None:
        """The service told us to slow down: nothing is taken from that budget before, or nothing at
        all is asked where it is the general one or none that is known."""
        until = timezone.now() + timedelta(seconds=seconds)
        slower = models.Q(paused_until=None) | models.Q(paused_until__lt=until)
        if budget != GENERAL and budget in (one.name for one in self.adapter.budgets):
            Spent.objects.bulk_create([Spent(account=self, budget=budget)], ignore_conflicts=True)
            self.spent.filter(slower, budget=budget).update(paused_until=until)
        else:
            Account.objects.filter(slower, pk=self.pk).update(paused_until=until)


def seal() -> Seal:
    return Seal(settings.PROVIDER_SECRETS)


class Spent(models.Model):
    """How much of one of an account's budgets was used, in this window of time and in the last.

    The calls in any span of that length are about `used` + `used_before` x the part of the last
    window that the span still covers (the sliding-window counter).
    """

    account = models.ForeignKey(Account, models.CASCADE, related_name="spent")
    budget = models.CharField(max_length=20)
    window = models.BigIntegerField(default=0, help_text="Unix time // the budget's seconds")
    used = models.PositiveIntegerField(default=0)
    used_before = models.PositiveIntegerField(default=0)
    paused_until = models.DateTimeField(null=True, blank=True, help_text="told to slow down")
    told = models.JSONField(
        default=dict,
        db_default=models.Value({}, models.JSONField()),
        help_text="{left, limit, until}: what the service said of it last, shown and not relied on",
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "budget"], name="spent_once_per_budget")
        ]

    def __str__(self) -> str:
        return f"{self.used} of {self.budget}"

    def turn_to(self, window: int) -> None:
        if window > self.window:
            self.used_before = self.used if window == self.window + 1 else 0
            self.used = 0
            self.window = window

    def counted(self, budget: Budget, *, now: datetime) -> float:
        """The calls in the span of the budget's length that ends now."""
        covered = 1 - (now.timestamp() % budget.seconds) / budget.seconds
        return self.used + self.used_before * covered

    def left(self, budget: Budget, *, now: datetime) -> int:
        if self.paused_until and self.paused_until > now:
            return 0
        return max(0, int(allowed(budget) - self.counted(budget, now=now)))


def allowed(budget: Budget) -> int:
    """How many of its calls we take."""
    share = SHARE if budget.seconds <= SHORT else 1
    return max(1, int(budget.calls * share))


@transaction.atomic
def take_from_budget(account: Account, budget: Budget, *, calls: int, now: datetime) -> int:
    """Take up to so many calls; returns how many were granted. Safe among many workers."""
    spent = locked(account, budget)
    spent.turn_to(int(now.timestamp()) // budget.seconds)
    granted = min(calls, spent.left(budget, now=now))
    spent.used += granted
    WRITE_SPENT(row=spent.pk, window=spent.window, used=spent.used, used_before=spent.used_before)
    return granted


WRITE_SPENT = Change(
    lambda: Spent.objects.filter(pk=ROW),
    window=Given("window", models.BigIntegerField()),
    used=Given("used", models.IntegerField()),
    used_before=Given("used_before", models.IntegerField()),
)


def locked(account: Account, budget: Budget) -> Spent:
    """The row, made at the first call."""
    rows = Spent.objects.select_for_update().filter(account=account, budget=budget.name)
    for spent in rows:
        return spent
    Spent.objects.bulk_create([Spent(account=account, budget=budget.name)], ignore_conflicts=True)
    return rows.get()


def give_back(account: Account, budget: Budget, *, calls: int) -> None:
    """What was taken and not used; nothing where the account is gone."""
    spent = account.spent.filter(budget=budget.name)
    spent.update(used=Greatest(models.F("used") - calls, 0))


def wait_for_budget(budget: Budget, *, now: datetime) -> float:
    """Seconds after which to ask again: a tenth of the window, or what is left of it."""
    return min(budget.seconds / 10, budget.seconds - now.timestamp() % budget.seconds) + 0.5
