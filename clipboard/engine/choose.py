"""Of many overlapping windows, the best few that do not show the same moment twice."""

from __future__ import annotations

from clipboard.engine.candidates import Window
from clipboard.engine.findings import Options
from clipboard.engine.score import Scored
from clipboard.engine.wording import bare

MOST_SHARED_TIME = 0.35  # of the shorter one
MOST_SHARED_WORDS = 0.6  # Jaccard index of their sets of words
WORDLESS_SHARE = 0.4  # of the clips, where the recording has speech


def choose(found: list[Scored], options: Options, *, has_words: bool) -> list[Scored]:
    """Best first, at most `options.count`, none under `options.threshold`."""
    chosen: list[tuple[Scored, frozenset[str]]] = []
    wordless, most_wordless = 0, max(1, round(options.count * WORDLESS_SHARE))
    for one in sorted(found, key=lambda each: (-each.score, each.window.start)):
        if one.score < options.threshold or len(chosen) >= options.count:
            break
        if has_words and not one.window.sentences and wordless >= most_wordless:
            continue
        tokens = words_of(one.window)
        if any(repeats(one.window, tokens, other.window, seen) for other, seen in chosen):
            continue
        wordless += not one.window.sentences
        chosen.append((one, tokens))
    return [one for one, _ in chosen]


def repeats(one: Window, words: frozenset[str], other: Window, seen: frozenset[str]) -> bool:
    shared = min(one.end, other.end) - max(one.start, other.start)
    if shared > MOST_SHARED_TIME * min(one.duration, other.duration):
        return True
    union = len(words | seen)
    return bool(union) and len(words & seen) / union > MOST_SHARED_WORDS


def words_of(window: Window) -> frozenset[str]:
    return frozenset(bare(word[2]) for sentence in window.sentences for word in sentence.words)
