from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time

import pytest

from clipboard.lib.supervise import LONGEST_WAIT, Child, Program, Supervisor, meaning
from tests.processes import read

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks at /proc")

OBEDIENT = "import time; print('up', flush=True); time.sleep(300)"
DEAF = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + OBEDIENT
PARENT = (
    "import subprocess, sys; child = subprocess.Popen([sys.executable, '-c', 'import time; "
    "time.sleep(300)']); print('child', child.pid, flush=True); child.wait()"
)


def program(name, code, **fields):
    return Program(name, [sys.executable, "-c", code], **fields)


def supervised(*programs, until, seconds=60):
    """Run until `until(log)` holds; returns what was logged."""
    out = io.StringIO()
    supervisor = Supervisor(programs, name="top", out=out)
    deadline = time.monotonic() + seconds

    def tick():
        if until(out.getvalue()) or time.monotonic() > deadline:
            supervisor.want_stop(signal.SIGTERM, None)

    before = {number: signal.getsignal(number) for number in HANDLED}
    try:
        supervisor.run(tick, every=0.05)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    assert until(out.getvalue()), out.getvalue()
    return out.getvalue()


HANDLED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def test_lines_say_who_wrote_them():
    log = supervised(
        program("web", OBEDIENT),
        program("worker", r"print('up\nhalf', end='', flush=True); import time; time.sleep(300)"),
        program("plain", OBEDIENT, prefixed=False),
        until=lambda log: log.count("up") == 3,
    )

    assert "web    │ up\n" in log
    assert "\nup\n" in f"\n{log}"
    assert "worker │ half\n" in log


def test_whoever_ends_is_started_again_and_it_is_told():
    code = "import sys; print('here', flush=True); sys.exit(3)"

    log = supervised(program("web", code), until=lambda log: log.count("here") >= 2)

    assert "top │ web ended (exit status 3); starting again in 0.5 s" in log


def test_what_ends_again_and_again_for_days_is_started_again_all_the_same():
    child = Child(program("web", OBEDIENT))
    child.started_at = time.monotonic() + 3600  # never long ago, however slow this machine is
    waits = [child.plan_restart() for _ in range(2000)]

    assert waits[:3] == [0.5, 1.0, 2.0]
    assert waits[-1] == LONGEST_WAIT


def test_nothing_that_a_program_started_outlives_it():
    log = supervised(program("web", PARENT), until=lambda log: "child" in log)

    assert ends(int(log.split("child ")[1].split()[0]))


def test_what_does_not_obey_is_killed_after_its_time():
    begin = time.monotonic()

    supervised(program("deaf", DEAF, stop_seconds=0.5), until=lambda log: "up" in log)

    assert time.monotonic() - begin < 60


def test_children_die_with_a_killed_supervisor(tmp_path):
    code = f"""
        import sys
        from clipboard.lib.supervise import Program, Supervisor
        programs = [Program("web", [sys.executable, "-c", {PARENT!r}])]
        Supervisor(programs, name="top", out=sys.stdout).run(lambda: None, every=1)
    """
    supervisor = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code)], stdout=subprocess.PIPE, text=True
    )
    line = supervisor.stdout.readline()
    main = next(
        int(pid) for pid in os.listdir("/proc") if pid.isdigit() and parent(pid) == supervisor.pid
    )

    supervisor.kill()
    supervisor.wait()
    supervisor.stdout.close()

    assert ends(main)
    orphan = read(int(line.split("child ")[1]))
    if orphan:  # started by a program that does not tell its own children
        orphan.kill()


def ends(pid, seconds=60):
    """A kill takes a moment to arrive."""
    deadline = time.monotonic() + seconds
    while read(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    return read(pid) is None


def parent(pid):
    process = read(int(pid))
    return process.ppid if process else None


def test_a_reader_that_has_gone_stops_nothing():
    class Closed(io.StringIO):
        def write(self, text):
            raise BrokenPipeError

    supervisor = Supervisor([program("web", OBEDIENT)], name="top", out=Closed())
    supervisor.say("nobody hears this")


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (0, "exit status 0"),
        (70, "exit status 70"),
        (-9, "killed by SIGKILL"),
        (-40, "killed by signal 40"),
    ],
)
def test_it_says_how_something_ended(status, words):
    assert meaning(status) == words


def test_a_process_ends_when_its_supervisors_pipe_closes():
    """What holds where the kernel tells children nothing (macOS)."""
    code = """
        import os, time
        from clipboard.lib import lifeline
        os.environ[lifeline.SUPERVISED_BY] = str(os.getppid())
        lifeline.end_with_stdin()
        print("up", flush=True)
        time.sleep(300)
    """
    child = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    with child:
        assert child.stdout.readline() == b"up\n"
        threading.Timer(0.1, child.stdin.close).start()

        assert child.wait(60) == -signal.SIGKILL
