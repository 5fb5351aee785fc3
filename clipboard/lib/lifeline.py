"""Nobody outlives their parent, however it ends: no orphan keeps a port, a lease or a CPU."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading

SUPERVISED_BY = "SUPERVISED_BY"  # the environment variable that names the parent to die with
PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


def die_with(parent: int) -> None:
    """Called in a fresh child: let the kernel kill it when `parent` is gone (Linux only)."""
    if LIBC is not None:
        LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def forks_die_with_us() -> None:
    """From now on whatever this process forks, and what those fork, dies with its parent."""
    parent = [os.getpid()]

    def before() -> None:
        parent[0] = os.getpid()

    os.register_at_fork(before=before, after_in_child=lambda: die_with(parent[0]))


def end_with_stdin() -> None:
    """If a supervisor started us: kill our process group when stdin, its pipe to us, closes.

    This is what works where the kernel cannot tell a child that its parent is gone.
    """
    if os.environ.get(SUPERVISED_BY) == str(os.getppid()):
        threading.Thread(target=wait_for_stdin, daemon=True).start()


def wait_for_stdin() -> None:
    try:
        while os.read(0, 1024):
            pass
    except OSError:
        pass
    if os.getpgrp() == os.getpid():
        os.killpg(0, signal.SIGKILL)
    os._exit(1)
