"""What an account has used: its budgets as they stand now, and what today's jobs cost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from django.utils import timezone

from clipboard.clips.models import Account, Job, Spent, allowed
from clipboard.providers.model import Cost
from clipboard.providers.port import Budget

UNITS = ((86400, "day"), (3600, "hour"), (60, "minute"), (1, "second"))


class Usage(NamedTuple):
    name: str
    used: int
    most: int  # what the provider allows
    ours: int  # what we take of it: other programs may use the same key
    span: str  # "a minute"
    told: str = ""  # what the service itself says is left, as long as that is true
    rests_until: datetime | None = None  # so the service has told us

    @property
    def is_full(self) -> bool:
        return self.used >= self.ours


class Today(NamedTuple):
    jobs: int
    cost: str


def usage_of(account: Account, *, now: datetime) -> list[Usage]:
    rows = {row.budget: row for row in account.spent.all()}
    return [used(budget, rows.get(budget.name), now=now) for budget in account.adapter.budgets]


def used(budget: Budget, spent: Spent | None, *, now: datetime) -> Usage:
    calls = 0.0
    if spent:
        spent.turn_to(int(now.timestamp()) // budget.seconds)
        calls = spent.counted(budget, now=now)
    name = budget.name.replace("_", " ").capitalize()
    told = told_of(spent, now=now) if spent else ""
    until = spent.paused_until if spent else None
    rests = until if until and until > now else None
    span, ours = spanned(budget.seconds), allowed(budget)
    return Usage(name, round(calls), budget.calls, ours, span, told, rests)


def told_of(spent: Spent, *, now: datetime) -> str:
    """It counts what others do with the key too."""
    left, limit = spent.told.get("left"), spent.told.get("limit")
    if left is None or now.isoformat() >= spent.told["until"]:
        return ""
    return f"{left:,} of {limit:,} left" if limit else f"{left:,} left"


def spanned(seconds: int) -> str:
    """
    >>> spanned(60), spanned(3600), spanned(540), spanned(7200)
    ('a minute', 'an hour', 'in 9 minutes', 'in 2 hours')
    """
    length, unit = next((length, unit) for length, unit in UNITS if seconds % length == 0)
    if seconds == length:
        return f"an {unit}" if unit == "hour" else f"a {unit}"
    return f"in {seconds // length} {unit}s"


def today(accounts: Iterable[Account], *, now: datetime) -> dict[int, Today]:
    """What was sent since midnight, by account."""
    rows = sent_today(accounts, now=now)
    costs: dict[int, list[dict[str, Any]]] = {}
    for pk, cost in rows.values_list("account", "cost"):
        costs.setdefault(pk, []).append(cost)
    return {pk: Today(len(told), in_words(total(told))) for pk, told in costs.items()}


def sent_today(accounts: Iterable[Account], *, now: datetime) -> Any:
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    return Job.objects.filter(account__in=list(accounts), sent_at__gte=midnight)


def cost_of(cost: Cost | None) -> dict[str, Any]:
    """As a job keeps it."""
    if cost is None:
        return {}
    return {"amount": cost.amount, "unit": cost.unit, "is_estimate": cost.is_estimate}


def total(costs: Iterable[Mapping[str, Any]]) -> dict[str, float]:
    """
    >>> total([{"amount": 2, "unit": "credits"}, {}, {"amount": 1.5, "unit": "credits"}])
    {'credits': 3.5}
    """
    sums: Counter[str] = Counter()
    for cost in costs:
        if cost.get("unit"):
            sums[cost["unit"]] += cost.get("amount") or 0
    return dict(sums)


def in_words(sums: Mapping[str, float]) -> str:
    """
    >>> in_words({"credits": 3.5, "USD": 0.25}), in_words({"minutes": 1}), in_words({})
    ('3.5 credits and $0.25', '1 minute', '')
    """
    return " and ".join(amount_in_words(amount, unit) for unit, amount in sums.items())


def amount_in_words(amount: float, unit: str) -> str:
    """
    >>> amount_in_words(0.0312, "USD"), amount_in_words(1200, "credits")
    ('$0.031', '1,200 credits')
    """
    if unit == "USD":
        return f"${amount:,.2f}" if amount >= 0.1 or not amount else f"${amount:.2g}"
    word = unit.removesuffix("s") if amount == 1 else unit
    return f"{round(amount, 2):,g} {word}" if amount < 1000 else f"{amount:,.0f} {word}"
