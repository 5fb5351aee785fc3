from __future__ import annotations

import pytest

from clipboard.clips.models import Clip, Source
from clipboard.review.pictures import BARS, parts, place, wave_path
from clipboard.review.sizes import choices, sizes
from clipboard.review.transcripts import lines


def test_the_parts_of_a_score_add_up_to_it():
    evidence = [
        {"label": "Hook", "value": 80, "weight": 0.3},
        {"label": "Pace", "value": 50, "weight": 0.1},
    ]
    drawn = parts(evidence)

    assert [part.share for part in drawn] == pytest.approx([75, 25])
    assert sum(part.points for part in drawn) == pytest.approx(72.5)
    assert drawn[1].offset == pytest.approx(60)
    assert sum(part.points for part in parts(evidence, score=90)) == pytest.approx(90)


@pytest.mark.parametrize("bad", ["x", None, float("nan"), float("inf"), [], -5])
def test_what_a_provider_wrote_cannot_break_the_drawing(bad):
    drawn = parts([{"value": bad, "weight": 1}, {"value": 50, "weight": bad}, "no part", 7])

    assert len(drawn) == 2
    assert all(0 <= part.value <= 100 and 0 <= part.share <= 100 for part in drawn)


def test_the_waveform_is_drawn_within_its_box():
    path = wave_path([0, 100, 900, 50] * 200)
    ends = [
        tuple(map(int, bar.split("v"))) for bar in [b.split(" ")[1] for b in path[1:].split("M")]
    ]

    assert len(ends) == BARS
    assert all(top >= 0 and top + height <= 100 for top, height in ends)
    assert wave_path([]) == ""


def test_a_short_clip_can_still_be_clicked():
    found = place(Clip(start=7199.0, end=7200.0), 7200.0)

    assert found.width >= 0.8
    assert found.x + found.width <= BARS
    assert place(Clip(start=None, end=None), 60.0) is None
    assert place(Clip(start=1.0, end=2.0), None) is None


def test_no_size_is_larger_than_the_recording():
    source = Source(width=1280, height=720)

    for ratio in (9 / 16, 1.0, 16 / 9):
        found = sizes(source, ratio)
        assert found[0].height <= 720
        assert all(size.width <= 1280 and size.width % 2 == size.height % 2 == 0 for size in found)
    assert ("16:9/540", "960 × 540") in dict(choices(source))["Wide 16:9"]


def test_an_upright_recording_gives_full_width_wide_clips():
    assert sizes(Source(width=1080, height=1920), 16 / 9)[0] == (1080, 608)


def test_lines_end_with_sentences_pauses_and_length():
    words = [[10, 10.2, "So."], [10.3, 10.5, "Then"], [12.0, 12.2, "later"]]
    words += [[12.2 + n / 10, 12.3 + n / 10, "on"] for n in range(20)]
    found = lines(words, start=10)

    assert [line.at for line in found][:3] == [0.0, 0.3, 2.0]
    assert max(len(line.words) for line in found) == 14
    assert lines([], start=0) == []
