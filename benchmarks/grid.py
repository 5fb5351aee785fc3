"""The filter page beside the least that could show it and beside Django admin's list.

    make bench NAME=grid                                   10,000, 100,000 and 1,000,000 clips
    make bench NAME=grid ARGS="10000 100000"
    make bench NAME=grid ARGS="10000 --keep DIRECTORY"     databases stay there, for the next time

Each is a real gunicorn process with one worker and four threads, on the same SQLite file; requests
go over HTTP, one at a time, the targets taking turns. Times are the client's; CPU is that of the
server process for each request, which other work on the machine disturbs less.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from benchmarks.grid_cases import Case, cases
from benchmarks.servers import Server, migrate_and_load, session_of

SIZES = (10_000, 100_000, 1_000_000)
ROUNDS, PER_ROUND = 12, 20


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.grid")
    parser.add_argument("sizes", nargs="*", type=int, default=SIZES)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="clipboard-grid-") as made:
        results = {
            size: measure(asked.keep or Path(made), size, asked.rounds) for size in asked.sizes
        }
    sys.exit(report(results))


def measure(folder: Path, size: int, rounds: int) -> dict[str, Case]:
    home = folder / str(size)
    migrate_and_load(home, size)
    cookie = session_of(home)
    with (
        Server(home, "clipboard.settings") as product,
        Server(home, "benchmarks.floor_settings") as floor,
    ):
        measured = cases(home, product, floor, cookie)
        for case in measured.values():
            case.ask(3)
        for _ in range(rounds):
            for case in measured.values():
                case.run(PER_ROUND)
    return measured


def report(results: dict[int, dict[str, Case]]) -> int:
    names = list(next(iter(results.values())))
    print(f"{'p50 ms / CPU ms a request':34}" + "".join(f"{size:>20,}" for size in results))
    for name in names:
        row = "".join(
            f"{found[name].p50:>11.2f} /{found[name].cpu:>7.2f}" for found in results.values()
        )
        print(f"{name:34}{row}")
    print()
    first = next(iter(results.values()))
    for name in names:
        if first[name].queries:
            print(f"{name:34}{first[name].queries:>3} statements {first[name].size:>7,} B gzipped")
    print()
    held = [told(*row) for row in targets(results)]
    return 0 if all(held) else 1


def targets(results: dict[int, dict[str, Case]]) -> list[tuple[str, float, float]]:
    """(what, measured, at most); the ratios are of CPU, least disturbed by other work."""
    small, large = results[min(results)], results[max(results)]
    middle = results.get(100_000, large)
    found = []
    for name in ("favourites, page 1", "favourites, deep", "completed, deep"):
        found.append(
            (f"{name}: beside the floor", middle[name].cpu / middle[f"floor: {name}"].cpu, 2)
        )
    admin = middle["favourites, page 1"].cpu / middle["admin: completed, score"].cpu
    found.append(("beside Django admin's list", admin, 0.1))
    for name, case in small.items():
        if name.startswith(("floor", "admin")):
            continue
        limit = 3.0 if name.startswith("search") else 1.3
        found.append(
            (f"{name}: {max(results):,} beside {min(results):,}", large[name].cpu / case.cpu, limit)
        )
        found.append((f"{name}: statements", max(case.queries, large[name].queries), 6))
        if name != "first load":
            found.append((f"{name}: bytes", max(case.size, large[name].size), 4096))
    return found


def told(what: str, value: float, most: float) -> bool:
    holds = value <= most
    print(f"{'ok  ' if holds else 'MISS'} {what:58} {value:>10,.2f}   at most {most:,g}")
    return holds


if __name__ == "__main__":
    main()
