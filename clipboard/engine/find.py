"""Finding clips, seen from outside: the work is done by analyse.py in a child process, so that
nothing of NumPy, models or decoders is ever loaded here."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from clipboard.engine import child
from clipboard.engine.findings import Findings, Options
from clipboard.engine.wire import from_json


def find_clips(
    path: Path,
    options: Options,
    *,
    work_dir: Path,
    on_progress: Callable[[str, float], None] = child.ignore,
    on_found: Callable[[Findings], None] = child.ignore,
    should_stop: Callable[[], bool] = child.never,
) -> Findings:
    """The clips that are worth a look. `on_found` gets them earlier, before each one's crop is
    known: they can be shown by then, with the picture's middle.

    Raises MediaError and Cancelled. `work_dir` must exist; nothing stays in it.
    """
    return child.run(
        "find_clips",
        {"path": path, "options": options, "work_dir": work_dir},
        Findings,
        on_progress=on_progress,
        on_partial=lambda found: on_found(from_json(Findings, found)),
        should_stop=should_stop,
    )
