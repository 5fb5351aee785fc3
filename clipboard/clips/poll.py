"""Asking providers how their jobs are: what is due is claimed together and asked at once, and what
has been answered meanwhile is written back together. A poll that fails changes nothing but when the
next one is."""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.utils import timezone

from clipboard.clips.follow import NETWORK_WAIT, Answered, Polled, write_back
from clipboard.clips.models import (
    LET_GO,
    Account,
    Due,
    Job,
    LeasedQuerySet,
    give_back,
    take_from_budget,
    wait_for_budget,
)
from clipboard.clips.queue import owner
from clipboard.clips.spend import KEY_LOST, OWN_BUDGET
from clipboard.lib.seal import CannotOpen
from clipboard.providers.crowd import MOST, Crowd
from clipboard.providers.errors import ProviderError
from clipboard.providers.model import RemoteJob
from clipboard.providers.port import Call
from clipboard.providers.registry import PROVIDERS
from clipboard.providers.speak import Connection

ASKED = (Job.State.RUNNING, Job.State.PARTIAL)
TURN_SECONDS = 0.2  # for so long answers are gathered, to be written together


class Purse:
    """What a round may take from the account's budgets, taken beforehand: while thousands are
    asked, nobody waits for a database. What is left goes back with the last answer."""

    def __init__(self, account: Account, line: Connection, *, wanted: int, now: datetime) -> None:
        self.account, self.line, self.wait = account, line, 0.0
        adapter = account.adapter
        each = adapter.calls_a_poll
        self.budgets = [one for one in adapter.budgets if one.name in adapter.poll_budgets]
        self.left = {
            budget.name: take_from_budget(account, budget, calls=wanted * each, now=now)
            for budget in self.budgets
        }
        self.polls = self.out = min(wanted, self.left.get("status", wanted * each) // each)
        status = next((budget for budget in self.budgets if budget.name == "status"), None)
        if status and self.polls < wanted:
            self.wait = wait_for_budget(status, now=now)

    def charge(self, call: Call) -> None:
        """Raises ProviderError("rate"), and nothing was sent."""
        if call.budget not in self.left:
            return
        if not self.left[call.budget]:
            raise ProviderError("rate", "The account's limit is used up for now.", code=OWN_BUDGET)
        self.left[call.budget] -= 1

    def count_back(self) -> None:
        """One of its polls is over."""
        self.out -= 1
        if self.out <= 0:
            self.close()

    def close(self) -> None:
        self.account.keep_told(self.line.allowances)
        for budget in self.budgets:
            if self.left[budget.name]:
                give_back(self.account, budget, calls=self.left[budget.name])


class Poller:
    """To use in a `with` block, at whose end all that were asked have been heard.

    A service that dawdles holds up nobody else: every turn asks after what is due by then.
    """

    def __init__(self) -> None:
        self.crowd: Crowd[tuple[Polled, Purse], RemoteJob] = Crowd()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        with self.crowd:
            while kind is None and self.crowd.waiting:
                self.hear(TURN_SECONDS)

    def turn(self, *, patience: float = TURN_SECONDS) -> bool:
        """Ask after what is due, and hear for so many seconds. False: there was nothing to do."""
        now = timezone.now()
        jobs = claim(now, most=self.crowd.most - self.crowd.waiting)
        for account, theirs in by_account(jobs).items():
            self.ask(account, theirs, now)
        return bool(self.hear(patience) or jobs or self.crowd.waiting)

    def hear(self, seconds: float) -> int:
        """Write down what is told in that time."""
        told = self.crowd.answers(within=seconds)
        write_back([Answered(job, purse.account, outcome) for (job, purse), outcome in told])
        for (_, purse), _ in told:
            purse.count_back()
        return len(told)

    def ask(self, account: Account, jobs: list[Polled], now: datetime) -> None:
        if wait := not_now(account):
            return put_off(jobs, wait)
        try:
            line = account.connection()
        except CannotOpen:
            account.report_trouble(KEY_LOST)
            return put_off(jobs, NETWORK_WAIT)
        purse = Purse(account, line, wanted=len(jobs), now=now)
        asked, left = jobs[: purse.polls], jobs[purse.polls :]
        put_off(left, purse.wait)
        if not asked:
            return purse.close()
        poll = account.adapter.poll
        several = [((job, purse), poll(job.remote_id)) for job in asked]
        self.crowd.ask(line, several, charge=purse.charge)


def claim(now: datetime, *, most: int) -> list[Polled]:
    """Take up to so many due jobs by one UPDATE, under a name that only this turn has."""
    me = f"{owner()}{secrets.token_hex(4)}"
    first = TO_ASK.keys(now)[:most] if most > 0 else []
    if not first:
        return []
    until = now + timedelta(seconds=4 * settings.LEASE_SECONDS)
    Job.objects.due(now=now).filter(pk__in=first).update(lease_owner=me, lease_until=until)
    ours = Job.objects.filter(lease_owner=me, pk__in=first)
    rows = ours.values_list(*Polled._fields[:-1])
    return [Polled._make((*row, now)) for row in rows]


def to_ask(now: datetime) -> LeasedQuerySet:
    due = Job.objects.due(now=now).filter(state__in=ASKED).exclude(account=None)
    return due.order_by("next_action_at")


TO_ASK = Due(to_ask, most=MOST)


def by_account(jobs: Sequence[Polled]) -> dict[Account, list[Polled]]:
    groups: dict[int, list[Polled]] = defaultdict(list)
    for job in jobs:
        groups[job.account_id].append(job)
    accounts = Account.objects.in_bulk(groups) if groups else {}
    return {account: groups[pk] for pk, account in accounts.items()}


def not_now(account: Account) -> float:
    """Seconds for which this account must not be asked at all."""
    if account.is_disabled or account.trouble or account.provider not in PROVIDERS:
        return 300.0
    return account.rests_for


def put_off(jobs: Sequence[Polled], seconds: float) -> None:
    """Jobs of one claim."""
    if jobs:
        ours = Job.objects.filter(pk__in=[job.pk for job in jobs], lease_owner=jobs[0].lease_owner)
        ours.update(next_action_at=timezone.now() + timedelta(seconds=seconds), **LET_GO)
