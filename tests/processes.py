"""Looking at processes by /proc, and killing them by number, never by name."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Process:
    pid: int
    ppid: int
    started: int  # clock ticks since boot: a pid may be used again, this tells
    command: tuple[str, ...]

    def is_alive(self) -> bool:
        now = read(self.pid)
        return now is not None and now.started == self.started

    def kill(self, number: int = signal.SIGKILL) -> None:
        if self.is_alive():
            os.kill(self.pid, number)


def wait_for(
    condition: Callable[[], object], what: str, *, seconds: float = 120, every: float = 0.05
) -> None:
    """Fails the test when it never holds; how soon it should is for the test to measure."""
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < seconds, f"Waited {seconds} s for {what}."
        time.sleep(every)


class Watch:
    """How long what should take a moment takes (seconds), without the time for which some process
    on this machine wanted a processor and had none: all of that may be ours where the processors
    are shared. What is left is at least a quarter, and counts less where processors are slow."""

    def __init__(self) -> None:
        self.slowness = slowness()
        self.began, self.stalled_before = time.monotonic(), stalled_ever()

    def took(self) -> float:
        passed = time.monotonic() - self.began
        return (passed - min(self.stalled(), passed * 3 / 4)) / self.slowness

    def stalled(self) -> float:
        return stalled_ever() - self.stalled_before


def slowness() -> float:
    """How many times slower than where the bounds were written this machine computes; at least 1.

    By its best of several tries, in processor time: who else wants the processors is another thing.
    """
    return max(1.0, min(seconds_of_work() for _ in range(5)) / 0.010)


def seconds_of_work() -> float:
    """0.008 where the bounds were written."""
    before, seen = time.process_time(), {}
    for number in range(40_000):
        seen[str(number % 997)] = number
    return time.process_time() - before


def stalled_ever() -> float:
    """Seconds since the start of this machine, if it tells."""
    try:
        some = Path("/proc/pressure/cpu").read_text().splitlines()[0]
    except OSError:
        return 0.0
    return int(some.rpartition("total=")[2]) / 1e6


def read(pid: int) -> Process | None:
    """None if it has ended, also while nobody has reaped it."""
    stat = read_stat(pid)
    return stat and with_command(pid, *stat)


def read_stat(pid: int) -> tuple[int, int] | None:
    """Its parent, and when it was started."""
    try:
        stat = read_file(f"/proc/{pid}/stat").rpartition(b")")[2].split()
        return None if stat[0] in b"ZX" else (int(stat[1]), int(stat[19]))
    except (OSError, IndexError):
        return None


def with_command(pid: int, ppid: int, started: int) -> Process | None:
    try:
        command = read_file(f"/proc/{pid}/cmdline").decode(errors="replace").split("\0")[:-1]
    except OSError:
        return None
    return Process(pid, ppid, started, tuple(command)) if command else None


def read_file(path: str) -> bytes:
    """What the kernel tells in one piece."""
    handle = os.open(path, os.O_RDONLY)
    try:
        return os.read(handle, 2**16)
    finally:
        os.close(handle)


def family(pid: int) -> list[Process]:
    """The process and everything below it, in order of their start.

    Tests ask many times a second, so that commands are read only of whom it is about.
    """
    stats = {int(name): read_stat(int(name)) for name in os.listdir("/proc") if name.isdigit()}
    children: dict[int, list[int]] = {}
    for child, stat in stats.items():
        if stat:
            children.setdefault(stat[0], []).append(child)
    found, to_look_at = [], [pid]
    while to_look_at:
        stat = stats.get(one := to_look_at.pop())
        if stat and (process := with_command(one, *stat)):
            found.append(process)
            to_look_at += children.get(one, [])
    return sorted(found, key=lambda process: (process.started, process.pid))
