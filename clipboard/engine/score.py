"""How good a clip a window would make: a weighted mean of parts that can each be explained.

The weights are a choice, not learned: no judged clips were at hand. Speech carries most of them,
since what is said tells more than the picture (Wu, Rizoiu & Xie 2018). The score ranks the moments
of a recording; it does not foretell views.
"""

from __future__ import annotations

from dataclasses import dataclass

from clipboard.engine.candidates import Timeline, Window, speech_share
from clipboard.engine.findings import Part
from clipboard.engine.measures import Measured, Measures, lin
from clipboard.engine.parts import PARTS

# The weighted means of a recording's windows crowd in the middle: the worst come to about WORST and
# the best to about BEST. Scores spread them over the whole scale.
WORST, BEST = 30.0, 85.0
WORDLESS = 0.8  # a window without speech is worth less where others speak


@dataclass(frozen=True)
class Scored:
    window: Window
    score: float
    parts: list[Part]


def scored(timeline: Timeline, measures: Measures, window: Window) -> Scored:
    """`score` 0..100; the parts that could be judged here, with weights that sum to 1."""
    measured = Measured(timeline, measures, window, speech_share(timeline, window))
    judged = [
        (name, label, weight, answer)
        for name, label, weight, judge in PARTS
        if (answer := judge(measured)) is not None
    ]
    total = sum(weight for _, _, weight, _ in judged)
    parts = [
        Part(name, label, round(value, 1), round(weight / total, 4), sentence)
        for name, label, weight, (value, sentence) in judged
    ]
    return Scored(window, round(spread(parts, measured), 1), parts)


def spread(parts: list[Part], measured: Measured) -> float:
    mean = sum(part.value * part.weight for part in parts)
    score = lin(mean, WORST, BEST)
    wordless = not measured.window.sentences and bool(measured.timeline.words)
    return score * WORDLESS if wordless else score
