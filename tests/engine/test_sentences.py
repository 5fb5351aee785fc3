from __future__ import annotations

from clipboard.engine.findings import Word
from clipboard.engine.sentences import sentences
from tests.engine.made_up import spoken


def texts(words: list[Word]) -> list[str]:
    return [sentence.text for sentence in sentences(words, words[-1][1] + 1)]


def test_it_keeps_abbreviations_and_initials_inside_a_sentence() -> None:
    said = texts(spoken('Mrs. Allen met Dr. J. Smith at 9 a.m. sharp. "Who?" he asked. I did.'))
    assert said == ["Mrs. Allen met Dr. J. Smith at 9 a.m. sharp.", '"Who?" he asked.', "I did."]


def test_it_ends_a_sentence_at_a_long_pause_without_a_stop() -> None:
    said = sentences(spoken("and then it stopped Nobody knew why.", pauses={3: 1.2}), 10)
    assert [one.text for one in said] == ["and then it stopped", "Nobody knew why."]
    assert said[0].closed
    assert said[0].pause > 1


def test_it_reads_on_over_a_stop_that_the_speech_model_made_up() -> None:
    assert texts(spoken("It was received. for good or for evil.")) == [
        "It was received. for good or for evil."
    ]


def test_it_divides_an_endless_sentence_where_the_speaker_breathes() -> None:
    words = spoken(" ".join(["so"] * 100), pauses={49: 0.5})
    assert [len(text.split()) for text in texts(words)] == [50, 50]


def test_it_knows_an_unfinished_sentence() -> None:
    said = sentences(spoken("This is where the recording"), 2.0)
    assert not said[-1].closed
