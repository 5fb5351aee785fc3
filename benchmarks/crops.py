"""Whether every frame of a rendered clip shows the crop of the shot it belongs to."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from clipboard.engine.findings import Candidate
from clipboard.engine.pictures import Picture, pictures

SIZE = (320, 180)
AROUND = 5  # frames looked at on each side of a cut
APART = 0.03  # of the width: crops nearer to each other cannot be told apart by their pictures


@dataclass(frozen=True)
class Seen:
    """Frames looked at around so many cuts, and how many of them showed another shot's crop."""

    cuts: int
    frames: int
    wrong: int


def look(source: Path, clip: Candidate, rendered: Path, ratio: float, work_dir: Path) -> Seen:
    """`ratio` is the rendered clip's width by its height. A cut's true place is the frame that
    differs most from the one before it, within a second of where the crop changes."""
    originals = [one for _, one in pictures(source, (clip.start, clip.end), SIZE, work_dir)]
    width = round(SIZE[1] * ratio)
    duration = clip.end - clip.start
    results = [one for _, one in pictures(rendered, (0.0, duration), (width, SIZE[1]), work_dir)]
    fps = len(originals) / duration
    cuts = frames = wrong = 0
    for (_, before), (at, after) in pairwise(clip.crop):
        cut = true_cut(originals, round(at * fps), round(fps / 2))
        if abs(before - after) < APART or cut is None:
            continue
        cuts += 1
        for index in range(max(0, cut - AROUND), min(cut + AROUND, len(results), len(originals))):
            frames += 1
            errors = [difference(originals[index], results[index], x) for x in (before, after)]
            wrong += (errors[1] < errors[0]) != (index >= cut)
    return Seen(cuts, frames, wrong)


def true_cut(frames: list[Picture], near: int, reach: int) -> int | None:
    """None where nothing near differs enough to be a cut: there the crop pans."""
    changes = {
        index: float(np.abs(frames[index].astype(int) - frames[index - 1]).mean())
        for index in range(max(1, near - reach), min(near + reach, len(frames)))
    }
    cut = max(changes, key=lambda index: changes[index], default=0)
    usual = float(np.median(list(changes.values()))) if changes else 0.0
    return cut if cut and changes[cut] > max(8.0, 4 * usual) else None


def difference(original: Picture, result: Picture, x: float) -> float:
    width = result.shape[1]
    left = round(min(max(0.0, x * SIZE[0] - width / 2), SIZE[0] - width))
    return float(np.abs(original[:, left : left + width].astype(int) - result).mean())
