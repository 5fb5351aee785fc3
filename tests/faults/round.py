"""Many schedules one after another, and how to run one of them again."""

from __future__ import annotations

from tests.faults.schedule import Schedule
from tests.faults.stage import Stage

EACH, CHUNK = 200, 20  # schedules a provider, and a test


def firsts() -> range:
    """The first seed of each test."""
    return range(0, EACH, CHUNK)


def hold(stage: Stage, provider: str, first: int) -> None:
    """Fails with the first schedule that breaks something, told whole."""
    for seed in range(first, first + CHUNK):
        schedule = Schedule(stage, provider, seed)
        assert not schedule.run(), told(schedule)


def told(schedule: Schedule) -> str:
    name, seed = schedule.trade.name, schedule.seed
    return "\n".join(
        [
            f"{name}, seed {seed}:",
            *(f"  {line}" for line in schedule.trace),
            "What does not hold:",
            *(f"  {line}" for line in schedule.broken),
            f"Again: make bench NAME=faults PROVIDER={name} SEED={seed} N=1",
        ]
    )
