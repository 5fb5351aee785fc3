from __future__ import annotations

import re

from clipboard.engine.captions import ass
from clipboard.engine.findings import Word
from tests.engine.made_up import spoken


def test_it_captions_only_what_the_clip_holds() -> None:
    words: list[Word] = [(1.0, 1.5, "before"), (5.0, 5.5, "inside"), (9.0, 9.5, "after")]
    script = ass(words, start=4.0, end=8.0, width=404, height=720)
    assert "Dialogue: 0,0:00:01.00,0:00:02.00,Words," in script
    assert "before" not in script
    assert "after" not in script


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


def test_a_word_too_long_for_the_picture_is_written_smaller() -> None:
    words: list[Word] = [(0.0, 1.0, "Donaudampfschifffahrtsgesellschaft"), (2.0, 3.0, "short")]
    script = ass(words, start=0, end=4, width=404, height=720)
    size = int(re.findall(r"Words,Manrope ExtraBold,(\d+)", script)[0])
    long, short = [line for line in script.splitlines() if line.startswith("Dialogue")]
    smaller = int(re.findall(r"\\fs(\d+)", long)[0])
    assert 34 * smaller * 0.62 <= 404 * 0.88 < 34 * size * 0.62
    assert "\\fs" not in short
