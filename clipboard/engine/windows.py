"""Speech packed into the quarter minutes that the speech model reads, silence squeezed out."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clipboard.engine.findings import Span
from clipboard.engine.sound import Sound

LONGEST = 14.0  # seconds of sound in one window
PAD = 0.3  # seconds kept around speech, so that no consonant is lost
REACH = 5.0  # a longer stretch is cut at the quietest point in its last so many seconds


@dataclass(frozen=True)
class Window:
    """Pieces of the source, in order, heard as one stretch of at most LONGEST seconds."""

    pieces: tuple[Span, ...]

    @property
    def duration(self) -> float:
        return sum(end - start for start, end in self.pieces)

    def samples(self, sound: Sound) -> NDArray[np.float32]:
        """Floats in -1..1."""
        heard = [sound.between(*piece) for piece in self.pieces]
        return np.concatenate(heard).astype(np.float32) / np.float32(32768)

    def source_span(self, start: float, end: float) -> Span:
        """Where a word heard at these seconds of the window stands in the source: it begins in the
        piece that its middle falls into and stays inside it."""
        passed, middle = 0.0, (start + end) / 2
        for first, last in self.pieces:
            length = last - first
            if middle <= passed + length or (first, last) == self.pieces[-1]:
                begin = min(max(first + start - passed, first), last)
                return begin, min(max(first + end - passed, begin), last)
            passed += length
        return start, end

    def after(self, seconds: float) -> Window:
        """What is left when the first so many seconds are taken away."""
        left, passed = [], 0.0
        for first, last in self.pieces:
            begin = max(first, first + seconds - passed)
            passed += last - first
            if last - begin > 0.05:
                left.append((begin, last))
        return Window(tuple(left))


def pack(spans: list[Span], sound: Sound) -> list[Window]:
    """Every span in exactly one window; a span longer than a window is cut where it is quiet."""
    windows: list[Window] = []
    for piece in pieces(spans, sound):
        last = windows[-1] if windows else Window(())
        if windows and last.duration + piece[1] - piece[0] <= LONGEST:
            windows[-1] = Window((*last.pieces, piece))
        else:
            windows.append(Window((piece,)))
    return windows


def pieces(spans: list[Span], sound: Sound) -> list[Span]:
    waiting = deque(padded(spans, sound))
    found = []
    while waiting:
        start, end = waiting.popleft()
        if end - start > LONGEST:
            cut = sound.quietest(start + LONGEST - REACH, start + LONGEST)
            waiting.appendleft((cut, end))
            end = cut
        found.append((start, end))
    return found


def padded(spans: list[Span], sound: Sound) -> list[Span]:
    """Spans that meet when padded become one."""
    wide: list[Span] = []
    for start, end in spans:
        start, end = max(sound.start, start - PAD), min(sound.end, end + PAD)
        if wide and start <= wide[-1][1]:
            wide[-1] = (wide[-1][0], max(end, wide[-1][1]))
        else:
            wide.append((start, end))
    return wide
