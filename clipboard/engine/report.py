"""How a task in the child tells its parent how far it is and what it cost."""

from __future__ import annotations

import resource
import sys
import threading
from typing import IO, Any

from clipboard.engine.child import Usage
from clipboard.engine.wire import to_line


class Report:
    """Passed to every task as its first argument; safe to use from several threads."""

    def __init__(self, out: IO[bytes]) -> None:
        self.out = out
        self.lock = threading.Lock()
        self.reached = 0.0

    def progress(self, stage: str, fraction: float) -> None:
        """`fraction` (0..1) is of the whole task; it never goes back."""
        self.reached = max(self.reached, min(1.0, fraction))
        self.send({"stage": stage, "fraction": round(self.reached, 4)})

    def partial(self, value: Any) -> None:
        self.send({"partial": value})

    def finish(self, answer: dict[str, Any]) -> None:
        self.send({"usage": usage()})
        self.send(answer)

    def send(self, message: dict[str, Any]) -> None:
        line = to_line(message)
        with self.lock:
            self.out.write(line)
            self.out.flush()


def usage() -> Usage:
    """This process together with the largest of the ffmpegs it waited for."""
    mine = resource.getrusage(resource.RUSAGE_SELF)
    theirs = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = mine.ru_utime + mine.ru_stime + theirs.ru_utime + theirs.ru_stime
    unit = 1 if sys.platform == "darwin" else 1024
    return Usage(round(cpu, 3), peak_memory(mine.ru_maxrss * unit) + theirs.ru_maxrss * unit)


def peak_memory(otherwise: int) -> int:
    """Bytes. On Linux ru_maxrss also counts what the parent held when it started this process."""
    try:
        with open("/proc/self/status") as status:
            lines = dict(line.split(":", 1) for line in status)
        return int(lines["VmHWM"].split()[0]) * 1024
    except (OSError, KeyError):
        return otherwise
