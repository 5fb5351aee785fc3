"""Numbers for the drawings of the clip page: score, waveform, place in the recording."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import isfinite
from typing import Any, NamedTuple

from clipboard.clips.models import Clip

BARS = 200
NARROWEST = 0.8  # of 200: a clip of a few seconds in a long recording can still be clicked


class Part(NamedTuple):
    """One part of a score as it is drawn; `value` 0 to 100, `share` and `points` of 100."""

    label: str
    sentence: str
    value: float
    share: float
    points: float
    offset: float


def parts(evidence: Iterable[Any], *, score: float | None = None) -> list[Part]:
    """The evidence with each part's share of the whole. Weights below zero count as zero.

    Points add up to the score where it is given: it is spread over the range, the values are not.
    """
    rows = [row for row in evidence if isinstance(row, dict)]
    total = sum(weight(row) for row in rows) or 1.0
    plain = sum(percent(row) * weight(row) for row in rows) / total
    stretch = 1.0 if score is None or not plain else score / plain
    drawn: list[Part] = []
    offset = 0.0
    for row in rows:
        value = percent(row)
        share = 100 * weight(row) / total
        label = str(row.get("label") or row.get("name") or "Part")
        points = value * share / 100 * stretch
        drawn.append(Part(label, str(row.get("sentence") or ""), value, share, points, offset))
        offset += points
    return drawn


def percent(row: dict[str, Any]) -> float:
    return min(100.0, max(0.0, number(row.get("value"))))


def weight(row: dict[str, Any]) -> float:
    return max(0.0, number(row.get("weight")))


def number(given: Any) -> float:
    """What a provider wrote as a finite number; anything else counts as zero."""
    try:
        found = float(given)
    except (TypeError, ValueError):
        return 0.0
    return found if isfinite(found) else 0.0


def wave_path(peaks: Sequence[float]) -> str:
    """An SVG path of 200 bars, each mirrored around y = 50 of 100, from 0..100 peaks."""
    if not peaks:
        return ""
    bars = []
    for bar in range(BARS):
        first = bar * len(peaks) // BARS
        last = max(first + 1, (bar + 1) * len(peaks) // BARS)
        half = max(1, round(min(100, max(peaks[first:last])) * 0.48))
        bars.append(f"M{bar} {50 - half}v{2 * half}")
    return "".join(bars)


class Place(NamedTuple):
    clip: Clip
    x: float
    width: float


def place(clip: Clip, duration: float | None) -> Place | None:
    """Where the clip lies in its recording, in bars; None where that is unknown."""
    if clip.start is None or clip.end is None or not duration:
        return None
    scale = BARS / duration
    width = max(NARROWEST, (clip.end - clip.start) * scale)
    return Place(clip, round(min(clip.start * scale, BARS - width), 2), round(width, 2))
