from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from clipboard.engine.sound import RATE, read_sound
from tests.media_files import encoded

TONE = ("-f", "lavfi", "-i", "sine=frequency=440:duration=2")


def test_it_reads_any_part_of_the_sound_and_leaves_no_file(tmp_path: Path) -> None:
    file, work = tmp_path / "tone.mkv", tmp_path / "work"
    encoded(file, "-c:a", "pcm_s16le", "-ar", str(RATE), inputs=TONE)
    work.mkdir()

    sound = read_sound(file, (0.5, 2.0), work, lambda seconds: None)

    assert list(work.iterdir()) == []
    assert (sound.start, sound.end) == (0.5, pytest.approx(2.0, abs=0.01))
    part, all_of_it = sound.between(0.75, 1.0), sound.between(0.5, 2.0)
    assert len(part) == RATE // 4
    assert np.array_equal(part, all_of_it[RATE // 4 : RATE // 2])
    assert np.abs(part).max() > 1000
    assert len(sound.between(5, 6)) == len(sound.between(1.0, 0.9)) == 0
    assert len(sound.between(-1, 9)) == len(sound.samples)
