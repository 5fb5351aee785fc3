"""Real servers on a database of their own, and what they cost."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Self

TICKS = os.sysconf("SC_CLK_TCK")


class Server:
    """One gunicorn worker with four threads on a free port; its CPU seconds so far."""

    def __init__(self, home: Path, settings: str) -> None:
        self.home, self.settings, self.port = home, settings, free_port()

    def __enter__(self) -> Self:
        command = ["gunicorn", "--worker-class", "gthread", "--threads", "4", "--keep-alive", "600"]
        address = f"127.0.0.1:{self.port}"
        self.process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                *command,
                "--log-level",
                "error",
                "-b",
                address,
                "clipboard.wsgi",
            ],
            env=environment(self.home) | {"DJANGO_SETTINGS_MODULE": self.settings},
        )
        for _ in range(600):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return self
            time.sleep(0.1)
        raise RuntimeError(f"the server with {self.settings} did not start")

    def __exit__(self, *error: object) -> None:
        self.process.terminate()
        self.process.wait(timeout=30)

    def cpu(self) -> float:
        """Seconds, of the worker and its threads."""
        pids = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return sum(cpu_of(int(pid)) for pid in pids.split())


def cpu_of(pid: int) -> float:
    """From the scheduler's own account, in nanoseconds where it is kept."""
    tasks = Path(f"/proc/{pid}/task").iterdir()
    try:
        return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9
    except FileNotFoundError:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def environment(home: Path) -> dict[str, str]:
    return os.environ | {
        "VAR_DIR": str(home),
        "DJANGO_SETTINGS_MODULE": "clipboard.settings",
        "LOG_LEVEL": "ERROR",
        "PYTHONPATH": str(Path(__file__).parent.parent),
    }


def migrate_and_load(home: Path, size: int) -> None:
    """Unless it is there from an earlier time."""
    if (home / "loaded").exists():
        return
    home.mkdir(parents=True, exist_ok=True)
    run(home, "benchmarks.load", str(size))
    run(home, "django", "collectstatic", "--noinput", "-v0")
    (home / "loaded").touch()


def session_of(home: Path) -> str:
    return run(home, "benchmarks.inside", "session")


def statements_of(home: Path, paths: dict[str, str]) -> dict[str, int]:
    return json.loads(run(home, "benchmarks.inside", "statements", json.dumps(paths)))


def run(home: Path, module: str, *arguments: str) -> str:
    command = [sys.executable, "-W", "ignore", "-m", module, *arguments]
    found = subprocess.run(
        command, env=environment(home), check=True, stdout=subprocess.PIPE, text=True
    )
    return found.stdout.strip()
