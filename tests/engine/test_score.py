from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

from clipboard.engine.analyse import judged
from clipboard.engine.candidates import Window, windows
from clipboard.engine.choose import choose
from clipboard.engine.findings import Options, Word
from clipboard.engine.installed import Abilities
from clipboard.engine.packets import Packets
from clipboard.engine.score import Scored, scored
from clipboard.engine.sentences import sentences
from clipboard.engine.speech import Heard
from clipboard.engine.survey import Survey
from tests.engine.made_up import lecture, measures, spoken, timeline


def part(one: Scored, name: str) -> float:
    return next(part.value for part in one.parts if part.name == name)


def score_of(text: str, *, english: bool = True, loudness: np.ndarray | None = None) -> Scored:
    made = timeline(spoken(f"Before this. {text}"), loudness=loudness)
    first, *rest = made.sentences
    window = Window(first.end + 0.02, rest[-1].end + 0.3, tuple(rest))
    return scored(made, measures(made, english=english), window)


def test_it_spreads_the_scores_of_a_talk_over_the_scale() -> None:
    made = lecture()
    judge = measures(made)
    values = [scored(made, judge, window).score for window in windows(made, Options())]
    low, high = np.percentile(values, [5, 95])
    assert len(values) > 200
    assert all(0 <= value <= 100 for value in values)
    assert high - low > 35


def test_what_explains_a_score_is_kept_of_the_chosen_alone() -> None:
    """A long talk has some hundred thousand windows."""
    made, options = lecture(), Options(max_duration=120)
    seen = Survey(Packets(0.0, np.zeros(600), []), made.shots, [])
    able = Abilities(True, False, False, False, False, [])
    tracemalloc.start()
    found = judged(made, seen, Heard(made.words, "en"), able, options, [])
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert all(clip.evidence for clip in found.clips)
    assert most / found.considered < 1500  # bytes


def test_it_explains_every_score_by_parts_whose_weights_sum_to_one() -> None:
    one = score_of("Why do we choose to go to the moon? Because it is hard. " * 3)
    assert sum(part.weight for part in one.parts) == pytest.approx(1, abs=0.001)
    assert all(0 <= part.value <= 100 for part in one.parts)
    assert all(part.sentence.endswith(".") for part in one.parts)


def test_it_prefers_an_opening_that_draws_in() -> None:
    strong = score_of("Why does nobody tell you the truth about money? We looked. " * 3)
    weak = score_of("And it was then that they came along with some of it. We looked. " * 3)
    assert part(strong, "hook") > part(weak, "hook") + 20
    assert part(strong, "completeness") > part(weak, "completeness") + 20
    assert strong.score > weak.score


def test_it_leaves_out_what_it_cannot_judge() -> None:
    foreign = score_of("Warum wählen wir den Mond? Weil es schwer ist. " * 4, english=False)
    names = {part.name for part in foreign.parts}
    assert {"hook", "delivery", "completeness"} <= names
    assert not names & {"punch", "emotion", "faces"}


def test_it_hears_a_swing_in_loudness() -> None:
    steps = np.arange(1200)
    lively = np.where(steps % 20 < 10, -12.0, -45.0)
    text = "One plain sentence after another is said here. " * 5
    assert part(score_of(text, loudness=lively), "dynamics") > 60
    assert part(score_of(text), "dynamics") < 10


def clip(start: float, end: float, score: float, text: str = "") -> Scored:
    words: list[Word] = [(start, end, word) for word in text.split()]
    said = tuple(sentences(words, end)) if words else ()
    return Scored(Window(start, end, said), score, [])


def test_it_thins_out_clips_of_the_same_moment() -> None:
    found = [clip(0, 30, 90), clip(5, 35, 95), clip(25, 50, 80), clip(100, 130, 70)]
    chosen = choose(found, Options(), has_words=False)
    assert [one.score for one in chosen] == [95, 70]


def test_it_thins_out_the_same_words_said_again() -> None:
    text = "ask not what your country can do for you"
    found = [clip(0, 20, 90, text), clip(60, 80, 80, text), clip(100, 120, 70, "quite other words")]
    chosen = choose(found, Options(), has_words=True)
    assert [one.score for one in chosen] == [90, 70]


def test_it_keeps_to_the_count_and_the_threshold() -> None:
    found = [clip(at * 100, at * 100 + 20, 90 - at * 10) for at in range(8)]
    assert len(choose(found, Options(count=3), has_words=False)) == 3
    assert min(one.score for one in choose(found, Options(), has_words=False)) >= 35


def test_it_keeps_wordless_clips_from_filling_the_list() -> None:
    found = [clip(at * 100, at * 100 + 20, 90) for at in range(10)]
    found += [clip(2000, 2020, 40, "somebody says something here")]
    chosen = choose(found, Options(count=5), has_words=True)
    assert sum(not one.window.sentences for one in chosen) == 2
    assert any(one.window.sentences for one in chosen)
