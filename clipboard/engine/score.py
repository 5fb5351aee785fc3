"""How good a clip a window would make: a weighted mean of parts that can each be explained.

The weights are a choice, not learned: no judged clips were at hand. Most of the weight is on what
is said and how. What a video contains tells little about the views it gets (Wu, Rizoiu and Xie,
"Beyond Views", 2018), so the score ranks the moments of a recording and foretells nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from clipboard.engine.candidates import Timeline, Window, speech_share
from clipboard.engine.findings import Part
from clipboard.engine.measures import Measured, Measures, lin
from clipboard.engine.parts import PARTS

# The weighted means of a recording's windows crowd in the middle: the worst come to about WORST and
# the best to about BEST. Scores spread them over the whole scale.
WORST, BEST = 40.0, 80.0
UNKNOWN = 0.4  # of the score is lost as the weight of parts that could not be judged goes to 1


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
    mean = sum(part.value * part.weight for part in parts)
    certain = 1 - UNKNOWN * (1 - total)
    return Scored(window, round(lin(mean, WORST, BEST) * certain, 1), parts)
