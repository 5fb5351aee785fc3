"""Five thousand jobs at a provider that answers in 50 ms, each asked after every 5 s by one worker.

    make bench NAME=polling                            about five minutes
    make bench NAME=polling ARGS="--seconds 20 --rounds 1"

The provider is a stub in a process of its own, on loopback. The worker is the product's, with its
claims, its guard and its status writes to SQLite; a real web process on the same file is asked
for the grid meanwhile. Beside it, in the same run and taking turns: bare httpx with Job.save(), at
several sizes of its pool, and bare aiohttp that writes nothing. What is compared is the CPU time
of the asking process, which other work on the machine disturbs least.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.request import urlopen

from benchmarks.grid_cases import Case
from benchmarks.servers import TICKS, Server, environment, migrate_and_load, run, session_of

JOBS, CLIPS, WAIT_MS = 5000, 10_000, 50
INSIDE = "benchmarks.polling_inside"
HTTPX, AIOHTTP = (5, 10, 20, 30, 100), (30, 100, 1000)
FLIGHTS = (30, 100, 300, 1000)
SETTLE, PEER_SECONDS, ASKED_EVERY = 20, 4, 0.05
FOR_WEB = "/clips/?status=completed&min_score=60"


class Found(NamedTuple):
    """Of the product's worker: CPU µs a poll, polls a second, MB at first and at last."""

    cpu: float
    rate: float
    memory: tuple[float, float]


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.polling")
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="clipboard-polling-") as made, stub() as port:
        home, address = Path(made), f"http://127.0.0.1:{port}"
        os.environ |= {"OUTBOUND_ALLOW_HOSTS": f"127.0.0.1:{port}"}
        migrate_and_load(home, CLIPS)
        run(home, INSIDE, "load", str(JOBS), f"{address}/{WAIT_MS}")
        found, web = beside_web(home, address, asked.seconds)
        peers, flights = compare(home, address, asked.rounds)
    sys.exit(report(found, web, peers, flights))


# --- Measuring ------------------------------------------------------------------------------------


@contextmanager
def stub() -> Iterator[int]:
    command = [sys.executable, "-m", "benchmarks.polling_stub"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        yield int(process.stdout.readline())
    finally:
        process.terminate()
        process.wait()
        process.stdout.close()


def beside_web(home: Path, address: str, seconds: int) -> tuple[Found, dict[str, float]]:
    """The worker by itself for a while, and what the web process answers without and with it."""
    quiet: list[float] = []
    busy: list[float] = []
    with Server(home, "clipboard.settings") as server:
        case = Case(server, FOR_WEB, cookie=session_of(home))
        case.ask(20)
        ask_web(case, seconds / 3, quiet)
        with worker(home) as pid:
            ask_web(case, SETTLE, [])
            before = look_at(pid, address)
            ask_web(case, seconds, busy)
            after = look_at(pid, address)
        ask_web(case, seconds / 3, quiet)
    polls, cpu, lasted = (after[n] - before[n] for n in range(3))
    found = Found(1e6 * cpu / polls, polls / lasted, (before[3], after[3]))
    return found, {"quiet": p99(quiet), "busy": p99(busy)}


@contextmanager
def worker(home: Path) -> Iterator[int]:
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", INSIDE, "work"], env=environment(home)
    )
    try:
        yield process.pid
    finally:
        process.kill()
        process.wait()


def ask_web(case: Case, seconds: float, times: list[float]) -> None:
    """At a steady pace; what it took goes to `times`, in milliseconds."""
    end = time.monotonic() + seconds
    while (start := time.monotonic()) < end:
        case.ask(1)
        took = time.monotonic() - start
        times.append(1000 * took)
        time.sleep(max(0, ASKED_EVERY - took))


def look_at(pid: int, address: str) -> tuple[float, float, float, float]:
    """Polls answered, CPU seconds, the moment, and the memory in MB."""
    with urlopen(f"{address}/count") as answer:
        polls = int(answer.read())
    # Of the whole process, threads that have ended too.
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    cpu = (int(fields[11]) + int(fields[12])) / TICKS
    return polls, cpu, time.monotonic(), int(fields[21]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def p99(times: list[float]) -> float:
    return statistics.quantiles(times, n=100)[-1]


Peers = dict[tuple[str, int], dict[str, float]]


def compare(home: Path, address: str, rounds: int) -> tuple[Peers, Peers]:
    """Rounds in shuffled order: medians, and of what is added the least, since whatever else the
    machine does only ever adds to it."""
    told: dict[tuple[str, str, int], list[dict[str, float]]] = defaultdict(list)
    cases = [("httpx", n) for n in HTTPX] + [("aiohttp", n) for n in AIOHTTP]
    flown = [(who, n) for who in ("ours", "bare") for n in FLIGHTS]
    for _ in range(rounds):
        for who, n in random.sample(cases, len(cases)):
            arguments = (who, str(n), f"{address}/{WAIT_MS}", str(PEER_SECONDS))
            told["peer", who, n].append(json.loads(run(home, INSIDE, *arguments)))
        for who, n in random.sample(flown, len(flown)):
            told["flight", who, n].append(
                json.loads(run(home, INSIDE, "flight", str(n), who, address))
            )
    found: dict[str, Peers] = {"peer": {}, "flight": {}}
    for (kind, who, n), each in told.items():
        of = min if kind == "flight" else statistics.median
        found[kind][who, n] = {name: of(one[name] for one in each) for name in each[0]}
    return found["peer"], found["flight"]


# --- What is told ---------------------------------------------------------------------------------


def report(found: Found, web: dict[str, float], peers: Peers, flights: Peers) -> int:
    floor = min(row["cpu"] for (who, _), row in peers.items() if who == "aiohttp")
    print(f"{'CPU µs a poll':44}{'CPU µs':>9}{'polls/s':>9}{'x aiohttp':>11}")
    for (who, n), row in sorted(peers.items()):
        words = "bare httpx + Job.save()" if who == "httpx" else "bare aiohttp, no writes"
        line(f"{words}, {n:,} in flight", row["cpu"], row["rate"], floor)
    line(f"Clipboard, {JOBS:,} jobs, with its writes", found.cpu, found.rate, floor)
    print(f"\n{'ms added to the answer (p50 / p95)':44}" + "".join(f"{n:>15,}" for n in FLIGHTS))
    for who, words in (("bare", "bare aiohttp"), ("ours", "Clipboard")):
        rows = [flights[who, n] for n in FLIGHTS]
        cells = "".join(f"{row['p50']:>7.2f} /{row['p95']:>6.2f}" for row in rows)
        print(f"{words + ', so many in flight':44}{cells}")
        cells = "".join(f"{row['cpu']:>15.0f}" for row in rows)
        print(f"{'    CPU µs each':44}{cells}")
    print(
        f"\nweb p99 {web['quiet']:.1f} ms alone, {web['busy']:.1f} ms beside the worker; ", end=""
    )
    print(
        f"the worker has {found.memory[0]:.0f} MB after {SETTLE} s, {found.memory[1]:.0f} at last\n"
    )
    held = [told(*target) for target in targets(found, web, peers, flights)]
    return 0 if all(held) else 1


def line(words: str, cpu: float, rate: float, floor: float) -> None:
    print(f"{words:44}{cpu:>9.0f}{rate:>9.0f}{cpu / floor:>11.2f}")


def targets(
    found: Found, web: dict[str, float], peers: Peers, flights: Peers
) -> list[tuple[str, float, float]]:
    """(what, measured, at most)."""
    best = min(row["cpu"] for (who, _), row in peers.items() if who == "httpx")
    first, last = (flights["ours", n]["p50"] for n in (FLIGHTS[0], FLIGHTS[-1]))
    return [
        ("CPU a poll beside bare httpx + save() at its best", found.cpu / best, 0.25),
        ("polls that came late, of all", 1 - found.rate / (JOBS / 5), 0.05),
        (f"ms added with {FLIGHTS[-1]:,} in flight beside {FLIGHTS[0]}", last / first, 1.5),
        ("memory at last beside at first", found.memory[1] / found.memory[0], 1.05),
        ("web p99 beside the worker, beside alone", web["busy"] / web["quiet"], 2),
    ]


def told(what: str, value: float, most: float) -> bool:
    holds = value <= most
    print(f"{'ok  ' if holds else 'MISS'} {what:58} {value:>10.2f}   at most {most:g}")
    return holds


if __name__ == "__main__":
    main()
