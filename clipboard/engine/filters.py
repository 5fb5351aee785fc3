"""Text inside ffmpeg's filter language."""

from __future__ import annotations

import re
from pathlib import Path


def quoted(value: str | Path) -> str:
    """Safe as one option of a filter: escaped for the option, then for the graph."""
    option = re.sub(r"([\\':])", r"\\\1", str(value))
    return re.sub(r"([\\'\[\],;])", r"\\\1", option)
