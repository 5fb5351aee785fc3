from __future__ import annotations

from clipboard.engine.describe import hashtags, reason, title
from clipboard.engine.findings import Part
from clipboard.engine.sentences import Sentence, sentences
from tests.engine.made_up import spoken


def said(text: str) -> tuple[Sentence, ...]:
    words = spoken(text)
    return tuple(sentences(words, words[-1][1] + 1))


def test_it_takes_the_title_from_the_words() -> None:
    text = "And so we went on. What is the secret of a good life? It is hard to say."
    assert title(said(text), english=True) == "What is the secret of a good life?"


def test_it_gives_two_clips_two_titles() -> None:
    both = said("What is the secret of a good life? Nobody knows the best answer.")
    first = title(both, english=True)
    assert first
    second = title(both, english=True, taken={first})
    assert second
    assert second != first


def test_it_cuts_a_long_title_at_a_word() -> None:
    text = (
        "The period was so far like the present period that some of its noisiest authorities said"
    )
    found = title(said(text), english=True)
    assert found
    assert len(found) <= 71
    assert found.endswith("…")
    assert text.startswith(found.rstrip("…"))


def test_it_gives_no_title_without_words() -> None:
    assert title((), english=True) is None
    assert hashtags((), english=True) == []


def test_it_takes_hashtags_only_from_words_that_matter() -> None:
    text = "The steamer left London. A steamer is what the people of London would want."
    assert set(hashtags(said(text), english=True)) == {"#steamer", "#london"}
    assert hashtags(said("It was what it was and so they went there."), english=True) == []


def test_it_names_what_carried_a_score_and_what_held_it_back() -> None:
    parts = [
        Part("hook", "Hook", 90, 0.5, "Opens with a question."),
        Part("delivery", "Delivery", 80, 0.3, "170 words a minute."),
        Part("visual", "Picture", 5, 0.2, "0 shot changes."),
    ]
    told = reason(parts)
    assert told.startswith("Opens with a question. 170 words a minute.")
    assert told.endswith("Held back by picture: 0 shot changes.")
