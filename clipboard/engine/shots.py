"""Where one shot ends and the next begins."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from clipboard.engine.pictures import Picture

SHORTEST = 0.6  # seconds; flashes and explosions are not shots
# Thresholds against every-frame detection on talks and on edited film (engine notes, section 4):
# colours that changed (share of the histogram) and mean change of brightness (of 255).
FAR_COLOURS, FAR_LIGHT = 0.5, 28.0
NEAR_COLOURS, NEAR_LIGHT = 0.3, 14.0
BINS = 8


class Look:
    """What two pictures are compared by. Colours take time and are counted only when asked for."""

    def __init__(self, picture: Picture) -> None:
        self.small = picture[::6, ::6]
        self.grey = self.small.sum(axis=2, dtype=np.int16)

    @cached_property
    def colours(self) -> NDArray[np.float64]:
        bins = (self.small >> 5).astype(np.int16) @ np.array([1, BINS, BINS * BINS], np.int16)
        return np.bincount(bins.ravel(), minlength=BINS**3) / bins.size

    def light_changed(self, other: Look) -> float:
        """Mean change of brightness, of 255."""
        return float(np.abs(self.grey - other.grey).mean()) / 3

    def colours_changed(self, other: Look) -> float:
        """Share of the pixels that went to other colours."""
        return float(np.abs(self.colours - other.colours).sum()) / 2


@dataclass
class CutFinder:
    """Fed with pictures in order; `cuts` holds the times at which a new shot's first one stood.

    Between key frames, seconds apart, only a change of colours counts. Between neighbouring frames
    (`neighbours`) a cut must also stand out from the movement just before it.
    """

    neighbours: bool
    cuts: list[float] = field(default_factory=list)
    last: Look | None = None
    calm: float = 0.0

    def see(self, at: float, picture: Picture) -> None:
        look, before = Look(picture), self.last
        self.last = look
        settled = not self.cuts or at - self.cuts[-1] >= SHORTEST
        if before and self.is_cut(look, before) and settled:
            self.cuts.append(at)

    def is_cut(self, look: Look, before: Look) -> bool:
        light = look.light_changed(before)
        if not self.neighbours:
            return light > 1.5 * FAR_LIGHT or look.colours_changed(before) > FAR_COLOURS
        usual, self.calm = self.calm, 0.8 * self.calm + 0.2 * light
        if light <= max(NEAR_LIGHT, 3 * usual):
            return False
        return light > FAR_LIGHT or look.colours_changed(before) > NEAR_COLOURS


def cuts_of(frames: Iterable[tuple[float, Picture]], *, neighbours: bool) -> list[float]:
    finder = CutFinder(neighbours)
    for at, picture in frames:
        finder.see(at, picture)
    return finder.cuts
