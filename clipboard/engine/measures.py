"""Numbers about a recording and its windows, from which the parts of a score are judged."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from clipboard.engine.candidates import Timeline, Window
from clipboard.engine.sentences import Sentence
from clipboard.engine.sound import STEP
from clipboard.engine.wording import bare, is_emphatic

OPENING = 3.0  # seconds in which a clip wins or loses its viewer


def lin(value: float, low: float, high: float) -> float:
    """0 at `low` or under, 100 at `high` or over, straight in between."""
    return 100.0 * min(1.0, max(0.0, (value - low) / (high - low)))


@dataclass
class Measures:
    """Of the whole recording. `mood` gives a sentence's feeling (-1..1) where it can be judged;
    `motion` holds percentiles by second from the span's start; `faces` (time, share of the
    picture's height that the largest face takes, 0 without one)."""

    timeline: Timeline
    english: bool
    motion: NDArray[np.float64] | None
    faces: list[tuple[float, float]]
    mood: Callable[[str], float] | None

    def __post_init__(self) -> None:
        self.moods: dict[Sentence, float] = {}
        loud = self.timeline.sound.loudness
        voiced = loud[loud > -55.0]
        self.usual = float(np.median(voiced)) if len(voiced) else -60.0

    def mood_of(self, sentence: Sentence) -> float:
        if sentence not in self.moods and self.mood:
            self.moods[sentence] = self.mood(sentence.text)
        return self.moods[sentence]

    @cached_property
    def emphatic(self) -> NDArray[np.int64]:
        """How many emphatic words there are among the first n, for every n."""
        marks = [is_emphatic(bare(word[2])) for word in self.timeline.words]
        return np.concatenate([[0], np.cumsum(marks, dtype=np.int64)])


@dataclass
class Measured:
    """One window. `spoken` is the share of its time in which somebody speaks."""

    timeline: Timeline
    measures: Measures
    window: Window
    spoken: float

    @property
    def says(self) -> bool:
        return bool(self.window.sentences)

    @cached_property
    def word_range(self) -> tuple[int, int]:
        words = self.timeline.words
        first = bisect_left(words, (self.window.start, 0.0, ""))
        return first, bisect_left(words, (self.window.end, 0.0, ""))

    @property
    def word_count(self) -> int:
        return self.word_range[1] - self.word_range[0]

    @property
    def opening_words(self) -> list[str]:
        first, last = self.word_range
        until = self.window.start + OPENING
        return [word[2] for word in self.timeline.words[first:last] if word[0] < until]

    @cached_property
    def loudness(self) -> NDArray[np.float32]:
        return self.timeline.sound.loudness_between(self.window.start, self.window.end)

    @property
    def opening_loudness(self) -> NDArray[np.float32]:
        return self.loudness[: round(OPENING / STEP)]

    @property
    def cuts(self) -> int:
        shots = self.timeline.shots
        return bisect_left(shots, self.window.end) - bisect_left(shots, self.window.start + 0.1)

    @property
    def motion(self) -> float:
        """Mean percentile of motion over the window's seconds."""
        curve = self.measures.motion
        if curve is None or not len(curve):
            return 50.0
        first = int(self.window.start - self.timeline.span[0])
        last = max(first + 1, round(self.window.end - self.timeline.span[0]))
        return float(np.mean(curve[first:last])) if first < len(curve) else 50.0

    @property
    def face_samples(self) -> list[float]:
        """Of the samples inside the window; the nearest one where there is none."""
        faces = self.measures.faces
        inside = [size for at, size in faces if self.window.start <= at < self.window.end]
        middle = (self.window.start + self.window.end) / 2
        return inside or [min(faces, key=lambda face: abs(face[0] - middle))[1]]
