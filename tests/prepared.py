"""What takes seconds to make and is the same for every test: made once a run, then copied."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.running import ROOT, product_environment

PREPARE = """
import gc
import django
gc.disable()
django.setup()
from django.db import connections
from clipboard.clips.management.commands.serve import collect_static, migrate
migrate()
collect_static()
connections.close_all()
"""


def once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    """The folder that `make` filled, whichever of the run's workers came first."""
    root = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        root = root.parent
    folder, draft = root / name, root / f"{name}.draft"
    with (root / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            shutil.rmtree(draft, ignore_errors=True)
            draft.mkdir()
            make(draft)
            draft.rename(folder)
    return folder


def prepare(var_dir: Path) -> None:
    """What `manage.py serve` does at a first start: an empty database, and static files."""
    settings = {"DJANGO_SETTINGS_MODULE": "clipboard.settings", "VAR_DIR": str(var_dir)}
    subprocess.run(
        [sys.executable, "-c", PREPARE],
        cwd=ROOT,
        env=product_environment() | settings,
        stdout=subprocess.DEVNULL,
        check=True,
        timeout=120,
    )
