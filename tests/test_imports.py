"""What a process loads at its start: what only some of them need comes later."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from clipboard import engine

DECODERS = ("av", "cv2", "faster_whisper", "numpy")
LATER = ("aiohttp", "cryptography", "httpx", *DECODERS)
PRODUCT = """
import django
django.setup()
import clipboard.urls, clipboard.clips.tasks
"""
CHILD = "import clipboard.engine.__main__\n"
TASKS = """
import importlib
from clipboard.engine.child import TASKS
for name in ("probe", "previews", "proxy", "still", "render"):
    importlib.import_module(TASKS[name].function.partition(":")[0])
"""


def loaded(program: str, names: tuple[str, ...], folder: Path) -> list[str]:
    """Which of these modules the program loads in a process of its own."""
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "clipboard.settings"}
    tell = f"import sys\nprint(*[name for name in {names!r} if name in sys.modules])"
    ran = subprocess.run(
        [sys.executable, "-c", program + tell],
        env=environment | {"VAR_DIR": str(folder)},
        capture_output=True,
        text=True,
        check=True,
    )
    return ran.stdout.split()


def test_it_loads_nothing_heavy_at_the_start(tmp_path):
    assert loaded(PRODUCT, LATER, tmp_path) == []


def test_a_child_of_the_engine_begins_with_little(tmp_path):
    ours = tuple(f"clipboard.engine.{name}" for name in engine.HOMES if name != "errors")
    assert loaded(CHILD, (*LATER, "django", *ours), tmp_path) == []


def test_its_quick_tasks_begin_without_a_decoder(tmp_path):
    assert loaded(TASKS, (*LATER, "django"), tmp_path) == []


def test_no_module_hides_a_function_of_the_engine():
    modules = {path.stem for path in Path(engine.__file__).parent.glob("*.py")}
    names = [name for each in engine.HOMES.values() for name in each]
    assert engine.HOMES.keys() <= modules
    assert modules.isdisjoint(names)
    assert all(callable(getattr(engine, name)) for name in names)
