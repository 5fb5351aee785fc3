"""What a person may ask of a job, as the engine's words: the one place with the choices and bounds.

A job's `options` hold only what was chosen; the engine's defaults stand for the rest.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

MOST_CLIPS = 50
LENGTHS = {
    "": ("10 to 60 seconds", 10, 60),
    "short": ("10 to 20 seconds", 10, 20),
    "medium": ("20 to 45 seconds", 20, 45),
    "long": ("45 to 90 seconds", 45, 90),
}
ASPECTS = {
    "9:16": "9:16 upright",
    "1:1": "1:1 square",
    "4:5": "4:5 portrait",
    "16:9": "16:9 wide",
}
TIMECODE = re.compile(
    r"(?:(\d{1,2}):)?(\d{1,4}):(\d{1,2}(?:\.\d{1,3})?)|(\d{1,6}(?:\.\d{1,3})?)", re.A
)


def read_timecode(text: str) -> float | None:
    """Seconds; None for nothing. Raises ValueError for what is no time.

    >>> read_timecode("1:15"), read_timecode("1:00:01.5"), read_timecode("90"), read_timecode(" ")
    (75.0, 3601.5, 90.0, None)
    """
    if not text.strip():
        return None
    match = TIMECODE.fullmatch(text.strip())
    if match is None:
        raise ValueError(text)
    if match[4]:
        return float(match[4])
    return int(match[1] or 0) * 3600 + int(match[2]) * 60 + float(match[3])


def chosen(
    *,
    count: int | None = None,
    length: str = "",
    start: float | None = None,
    end: float | None = None,
    aspect: str = "",
    captions: bool = True,
) -> dict[str, Any]:
    """A job's options.

    >>> chosen(length="short", aspect="1:1")
    {'min_duration': 10, 'max_duration': 20, 'aspect': '1:1'}
    """
    _, shortest, longest = LENGTHS[length]
    band = {"min_duration": shortest, "max_duration": longest} if length else {}
    wanted = {"count": count, "start": start, "end": end, "aspect": aspect}
    given = {name: value for name, value in wanted.items() if value not in (None, "")}
    return band | given | ({} if captions else {"captions": False})


def read_options(raw: Mapping[str, str]) -> dict[str, Any]:
    """Options that came along with an upload: what is no valid choice is left at its default.

    >>> read_options({"count": "7", "length": "endless", "aspect": "1:1", "captions": "on"})
    {'count': 7, 'aspect': '1:1'}
    """
    count, length, aspect = (raw.get(name, "") for name in ("count", "length", "aspect"))
    start, end = (read_leniently(raw.get(name, "")) for name in ("start", "end"))
    if start is not None and end is not None and start >= end:
        start = end = None
    return chosen(
        count=int(count)
        if re.fullmatch(r"[1-9]\d?", count, re.A) and int(count) <= MOST_CLIPS
        else None,
        length=length if length in LENGTHS else "",
        start=start,
        end=end,
        aspect=aspect if aspect in ASPECTS else "",
        captions=not raw or "captions" in raw,
    )


def read_leniently(text: str) -> float | None:
    try:
        return read_timecode(text)
    except ValueError:
        return None
