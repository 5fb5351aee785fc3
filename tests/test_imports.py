"""What every process loads at its start: what only some of them need comes later."""

from __future__ import annotations

import os
import subprocess
import sys

LATER = ("aiohttp", "cryptography", "httpx", "cv2", "faster_whisper", "numpy")
PROGRAM = f"""
import django, sys
django.setup()
import clipboard.urls, clipboard.clips.tasks
print([name for name in {LATER!r} if name in sys.modules])
"""


def test_it_loads_nothing_heavy_at_the_start(tmp_path):
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "clipboard.settings"}
    environment["VAR_DIR"] = str(tmp_path)
    loaded = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert loaded.stdout.strip() == "[]"
