"""Whether the queue's numbers fit each other: a task that runs must not be handed out again."""

from __future__ import annotations

from math import ceil
from typing import Any

from django.conf import settings
from django.core.checks import Error


def check_queue(**_: Any) -> list[Error]:
    """The clock of `retry` already runs while a task waits in memory behind others."""
    queue = settings.Q_CLUSTER
    clusters = {queue["name"]: {}} | queue.get("ALT_CLUSTERS", {})
    return [error for name, own in clusters.items() for error in wrong_in(name, {**queue, **own})]


def wrong_in(name: str, queue: dict[str, Any]) -> list[Error]:
    waits = 2 + ceil((queue["queue_limit"] + 1) / queue["workers"])
    least = queue["timeout"] * waits + 30
    rules = {
        f"retry must be more than {least} s": queue["retry"] > least,
        "timeout must be a whole number": isinstance(queue["timeout"], int),
        "guard_cycle must be 0.5, or overdue tasks are never ended": queue["guard_cycle"] == 0.5,
        "max_attempts must be set, or a bad task comes back for ever": queue["max_attempts"] > 0,
        "ack_failures must be on: our rows try again, not the queue": queue["ack_failures"],
        "orm must be the broker: others lose the task of a killed worker": bool(queue.get("orm")),
    }
    return [
        Error(f"Q_CLUSTER, cluster {name}: {rule}.", id="clips.E001")
        for rule, holds in rules.items()
        if not holds
    ]
