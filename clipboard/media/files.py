"""Files are made aside, then put in place whole: a name in the database never meets half a file."""

from __future__ import annotations

import os
import shutil
import socket
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings

SCRATCH = "scratch"
FORGOTTEN_AFTER = timedelta(days=1)


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder for work in progress, on the same disk as what will stay."""
    folder = scratch_here() / uuid.uuid4().hex
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def put_in_place(file: Path, name: str) -> str:
    """Move `file` to `name` below MEDIA_ROOT, over what is there, so that a power cut finds it."""
    final = Path(settings.MEDIA_ROOT) / name
    final.parent.mkdir(parents=True, exist_ok=True)
    sync(file, os.O_RDONLY)
    os.replace(file, final)
    sync(final.parent, os.O_RDONLY | os.O_DIRECTORY)
    return name


def sync(path: Path, flags: int) -> None:
    handle = os.open(path, flags)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def scratch_here() -> Path:
    return Path(settings.MEDIA_ROOT) / SCRATCH / socket.gethostname()


def sweep_scratch(now: datetime) -> int:
    """Remove what workers left that died alone, a day after they last wrote to it, also those of
    machines that are here no longer; returns how many folders."""
    removed = 0
    for folder in scratch_here().parent.glob("*/*"):
        with suppress(FileNotFoundError):  # its worker has just finished
            if folder.stat().st_mtime < (now - FORGOTTEN_AFTER).timestamp():
                shutil.rmtree(folder, ignore_errors=True)
                removed += 1
    return removed


def clear_scratch() -> None:
    """Remove what killed workers of this machine left. Only when none of them is alive."""
    shutil.rmtree(scratch_here(), ignore_errors=True)
