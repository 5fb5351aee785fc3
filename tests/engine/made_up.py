"""Recordings made of words and noise, for tests of what is judged without a file."""

from __future__ import annotations

import random

import numpy as np

from clipboard.engine.candidates import Timeline
from clipboard.engine.findings import Word
from clipboard.engine.measures import Measures
from clipboard.engine.sentences import sentences
from clipboard.engine.sound import RATE, STEP, Sound


def spoken(
    text: str, *, each: float = 0.4, pauses: dict[int, float] | None = None, start: float = 0.0
) -> list[Word]:
    """Words of equal length; `pauses` gives the silence after the word of that number."""
    words, at = list[Word](), start
    for number, word in enumerate(text.split()):
        words.append((at, at + each * 0.9, word))
        at += each + (pauses or {}).get(number, 0.0)
    return words


def timeline(
    words: list[Word],
    *,
    shots: list[float] | None = None,
    duration: float = 120.0,
    loudness: np.ndarray | None = None,
) -> Timeline:
    levels = np.full(int(duration / STEP), -30.0) if loudness is None else loudness
    sound = Sound(0.0, np.zeros(int(duration) * RATE, np.int16), levels.astype(np.float32))
    speech = [(words[0][0], words[-1][1])] if words else []
    return Timeline((0.0, duration), words, sentences(words, duration), speech, shots or [], sound)


def measures(made: Timeline, *, english: bool = True) -> Measures:
    return Measures(made, english, np.linspace(0, 100, int(made.span[1])), [], None)


def lecture(*, minutes: int = 10, seed: int = 1) -> Timeline:
    """A talk whose passages differ: pace, loudness, questions, emphasis, false starts."""
    chance = random.Random(seed)
    words, at = list[Word](), 0.5
    levels = np.full(minutes * 600, -60.0)
    while at < minutes * 60 - 30:
        lively = chance.random()
        begin = at
        for _ in range(chance.randint(3, 7)):
            count = chance.randint(5, 16)
            said = [
                chance.choice(LIVELY if chance.random() < lively else DULL) for _ in range(count)
            ]
            said[-1] += chance.choice("..?") if lively > 0.5 else "."
            for word in said:
                long = chance.uniform(0.15, 0.3) + 0.25 * (1 - lively)
                words.append((at, at + long, word))
                at += long + 0.04
            at += chance.uniform(0.2, 0.9)
        span = slice(int(begin / STEP), int(at / STEP))
        size = len(levels[span])
        levels[span] = -45 + 20 * lively + np.array([chance.gauss(0, 6) for _ in range(size)])
        at += chance.uniform(0.5, 3.0)
    shots = sorted(chance.uniform(0, minutes * 60) for _ in range(minutes * 5))
    return timeline(words, shots=shots, duration=minutes * 60.0, loudness=levels)


LIVELY = "you never the best secret why must 1000 everything world how love power imagine"
DULL = "and it so they of a to the which table moved along some paper matter with"
