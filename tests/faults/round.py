"""Many schedules one after another, and how to run one of them again."""

from __future__ import annotations

from tests.faults.schedule import Schedule
from tests.faults.stage import Stage

EACH, CHUNK = 200, 20  # schedules a provider, and a test
# What once broke something, by seeds beyond those.
FOUND = {
    "reka": (10086,),
    "scalereach": (1063, 1181),
    "sync": (1322,),
    "vizard": (10226,),
}


def firsts() -> range:
    """The first seed of each test."""
    return range(0, EACH, CHUNK)


def hold_again(stage: Stage, provider: str) -> None:
    """What once broke something holds now."""
    for seed in FOUND[provider]:
        hold(stage, provider, seed, many=1)


def hold(stage: Stage, provider: str, first: int, *, many: int = CHUNK) -> None:
    """Fails with the first schedule that breaks something, told whole."""
    for seed in range(first, first + many):
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
