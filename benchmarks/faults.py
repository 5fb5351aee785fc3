"""Random fault schedules, as many as there is time for: see tests/faults/schedule.py.

    make bench NAME=faults                                  1,000 of them, from a seed of its own
    make bench NAME=faults N=10000
    make bench NAME=faults N=10000 SEED=7 PROVIDER=reka     from that seed on, at one provider
    make bench NAME=faults PROVIDER=reka SEED=17 N=1        one of them again, told whole

Each is run in memory against the sandbox's vendors, over the real database code, adapters and
clients, in simulated time. The processes share the seeds among them. It ends with 1 if anything
did not hold.
"""

from __future__ import annotations

import multiprocessing
import os
import secrets
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

KINDS = {
    "fault": "faults on the way",
    "death": "processes killed",
    "race": "others in between",
    "outage": "outages",
}
SHOWN = 5  # broken schedules that are told whole
Work = tuple[str, str, int, int]  # folder, provider, first seed, how many
Found = tuple[Counter[str], list[str]]


def main() -> None:
    wanted = int(os.environ.get("N", "1000"))
    seed = int(os.environ.get("SEED", secrets.randbelow(10**6) * 1000))
    chosen = os.environ.get("PROVIDER", "")
    begin = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="clipboard-faults-") as folder:
        providers = prepare(Path(folder), chosen)
        print(f"{wanted:,} schedules at {', '.join(providers)}; seeds from {seed}", flush=True)
        with multiprocessing.get_context("spawn").Pool() as pool:
            found = list(pool.imap_unordered(run, shares(folder, providers, seed, wanted)))
    sys.exit(report(found, wanted, time.monotonic() - begin))


def prepare(folder: Path, chosen: str) -> list[str]:
    """An empty database and the videos; returns the providers."""
    set_up()
    from tests.faults import videos
    from tests.faults.vendors import TRADES
    from tests.prepared import prepare as migrate

    for name, make in (("database", migrate), ("videos", videos.prepare)):
        (folder / name).mkdir()
        make(folder / name)
    if chosen and chosen not in TRADES:
        sys.exit(f"PROVIDER is one of {', '.join(TRADES)}.")
    return [chosen] if chosen else list(TRADES)


def shares(folder: str, providers: list[str], seed: int, wanted: int) -> Iterator[Work]:
    """Small ones, so that all processes end together."""
    for place, name in enumerate(providers):
        mine = wanted // len(providers) + (place < wanted % len(providers))
        for first in range(0, mine, 20):
            yield folder, name, seed + first, min(20, mine - first)


def run(work: Work) -> Found:
    folder, provider, first, many = work
    set_up()
    from tests.faults.round import told
    from tests.faults.schedule import Schedule
    from tests.faults.stage import opened
    from tests.faults.videos import Videos

    counts, broken = Counter[str](), []
    database = Path(folder) / "database" / "clipboard.sqlite3"
    with opened(database, Videos(Path(folder) / "videos")) as stage:
        for seed in range(first, first + many):
            schedule = Schedule(stage, provider, seed)
            if schedule.run() or os.environ.get("N") == "1":
                broken.append(told(schedule))
            counts.update(schedule.counts)
            counts.update(f"broken: {line}" for line in schedule.broken)
    return counts, broken


def set_up() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    import django

    django.setup()


def report(found: list[Found], wanted: int, seconds: float) -> int:
    counts = sum((each for each, _ in found), Counter[str]())
    for line in [line for _, lines in found for line in lines][:SHOWN]:
        print(f"{line}\n")
    for kind, name in KINDS.items():
        these = {what: times for what, times in counts.items() if what.partition(":")[0] == kind}
        print(f"{sum(these.values()):>9,} {name}")
        for what, times in sorted(these.items(), key=lambda pair: -pair[1]):
            print(f"{times:>17,} {what.partition(': ')[2]}")
    broken = {what[8:]: times for what, times in counts.items() if what.startswith("broken: ")}
    print(f"\n{wanted:,} schedules in {seconds:.0f} s: {sum(broken.values())} broken invariants")
    return 1 if broken else 0


if __name__ == "__main__":
    main()
