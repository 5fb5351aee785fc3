"""Every task on a recording runs in a child process that is locked in, watched and killed whole.

A decoder that crashes, hangs or eats memory takes the child with it and nothing else. The parent
writes one request line to the child's stdin and keeps that pipe open: should the parent die, the
child sees it close and ends its whole process group.
"""

from __future__ import annotations

import json
import logging
import os
import selectors
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from clipboard.engine.errors import Cancelled, MediaError
from clipboard.engine.wire import from_json, to_line

logger = logging.getLogger(__name__)

GB = 2**30
POLL = 0.25  # seconds between two looks at should_stop()


@dataclass(frozen=True)
class Task:
    """`function` ("module:name") is called in the child as function(report, **arguments)."""

    function: str
    memory: int = 3 * GB  # address space of each process
    cpu: int = 6 * 3600  # CPU seconds of each process
    wall: float = 12 * 3600  # seconds for the whole
    file_size: int = 64 * GB  # the largest file it may write
    open_files: int = 256


TASKS = {
    # Enough for 8K with all the pictures a standard stream keeps (5); a hostile one keeps 16.
    "probe": Task(
        "clipboard.engine.probing:probe_here", 720 * 2**20, cpu=60, wall=30, file_size=2**20
    ),
    "previews": Task("clipboard.engine.previews:make_previews_here", GB, file_size=2**28),
    "proxy": Task("clipboard.engine.proxy:make_proxy_here"),
    "still": Task("clipboard.engine.stills:still_here", GB, cpu=60, wall=30, file_size=2**25),
    "find_clips": Task("clipboard.engine.analyse:find_clips_here"),
    "render": Task("clipboard.engine.rendering:render_here"),
}


@dataclass(frozen=True)
class Usage:
    """What a task cost: user and system seconds, and at most so many bytes of memory at once."""

    cpu: float
    memory: int


def never() -> bool:
    return False


def ignore(*_: Any) -> None:
    pass


def run(
    task: str,
    arguments: dict[str, Any],
    result: Any = Any,
    *,
    on_progress: Callable[[str, float], None] = ignore,
    on_partial: Callable[[Any], None] = ignore,
    on_usage: Callable[[Usage], None] = ignore,
    should_stop: Callable[[], bool] = never,
) -> Any:
    """The task's result, decoded as the type `result`.

    `on_progress` gets (stage, fraction of the whole), `on_partial` plain JSON values, as they come.
    Raises MediaError for what is wrong with the recording, Cancelled when should_stop() said so.
    """
    with tempfile.TemporaryFile() as complaints:
        process = start(task, arguments, complaints)
        try:
            for message in messages(process, TASKS[task].wall, should_stop):
                if "error" in message:
                    raise refusal(task, **message["error"])
                if "result" in message:
                    return from_json(result, message["result"])
                if "usage" in message:
                    on_usage(Usage(**message["usage"]))
                elif "partial" in message:
                    on_partial(message["partial"])
                else:
                    on_progress(message["stage"], message["fraction"])
        finally:
            end(process)
        raise death(task, process.returncode, complaints)


def start(task: str, arguments: dict[str, Any], complaints: IO[bytes]) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "clipboard.engine", task, str(os.getpid())],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=complaints,
        env=environment(),
        start_new_session=True,
    )
    assert process.stdin  # noqa: S101 (for the type checker)
    try:
        process.stdin.write(to_line(arguments))
        process.stdin.flush()
    except BrokenPipeError:
        logger.warning("The engine's child for %s ended before it was asked.", task)
    return process


def environment() -> dict[str, str]:
    """Nothing of the parent's secrets, and no way for a library to fetch anything."""
    kept = ("TMPDIR", "LD_LIBRARY_PATH", "SYSTEMROOT")
    return {name: os.environ[name] for name in kept if name in os.environ} | {
        **known_ffmpeg(),
        "PATH": os.environ.get("PATH", os.defpath),
        "PYTHONPATH": str(Path(__file__).resolve().parents[2]),
        "PYTHONUTF8": "1",
        "LANG": "C.UTF-8",
        "HF_HUB_OFFLINE": "1",
        "OMP_NUM_THREADS": "2",
        "OPENBLAS_NUM_THREADS": "1",
        "AV_LOG_FORCE_NOCOLOR": "1",
    }


def known_ffmpeg() -> dict[str, str]:
    """A child would look for the program, and try it out, before each task."""
    from clipboard.engine.ffmpeg import binary

    try:
        return {"IMAGEIO_FFMPEG_EXE": binary()}
    except RuntimeError:  # the child says so
        return {}


def messages(
    process: subprocess.Popen[bytes], wall: float, should_stop: Callable[[], bool]
) -> Iterator[dict[str, Any]]:
    assert process.stdout  # noqa: S101 (for the type checker)
    deadline, pending = time.monotonic() + wall, b""
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        while True:
            if should_stop():
                raise Cancelled
            if time.monotonic() > deadline:
                raise MediaError("too_slow", TOO_SLOW)
            if not selector.select(POLL):
                continue
            if not (chunk := os.read(process.stdout.fileno(), 2**16)):
                return
            *lines, pending = (pending + chunk).split(b"\n")
            yield from map(json.loads, lines)


def end(process: subprocess.Popen[bytes]) -> None:
    """Kill the whole group before its leader is reaped: until then the number is its own."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe:
            pipe.close()


def refusal(task: str, code: str, sentence: str, detail: str = "") -> MediaError:
    if detail:
        logger.error("The engine's task %s failed.\n%s", task, detail)
    return MediaError(code, sentence)


def death(task: str, status: int, complaints: IO[bytes]) -> MediaError:
    complaints.seek(max(0, complaints.seek(0, os.SEEK_END) - 2000))
    last = complaints.read().decode(errors="replace")
    logger.error("The engine's child for %s ended with status %s.\n%s", task, status, last)
    return MediaError("engine_died", DIED)


TOO_SLOW = (
    "Reading this recording took longer than allowed; convert it to MP4 (H.264) and upload that."
)
DIED = (
    "The engine stopped while working on this recording; try again, and if it happens again "
    "convert it to MP4 (H.264) and upload that."
)
