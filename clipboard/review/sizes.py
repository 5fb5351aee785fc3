"""Which shapes and sizes a clip can be rendered in, given its recording. Never larger than it."""

from __future__ import annotations

from typing import NamedTuple

from clipboard.clips.models import Source

SHORT_SIDES = (1080, 720, 540)
TALLEST = 2160
ASPECTS = {
    "9:16": ("Vertical 9:16", 9 / 16),
    "4:5": ("Portrait 4:5", 4 / 5),
    "1:1": ("Square 1:1", 1.0),
    "16:9": ("Wide 16:9", 16 / 9),
}


class Size(NamedTuple):
    width: int
    height: int


def choices(source: Source) -> list[tuple[str, list[tuple[str, str]]]]:
    """Grouped choices for a form: ("Square 1:1", [("1:1/720", "720 × 720"), …])."""
    shapes = ASPECTS | {"source": ("Whole picture", source.aspect_ratio)}
    return [
        (label, [(f"{aspect}/{size.height}", f"{size.width} × {size.height}") for size in found])
        for aspect, (label, ratio) in shapes.items()
        if (found := sizes(source, ratio))
    ]


def sizes(source: Source, ratio: float) -> list[Size]:
    """The largest that the recording holds at width/height `ratio`, then the usual smaller ones."""
    width, height = source.width or 1920, source.height or 1080
    largest = min(TALLEST, height, width / ratio)
    tall = [side / min(1.0, ratio) for side in SHORT_SIDES]
    heights = [largest, *(value for value in tall if value < largest * 0.97)]
    return [Size(even(value * ratio), even(value)) for value in heights]


def even(value: float) -> int:
    return 2 * max(1, round(value / 2))
