from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.footage import cut_footage
from tests.media_files import begin
from tests.prepared import once


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where odd files are made as they are asked for, by whichever worker is first."""
    return once(tmp_path_factory, "odd", begin)


@pytest.fixture(scope="session")
def footage(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[float]]:
    """A recording, and when it is cut."""
    made = once(tmp_path_factory, "footage", make_footage)
    return made / "cuts.mp4", json.loads((made / "cuts.json").read_text())


def make_footage(folder: Path) -> None:
    cuts = cut_footage(folder / "cuts.mp4", size="320x180")
    (folder / "cuts.json").write_text(json.dumps(cuts))
