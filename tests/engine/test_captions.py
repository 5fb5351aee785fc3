from __future__ import annotations

import re

from clipboard.engine.captions import ass, vtt
from clipboard.engine.findings import Word
from tests.engine.made_up import spoken


def test_it_counts_captions_from_the_clips_start() -> None:
    words = spoken("It was the best of times, it was the worst of times.", start=61.0)
    text = vtt(words, start=60.0, end=70.0)
    assert text.startswith("WEBVTT\n\n00:00:01.000 --> 00:00:")
    assert "It was the best of times, it was" in text


def test_it_leaves_out_words_beyond_the_clip_and_escapes_the_rest() -> None:
    words: list[Word] = [(1.0, 1.5, "before"), (5.0, 5.5, "<b>R&D</b>"), (9.0, 9.5, "after")]
    text = vtt(words, start=4.0, end=8.0)
    assert "before" not in text
    assert "after" not in text
    assert "&lt;b&gt;R&amp;D&lt;/b&gt;" in text


def test_it_colours_one_word_at_a_time_in_lines_of_three() -> None:
    words = spoken("one two three four five six")
    script = ass(words, start=0, end=5, width=404, height=720)
    events = [line for line in script.splitlines() if line.startswith("Dialogue")]
    assert len(events) == 6
    assert all(line.count("{\\c&H4DD2FF&}") == 1 for line in events)
    shown = [re.sub(r"{[^}]*}", "", line.split(",", 4)[4]) for line in events]
    assert shown == ["one two three"] * 3 + ["four five six"] * 3


def test_it_never_leaves_a_gap_between_the_words_of_a_line() -> None:
    words = spoken("one two three", each=0.5)
    times = re.findall(
        r"Dialogue: 0,([\d:.]+),([\d:.]+)", ass(words, start=0, end=5, width=9, height=16)
    )
    assert [end for _, end in times[:-1]] == [start for start, _ in times[1:]]


def test_it_strips_what_a_caption_renderer_would_obey() -> None:
    words: list[Word] = [(0.0, 1.0, r"{\pos(0,0)}hi\N")]
    assert "Words,{\\c&H4DD2FF&}pos(0,0)hiN{" in ass(words, start=0, end=2, width=404, height=720)
