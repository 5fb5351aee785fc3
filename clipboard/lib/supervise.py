"""Run programs side by side: readable logs, a restart for whoever ends, and nothing left behind.

Each program leads a session of its own. It is asked to stop by a SIGTERM to its first process
only (a SIGTERM to a whole group hangs some programs), and after a deadline, or when its first
process has ended, the whole group is killed. What is killed with kill -9 takes its children along.
"""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TextIO

from clipboard.lib.lifeline import SUPERVISED_BY, die_with

COLOURS = (36, 35, 33, 32, 34)
STEADY_SECONDS = 30  # whoever ran this long starts with a clean record
LONGEST_WAIT = 30.0
STOP_SECONDS = 4.0


@dataclass(frozen=True)
class Program:
    name: str
    command: Sequence[str]
    environment: dict[str, str] = field(default_factory=dict)
    prefixed: bool = True  # False: its lines come with prefixes of their own
    stop_seconds: float = STOP_SECONDS


class Log:
    """Lines with the name of who wrote them, in colour on a terminal."""

    def __init__(self, out: TextIO, names: Sequence[str], *, coloured: bool) -> None:
        self.out = out
        self.width = max(map(len, names))
        self.colours = {name: COLOURS[at % len(COLOURS)] for at, name in enumerate(names)}
        self.coloured = coloured

    def line(self, name: str, text: str, *, prefixed: bool = True) -> None:
        prefix = f"{name:<{self.width}} │ " if prefixed else ""
        if self.coloured and prefix:
            prefix = f"\x1b[{self.colours.get(name, 2)}m{prefix}\x1b[0m"
        try:
            self.out.write(prefix + text + "\n")
            self.out.flush()
        except (OSError, ValueError):
            pass  # nobody reads any more; the work goes on


class Child:
    """One program: its process while there is one, and when to start the next."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.process: subprocess.Popen[bytes] | None = None
        self.pending = b""
        self.is_read = False
        self.failures = 0
        self.started_at = 0.0
        self.start_at = 0.0

    def start(self) -> subprocess.Popen[bytes]:
        self.started_at = time.monotonic()
        self.process = subprocess.Popen(
            self.program.command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=os.environ | self.program.environment | {SUPERVISED_BY: str(os.getpid())},
            start_new_session=True,
            preexec_fn=partial(die_with, os.getpid()),
        )
        return self.process

    def has_ended(self) -> bool:
        """Looks without reaping: until then the group's number cannot become another's."""
        if self.process is None:
            return True
        if not hasattr(os, "waitid"):
            return self.process.poll() is not None
        flags = os.WEXITED | os.WNOHANG | os.WNOWAIT
        return os.waitid(os.P_PID, self.process.pid, flags) is not None

    def signal(self, number: int) -> None:
        if self.process and not self.has_ended():
            self.process.send_signal(number)

    def clear(self) -> int:
        """Kill what is left of the group and reap it; returns the exit status."""
        process, self.process = self.process, None
        if process is None:
            return 0
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            process.kill()
        status = process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe:
                pipe.close()
        return status

    def plan_restart(self) -> float:
        """Seconds until the next start: soon at first, longer for whoever ends again and again."""
        lasted = time.monotonic() - self.started_at
        self.failures = 0 if lasted > STEADY_SECONDS else self.failures + 1
        wait = min(LONGEST_WAIT, 0.25 * 2 ** min(self.failures, 10))
        self.start_at = time.monotonic() + wait
        return wait


class Supervisor:
    """`on_end(name)` is called when a program has ended with all it started, before a restart."""

    def __init__(
        self,
        programs: Sequence[Program],
        *,
        name: str,
        out: TextIO,
        coloured: bool = False,
        on_end: Callable[[str], None] = lambda name: None,
    ) -> None:
        self.name = name
        self.children = {program.name: Child(program) for program in programs}
        self.log = Log(out, [name, *self.children], coloured=coloured)
        self.on_end = on_end
        self.selector = selectors.DefaultSelector()
        self.stops = 0

    def run(self, tick: Callable[[], None], *, every: float) -> None:
        """Until SIGINT, SIGTERM or SIGHUP; `tick` is called about `every` seconds."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self.want_stop)
        next_tick = 0.0
        try:
            while not self.stops:
                self.look_after_children()
                self.read(0.2)
                if not self.stops and time.monotonic() >= next_tick:
                    tick()
                    next_tick = time.monotonic() + every
        finally:
            self.stop()

    def want_stop(self, number: int, frame: object) -> None:
        self.stops += 1

    def look_after_children(self) -> None:
        for child in self.children.values():
            if child.process is not None and child.has_ended():
                self.bury(child, "ended")
            elif child.process is None and time.monotonic() >= child.start_at:
                self.start(child)

    def start(self, child: Child) -> None:
        stdout = child.start().stdout
        assert stdout is not None  # noqa: S101 (for the type checker)
        os.set_blocking(stdout.fileno(), False)
        self.selector.register(stdout, selectors.EVENT_READ, child)
        child.is_read = True

    def bury(self, child: Child, what: str) -> None:
        status = self.clear(child)
        wait = child.plan_restart()
        self.say(f"{child.program.name} {what} ({meaning(status)}); starting again in {wait:.1f} s")
        self.on_end(child.program.name)

    def clear(self, child: Child) -> int:
        self.read_from(child)
        self.stop_reading(child)
        return child.clear()

    def restart(self, name: str, why: str) -> None:
        """Kill a program with everything it started; it starts again at once."""
        self.say(f"{name} is restarted: {why}")
        self.clear(self.children[name])
        self.children[name].start_at = 0.0
        self.on_end(name)

    def started_at(self, name: str) -> float:
        """On the monotonic clock; 0 while it does not run."""
        child = self.children[name]
        return child.started_at if child.process else 0.0

    def stop(self) -> None:
        """Ask all, wait, kill. A second signal from outside ends the waiting."""
        asked = self.stops
        running = [child for child in self.children.values() if child.process]
        for child in running:
            child.signal(signal.SIGTERM)
        start = time.monotonic()
        while any(
            not child.has_ended() and time.monotonic() - start < child.program.stop_seconds
            for child in running
        ):
            self.read(0.05)
            if self.stops > max(asked, 1):
                break
        for child in running:
            self.clear(child)
            self.on_end(child.program.name)

    def say(self, text: str) -> None:
        self.log.line(self.name, text)

    def read(self, timeout: float) -> None:
        if not self.selector.get_map():
            time.sleep(timeout)
        for key, _ in self.selector.select(timeout):
            self.read_from(key.data)

    def read_from(self, child: Child) -> None:
        """Show every whole line that is there; at the end of the stream, the rest of it too."""
        out = child.process.stdout if child.process else None
        if out is None or not child.is_read:
            return
        while chunk := read_some(out.fileno()):
            *lines, child.pending = (child.pending + chunk).split(b"\n")
            self.show(child, lines)
        if chunk == b"":
            self.stop_reading(child)

    def show(self, child: Child, lines: Sequence[bytes]) -> None:
        for line in lines:
            text = line.decode(errors="replace").rstrip()
            self.log.line(child.program.name, text, prefixed=child.program.prefixed)

    def stop_reading(self, child: Child) -> None:
        if child.is_read and child.process and child.process.stdout:
            child.is_read = False
            self.selector.unregister(child.process.stdout)
            self.show(child, [child.pending] if child.pending else [])
            child.pending = b""


def read_some(handle: int) -> bytes | None:
    """None: nothing for now. Empty: the stream has ended."""
    try:
        return os.read(handle, 2**16)
    except BlockingIOError:
        return None


def meaning(status: int) -> str:
    if status >= 0:
        return f"exit status {status}"
    try:
        return f"killed by {signal.Signals(-status).name}"
    except ValueError:  # the real-time signals have numbers only
        return f"killed by signal {-status}"
