"""What the sandbox's clips say, and where in a recording they lie."""

from __future__ import annotations

from typing import NamedTuple


class Moment(NamedTuple):
    title: str
    caption: str
    reason: str
    transcript: str
    hashtags: tuple[str, ...]


MOMENTS = (
    Moment(
        "The question nobody dares to ask",
        "Listen to the pause before the answer.",
        "Opens with a question and holds the answer back.",
        "So why does everybody do it the other way round?",
        ("question", "interview", "insight"),
    ),
    Moment(
        "What changed everything",
        "One small decision, one large difference.",
        "A turn that can be followed without the rest of the talk.",
        "And then we stopped planning, and simply began.",
        ("turningpoint", "story", "learning"),
    ),
    Moment(
        "In ten seconds: the whole idea",
        "Short enough to send to a friend.",
        "Sums up the talk in one plain sentence.",
        "If you keep one thing, keep this: look first, then cut.",
        ("summary", "shorts", "idea"),
    ),
)


def spread(count: int, *, least: float, most: float, longest: float) -> list[tuple[float, float]]:
    """So many ranges, evenly over a recording.

    >>> spread(2, least=0, most=60, longest=10), spread(2, least=0, most=8, longest=10)
    ([(0.0, 10.0), (30.0, 40.0)], [(0.0, 4.0), (4.0, 8.0)])
    """
    step = max(1.0, (most - least) / count)
    return [
        (round(least + step * place, 2), round(least + step * place + min(step, longest), 2))
        for place in range(count)
    ]
