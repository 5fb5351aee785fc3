from __future__ import annotations

import random
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from clipboard.engine.candidates import windows
from clipboard.engine.findings import Options, Word
from tests.engine.made_up import timeline


@st.composite
def speeches(draw: st.DrawFn) -> list[Word]:
    """Words with durations and pauses as awkward as a speech model's, some of zero length."""
    words, at = list[Word](), draw(st.floats(0, 3))
    seed = draw(st.integers(0, 2**32 - 1))
    chance = random.Random(seed)
    for _ in range(draw(st.integers(0, 150))):
        end = at + chance.uniform(0.04, 1.2)
        words.append((at, end, chance.choice(["so", "then.", "Why?", "we", "Mr.", "go,"])))
        at = end + chance.choice([0.0, chance.uniform(0, 2)])
    return words


@settings(max_examples=50, deadline=None)
@given(speeches(), st.lists(st.floats(0, 250), max_size=20), st.floats(2, 30))
def test_it_never_cuts_inside_a_word(words: list[Word], shots: list[float], least: float) -> None:
    options = Options(min_duration=least, max_duration=least * 2)
    found = windows(timeline(words, shots=sorted(shots), duration=260.0), options)
    for window in found:
        for edge in (window.start, window.end):
            assert not any(start + 1e-6 < edge < end - 1e-6 for start, end, _ in words)


@settings(max_examples=50, deadline=None)
@given(speeches(), st.floats(2, 30), st.floats(1.0, 4.0))
def test_it_keeps_to_the_allowed_lengths(words: list[Word], least: float, times: float) -> None:
    options = Options(min_duration=least, max_duration=least * times)
    found = windows(timeline(words, shots=[40.0, 55.0], duration=260.0), options)
    assert all(least <= window.duration <= least * times for window in found)
    assert all(0 <= window.start < window.end <= 260 for window in found)


def test_it_begins_and_ends_on_whole_sentences() -> None:
    words = [(float(at), at + 0.6, "word." if at % 6 == 5 else "Word") for at in range(60)]
    found = windows(timeline(words), Options())
    with_words = [window for window in found if window.sentences]
    assert with_words
    assert all(window.sentences[-1].words[-1][2] == "word." for window in with_words)


def test_it_starts_at_a_shot_change_in_the_pause_before_a_sentence() -> None:
    words = [(float(at), at + 0.6, "word." if at % 6 == 5 else "Word") for at in range(60)]
    found = windows(timeline(words, shots=[17.9]), Options())
    assert 17.9 in {window.start for window in found}


def test_it_cuts_by_shots_where_nobody_speaks() -> None:
    found = windows(timeline([], shots=[13.0, 31.0, 50.0]), Options())
    assert found
    assert {window.start for window in found} >= {0.0, 13.0, 31.0, 50.0}
    assert not any(window.sentences for window in found)


def test_it_cuts_at_pauses_where_speech_is_heard_but_not_understood() -> None:
    made = replace(timeline([], duration=60), speech=[(2.0, 14.0), (15.0, 28.0), (29.2, 41.0)])
    found = windows(made, Options())
    spoken = {(window.start, window.end) for window in found}
    assert (1.72, 14.5) in {(round(start, 2), round(end, 2)) for start, end in spoken}
