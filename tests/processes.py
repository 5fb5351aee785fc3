"""Looking at processes by /proc, and killing them by number, never by name."""

from __future__ import annotations

import os
import signal
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

    def waited(self) -> float:
        """Seconds for which its first thread could run and others had the processors."""
        return int(Path(f"/proc/{self.pid}/schedstat").read_text().split()[1]) / 1e9

    def kill(self, number: int = signal.SIGKILL) -> None:
        if self.is_alive():
            os.kill(self.pid, number)


def read(pid: int) -> Process | None:
    """None if it has ended, also while nobody has reaped it."""
    folder = Path(f"/proc/{pid}")
    try:
        stat = (folder / "stat").read_text().rpartition(")")[2].split()
        command = (folder / "cmdline").read_bytes().decode(errors="replace").split("\0")[:-1]
    except (OSError, IndexError):
        return None
    if stat[0] in "ZX" or not command:
        return None
    return Process(pid, int(stat[1]), int(stat[19]), tuple(command))


def family(pid: int) -> list[Process]:
    """The process and everything below it, in order of their start."""
    everyone = [read(int(name)) for name in os.listdir("/proc") if name.isdigit()]
    alive = [process for process in everyone if process]
    found = {process.pid: process for process in alive if process.pid == pid}
    while more := {one.pid: one for one in alive if one.ppid in found and one.pid not in found}:
        found |= more
    return sorted(found.values(), key=lambda process: (process.started, process.pid))
