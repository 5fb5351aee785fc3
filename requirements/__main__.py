"""Compile requirements/*.in into pinned, hashed requirements*.txt; needs `pip install uv`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
COMPILE = ["uv", "pip", "compile", "--quiet", "--generate-hashes", "--no-emit-index-url"]
COMPILE += ["--no-annotate", "--universal", "--python-version", "3.11"]
COMPILE += ["--custom-compile-command", "make requirements"]
FILES = {"base": "", "speech": "-speech", "scale": "-scale", "models": "-models", "dev": "-dev"}

for name, suffix in FILES.items():
    extra = ["--no-deps"] if name == "models" else []
    target = HERE.parent / f"requirements{suffix}.txt"
    status = subprocess.run([*COMPILE, *extra, HERE / f"{name}.in", "-o", target], check=False)
    if status.returncode:
        sys.exit(f"{name}.in could not be compiled; is uv installed?")
