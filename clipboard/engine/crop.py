"""Where a narrower picture is cut out of the source: on the face, or else on what moves.

A crop is a list of (seconds from the clip's start, centre 0..1 of the width), each holding until
the next one; it changes at cuts, and inside a shot only by short pans after somebody who walks.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from statistics import median

import numpy as np

from clipboard.engine.faces import Face
from clipboard.engine.findings import Span

Crop = list[tuple[float, float]]
SEEN = 0.3  # share of a shot's samples that need a face for the crop to go by faces
RIVAL = 0.5  # a face this much as heavy as the heaviest may stay the main one
NEAR = 0.12  # of the width: how far one person moves between two samples
STILL = 0.05  # of the width: moves that nobody notices
BLINK = 0.15  # seconds of a shot at a clip's beginning that nobody sees
ROOM = 0.09  # of the width: how far a face may stray before the crop pans after it
PAN = 0.6  # seconds
PAN_STEPS = 15


@dataclass(frozen=True)
class Sample:
    """One picture looked at: faces, and the centre of what moved (None when nothing did)."""

    at: float
    faces: list[Face]
    moving: float | None


@dataclass(frozen=True)
class Watched:
    """A span of the source looked at frame by frame: exact cuts, and samples in order."""

    span: Span
    cuts: list[float]
    samples: list[Sample]

    def shots_of(self, clip: Span) -> list[Span]:
        inner = [at for at in self.cuts if clip[0] < at < clip[1]]
        return list(pairwise([clip[0], *inner, clip[1]]))


def crop_of(clip: Span, watched: Watched) -> Crop:
    """Times from the clip's start. Shots that differ by less than can be noticed become one."""
    crop: Crop = []
    for start, end in watched.shots_of(clip):
        samples = [one for one in watched.samples if start <= one.at < end]
        for at, x in path_through(start, end, samples, crop[-1][1] if crop else 0.5):
            if not crop or abs(x - crop[-1][1]) >= 0.002:
                crop.append((round(at - clip[0], 3), round(x, 4)))
    if len(crop) > 1 and crop[1][0] < BLINK:
        crop[:2] = [(0.0, crop[1][1])]
    return [] if all(abs(x - 0.5) < STILL / 2 for _, x in crop) else crop


def path_through(start: float, end: float, samples: list[Sample], before: float) -> Crop:
    main = main_faces(samples)
    if not samples:
        return [(start, before)]
    if len(main) < SEEN * len(samples):
        return [(start, moving_centre(samples))]
    usual = median(x for _, x in main)
    if max(abs(x - usual) for _, x in steadied(main)) <= ROOM:
        return [(start, usual)]
    return pans(start, end, steadied(main))


def main_faces(samples: list[Sample]) -> Crop:
    """(time, x) of the person the shot is about: the heaviest face at first, and from then on the
    one nearest to where it was, as long as it is not outweighed."""
    with_faces = [one for one in samples if one.faces]
    found: Crop = []
    for sample in with_faces:
        heaviest = max(sample.faces, key=lambda face: face.weight)
        face = heaviest
        if found:
            near = [one for one in sample.faces if abs(one.x - found[-1][1]) <= NEAR]
            rivals = [one for one in near if one.weight >= RIVAL * heaviest.weight]
            face = max(rivals, key=lambda one: one.weight, default=heaviest)
        found.append((sample.at, face.x))
    return found


def steadied(main: Crop) -> Crop:
    """Each x as the median of five, so that one false face moves nothing."""
    values = [x for _, x in main]
    return [
        (at, median(values[max(0, index - 2) : index + 3])) for index, (at, _) in enumerate(main)
    ]


def pans(start: float, end: float, main: Crop) -> Crop:
    """Stays where it is until the face has strayed, then moves over within PAN seconds."""
    current = main[0][1]
    path: Crop = [(start, current)]
    for at, x in main:
        if abs(x - current) <= ROOM or at < path[-1][0]:
            continue
        begin = max(start, at - PAN / 2)
        for step in range(1, PAN_STEPS + 1):
            moment = begin + PAN * step / PAN_STEPS
            if moment < end:
                path.append((moment, current + (x - current) * eased(step / PAN_STEPS)))
        current = x
    return path


def eased(share: float) -> float:
    """Slow at both ends (smoothstep)."""
    return share * share * (3 - 2 * share)


def moving_centre(samples: list[Sample]) -> float:
    """The middle of what moves, pulled half-way towards the picture's own middle."""
    moving = [one.moving for one in samples if one.moving is not None]
    return 0.5 + (median(moving) - 0.5) / 2 if moving else 0.5


def moved(before: np.ndarray, after: np.ndarray) -> float | None:
    """Centre (0..1 of the width) of the difference between two pictures, None for none."""
    change = np.abs(after.astype(np.int16) - before.astype(np.int16)).sum(axis=2)
    columns = np.where(change > 24, change, 0).sum(axis=0).astype(np.float64)
    total = float(columns.sum())
    if total < change.size * 0.5:
        return None
    return float((columns * (np.arange(len(columns)) + 0.5)).sum() / total / len(columns))
