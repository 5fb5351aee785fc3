"""When to come back: every shape in which services tell it."""

from __future__ import annotations

from datetime import UTC, datetime

LONGEST = 24 * 3600.0


def seconds_until(moment: datetime | None, *, now: datetime | None = None) -> float | None:
    """From now to that moment, at least 0, at most a day.

    >>> noon = datetime(2025, 1, 21, 12, tzinfo=UTC)
    >>> seconds_until(datetime(2025, 1, 21, 12, 5, tzinfo=UTC), now=noon)
    300.0
    >>> seconds_until(datetime(2024, 1, 1, tzinfo=UTC), now=noon), seconds_until(None)
    (0.0, None)
    """
    if moment is None:
        return None
    return min(LONGEST, max(0.0, (moment - (now or datetime.now(UTC))).total_seconds()))
