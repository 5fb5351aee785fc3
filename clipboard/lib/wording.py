"""Numbers, times and sizes as people read them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime


def timecode(value: float | None) -> str:
    """
    >>> timecode(75.4), timecode(3675), timecode(None)
    ('1:15', '1:01:15', '–')
    """
    if value is None:
        return "–"
    whole = int(value)
    hours, minutes, rest = whole // 3600, whole % 3600 // 60, whole % 60
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def span_title(recording: str, start: float | None, end: float | None) -> str:
    """What a clip without a title is called: where in which recording it is, nothing invented.

    >>> span_title("Talk", 134.2, 151.9), span_title("Talk", None, None)
    ('Talk, 2:14–2:31', 'Clip of Talk')
    """
    if start is None or end is None:
        return f"Clip of {recording}"
    return f"{recording}, {timecode(start)}–{timecode(end)}"


def seconds(value: float | None) -> str:
    """
    >>> seconds(31.26)
    '31 s'
    """
    return "unknown length" if value is None else f"{round(value)} s"


def file_size(value: float) -> str:
    """
    >>> file_size(532), file_size(8_400_000), file_size(21_000_000_000)
    ('532 B', '8.4 MB', '21 GB')
    """
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if value < 1000 or unit == "TB":
            return f"{value:.1f} {unit}" if value < 10 and unit != "B" else f"{value:.0f} {unit}"
        value /= 1000
    raise AssertionError


def percent(fraction: float) -> str:
    """
    >>> percent(0.424)
    '42%'
    """
    return f"{int(fraction * 100)}%"


def plural(number: int, one: str, many: str | None = None) -> str:
    """
    >>> plural(1, "clip"), plural(1217, "clip")
    ('1 clip', '1,217 clips')
    """
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def listing(names: Sequence[str]) -> str:
    """
    >>> listing(["a"]), listing(["a", "b"]), listing(["a", "b", "c"])
    ('a', 'a and b', 'a, b and c')
    """
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last


def count(number: int, cap: int = 1000) -> str:
    """
    >>> count(999), count(1000), count(1001)
    ('999', '1,000', '1,000+')
    """
    return f"{cap:,}+" if number > cap else f"{number:,}"


def day(moment: datetime) -> str:
    """
    >>> day(datetime(2026, 1, 3, 12, tzinfo=UTC))
    '3 Jan 2026'
    """
    return f"{moment.day} {moment:%b %Y}"


def day_of(moment: datetime, now: datetime) -> str:
    """
    >>> now = datetime(2026, 1, 8, 12, tzinfo=UTC)
    >>> [day_of(datetime(2026, 1, day, 12, tzinfo=UTC), now) for day in (8, 7, 6, 1)]
    ['today', 'yesterday', 'on Tuesday', 'on 1 Jan 2026']
    """
    days = (now.date() - moment.date()).days
    if days < 2:
        return "yesterday" if days == 1 else "today"
    return f"on {moment:%A}" if days < 7 else f"on {day(moment)}"


STEPS = ((60, 1, "second"), (3600, 60, "minute"), (86400, 3600, "hour"), (10**12, 86400, "day"))


def ago(moment: datetime | None, now: datetime | None = None) -> str:
    """
    >>> ago(datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 3, tzinfo=UTC))
    '2 days ago'
    """
    if moment is None:
        return "never"
    passed = ((now or datetime.now(UTC)) - moment).total_seconds()
    return "just now" if passed < 10 else f"{span(passed)} ago"


def until(moment: datetime, now: datetime | None = None) -> str:
    """
    >>> until(datetime(2026, 1, 3, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC))
    'in 2 days'
    """
    left = (moment - (now or datetime.now(UTC))).total_seconds()
    return f"in {span(left)}" if left > 0 else "over"


def span(length: float) -> str:
    for limit, unit, word in STEPS:
        if length < limit:
            return plural(int(length // unit), word)
    raise AssertionError
