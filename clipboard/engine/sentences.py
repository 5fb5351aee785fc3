"""Words to sentences: what a clip may begin and end with."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from clipboard.engine.findings import Word
from clipboard.engine.wording import word_set

LONG_PAUSE = 0.9  # seconds that end a sentence without a full stop
BREATH = 0.3  # seconds of pause at which a very long sentence may be divided
TOO_LONG = 20.0  # seconds
STOPS = (".", "!", "?", "…", "。", "！", "？")
CLOSERS = "\"'”’)]»"
ABBREVIATIONS = word_set(
    """
    mr mrs ms dr prof sr jr st rev gen col capt lt sgt gov sen rep hon pres vs etc e.g i.e cf no
    vol fig inc ltd co corp dept est approx jan feb mar apr jun jul aug sep sept oct nov dec a.m
    p.m u.s u.k bzw ca usw z.b mme mlle
    """
)


@dataclass(frozen=True)
class Sentence:
    """`closed` when a stop or a long pause ends it; `pause` is the seconds of silence after it."""

    words: tuple[Word, ...]
    closed: bool
    pause: float

    @property
    def start(self) -> float:
        return self.words[0][0]

    @property
    def end(self) -> float:
        return self.words[-1][1]

    @cached_property
    def text(self) -> str:
        return " ".join(word[2] for word in self.words)


def sentences(words: list[Word], end: float) -> list[Sentence]:
    """`end` is where the recording ends, for the pause after the last word."""
    pauses = [after[0] - word[1] for word, after in pairwise(words)]
    pauses.append(max(0.0, end - words[-1][1]) if words else 0.0)
    found, first = [], 0
    for index in range(len(words)):
        following = words[index + 1] if index + 1 < len(words) else None
        if ends_sentence(words[index][2], following, pauses[index]):
            found += divided(words[first : index + 1], pauses[first : index + 1])
            first = index + 1
    return found


def ends_sentence(text: str, following: Word | None, pause: float) -> bool:
    if following is None or pause >= LONG_PAUSE:
        return True
    if not stops(text):
        return False
    # The speech model closes each of its windows with a full stop, in mid-sentence if need be.
    return not (following[2][:1].islower() and pause < LONG_PAUSE / 2)


def stops(text: str) -> bool:
    bare = text.rstrip(CLOSERS)
    if not bare.endswith(STOPS):
        return False
    core = bare.rstrip(".").lstrip("\"'“‘([").lower()
    initial = len(core) == 1 and core.isalpha() and core != "i"
    return not (bare.endswith(".") and (core in ABBREVIATIONS or initial))


def divided(words: list[Word], pauses: list[float]) -> list[Sentence]:
    """One sentence; or, of one too long to wait for its end, the parts between breaths."""
    inner = pauses[:-1]
    if words[-1][1] - words[0][0] > TOO_LONG and inner and max(inner) >= BREATH:
        at = inner.index(max(inner)) + 1
        return [*divided(words[:at], pauses[:at]), *divided(words[at:], pauses[at:])]
    closed = stops(words[-1][2]) or pauses[-1] >= LONG_PAUSE
    return [Sentence(tuple(words), closed, pauses[-1])]
