"""The child's side: `python -m clipboard.engine TASK PARENT`, one request line on stdin.

Answers are JSON lines on stdout: {"stage", "fraction"}, {"partial"}, {"usage"}, {"result"} and
{"error": {"code", "sentence", "detail"?}}.
"""

from __future__ import annotations

import ctypes
import errno
import gc
import importlib
import json
import os
import resource
import signal
import sys
import threading
import traceback
from typing import Any

from clipboard.engine.child import DIED, TASKS, Task
from clipboard.engine.errors import NO_ROOM, MediaError
from clipboard.engine.refusals import OUT_OF_MEMORY
from clipboard.engine.report import Report
from clipboard.engine.wire import arguments_for


def main(name: str, parent: str) -> None:
    gc.set_threshold(20_000)  # what libraries make as they are loaded is no garbage
    task = TASKS[name]
    report = Report(os.fdopen(claim_stdout(), "wb"))
    die_with(int(parent))
    request = read_line()
    threading.Thread(target=watch_stdin, daemon=True).start()
    lock_in(task)
    report.finish(answer(task, report, json.loads(request)))
    # Libraries' own threads and exit hooks have nothing left to do, and some take seconds over it.
    os._exit(0)


def answer(task: Task, report: Report, request: dict[str, Any]) -> dict[str, Any]:
    try:
        module, _, name = task.function.partition(":")
        function = getattr(importlib.import_module(module), name)
        return {"result": function(report, **arguments_for(function, request))}
    except MediaError as error:
        return {"error": {"code": error.code, "sentence": error.sentence}}
    except MemoryError:
        return {"error": {"code": "out_of_memory", "sentence": OUT_OF_MEMORY}}
    except OSError as error:
        if error.errno == errno.ENOSPC:
            return {"error": {"code": "no_room", "sentence": NO_ROOM}}
        return failed()
    except Exception:
        return failed()


def failed() -> dict[str, Any]:
    detail = traceback.format_exc()[-4000:]
    return {"error": {"code": "engine_failed", "sentence": DIED, "detail": detail}}


def claim_stdout() -> int:
    """Keep stdout for answers alone: whatever a library prints goes to stderr."""
    answers = os.dup(1)
    os.dup2(2, 1)
    return answers


def die_with(parent: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
    if os.getppid() != parent:
        os._exit(1)


def read_line() -> bytes:
    line = b""
    while not line.endswith(b"\n"):
        if not (chunk := os.read(0, 2**16)):
            os._exit(1)
        line += chunk
    return line


def watch_stdin() -> None:
    while os.read(0, 1):
        pass
    if os.getpgrp() == os.getpid():
        os.killpg(0, signal.SIGKILL)
    os._exit(1)


def lock_in(task: Task) -> None:
    limits = {
        resource.RLIMIT_AS: task.memory,
        resource.RLIMIT_CPU: task.cpu,
        resource.RLIMIT_FSIZE: task.file_size,
        resource.RLIMIT_NOFILE: task.open_files,
        resource.RLIMIT_CORE: 0,
    }
    for limit, value in limits.items():
        _, hard = resource.getrlimit(limit)
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        try:
            resource.setrlimit(limit, (value, value))
        except (ValueError, OSError):  # macOS knows RLIMIT_AS by name only
            continue


if __name__ == "__main__":
    main(*sys.argv[1:])
