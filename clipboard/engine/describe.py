"""A clip's title, reason and hashtags. Everything comes from the words that were heard and from
the parts of the score; where there are no words there is no title and no hashtag."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection

from clipboard.engine.findings import Part
from clipboard.engine.sentences import STOPS, Sentence
from clipboard.engine.wording import LOOSE_STARTS, STOP_WORDS, bare, is_emphatic, is_hook, word_set

LONGEST_TITLE = 70  # characters
MOST_HASHTAGS = 4
EMPTY_OPENERS = word_set("and so but well now then because")


def title(
    sentences: tuple[Sentence, ...], *, english: bool, taken: Collection[str] = ()
) -> str | None:
    """The most telling of the sentences, cut at a word if it is long; not one that is `taken`."""
    texts = [trimmed(sentence.text, english=english) for sentence in sentences]
    ranked = sorted(
        ((appeal(text, english=english) - 4 * place, text) for place, text in enumerate(texts)),
        key=lambda each: (each[1] in taken, -each[0]),
    )
    return ranked[0][1] if ranked and ranked[0][1] else None


def trimmed(text: str, *, english: bool) -> str:
    words = text.split()
    while english and len(words) > 3 and bare(words[0]) in EMPTY_OPENERS:
        words = words[1:]
    kept = " ".join(words)
    if len(kept) > LONGEST_TITLE:
        while words and len(" ".join(words)) >= LONGEST_TITLE:
            words = words[:-1]
        while english and len(words) > 3 and bare(words[-1]) in STOP_WORDS:
            words = words[:-1]
        kept = " ".join(words).rstrip(",;:–-") + "…"
    if not kept.endswith("?"):
        kept = kept.rstrip(".,;:")
    return kept[:1].upper() + kept[1:]


def appeal(text: str, *, english: bool) -> float:
    """How well a sentence stands alone as a headline."""
    words = [bare(word) for word in text.split()]
    value = 20.0 - abs(len(words) - 9) * 1.5 - (30 if len(words) < 3 else 0)
    value += 8 if text.endswith("?") else 0
    value -= 6 if text.endswith("…") else 0
    if english:
        value += 10 * is_hook(text) + 2 * min(4, sum(map(is_emphatic, words)))
        value -= 12 if words and words[0] in LOOSE_STARTS else 0
    return value


def reason(parts: list[Part]) -> str:
    """The three parts that carried the score furthest, and the one that held it back."""
    by_gain = sorted(parts, key=lambda part: -part.value * part.weight)
    strong = [part for part in by_gain[:3] if part.value >= 40]
    weak = min(parts, key=lambda part: part.value, default=None)
    told = [part.sentence for part in strong]
    if weak and weak not in strong and weak.value < 40:
        text = weak.sentence[:1].lower() + weak.sentence[1:]
        told.append(f"Held back by {weak.label.lower()}: {text}")
    return " ".join(told)


def hashtags(sentences: tuple[Sentence, ...], *, english: bool) -> list[str]:
    """Names, and words that come back. Outside English only what comes back often."""
    counts: Counter[str] = Counter()
    names: Counter[str] = Counter()
    for sentence in sentences:
        for position, (_, _, raw) in enumerate(sentence.words):
            word = bare(raw)
            if len(word) < 4 or not word.isalpha() or word in STOP_WORDS:
                continue
            counts[word] += 1
            after_stop = not position or sentence.words[position - 1][2].endswith(STOPS)
            names[word] += raw.lstrip("\"'“‘(")[:1].isupper() and not after_stop
    chosen = [
        word
        for word, count in counts.most_common()
        if (english and (count >= 2 or names[word] == count)) or (count >= 3 and len(word) >= 6)
    ]
    ranked = sorted(chosen, key=lambda word: -(counts[word] + names[word]))
    return [f"#{word}" for word in ranked[:MOST_HASHTAGS]]
