"""Where files are made before anyone may see them: published whole or not at all."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PREFIX = ".making-"
STALE = 2 * 24 * 3600  # seconds; twice as long as any task may take


@contextmanager
def workshop(folder: Path) -> Iterator[Path]:
    """A temporary directory inside `folder`, on the same disk; gone when the block ends.

    What an earlier run left behind when its process was killed is swept as well.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for left in folder.glob(f"{PREFIX}*"):
        if left.stat().st_mtime < time.time() - STALE:
            shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=PREFIX, dir=folder) as made:
        yield Path(made)


def publish(made: Path, folder: Path) -> None:
    """Move every file in `made` into `folder`, by one rename each; a power cut finds it whole."""
    for file in sorted(made.iterdir()):
        with file.open("rb") as written:
            os.fsync(written.fileno())
        os.replace(file, folder / file.name)
