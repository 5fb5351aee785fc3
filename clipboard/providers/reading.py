"""Reading what services send: any shape is survived, and nothing grows past its bound.

Every function takes whatever JSON may hold and returns its kind or nothing. A lone surrogate, which
JSON may carry and no database takes, is replaced; NUL, other controls, and what turns the direction
of all that follows are dropped.
"""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime
from typing import Any

from clipboard.lib.redact import redact

MOST_TEXT = 100_000
MOST_ITEMS = 1_000
UNSHOWN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
FAR_FUTURE = 4_102_444_800  # 2100


def record(value: Any) -> dict[str, Any]:
    """
    >>> record({"a": 1}), record(["a"]), record(None)
    ({'a': 1}, {}, {})
    """
    return value if isinstance(value, dict) else {}


def records(value: Any) -> list[dict[str, Any]]:
    """The objects in a list, at most a thousand."""
    items = value if isinstance(value, list) else []
    return [item for item in items[:MOST_ITEMS] if isinstance(item, dict)]


def all_named(items: list[Any]) -> bool:
    """Whether each item is an object with an id: in a list that is to show that something is not
    there, one that can't be read may be the very one.

    >>> all_named([{"id": 1}]), all_named([]), all_named([{"id": 1}, ["a"]]), all_named([{}])
    (True, True, False, False)
    """
    return all(identity(record(item).get("id")) for item in items)


def text(value: Any, *, most: int = MOST_TEXT) -> str:
    """
    >>> text(" a "), text(None), text(4), text(True), text("a\\ud800b\\x00"), text({"a": 1})
    ('a', '', '4', '', 'a?b', '')
    >>> text("\\u202egpj.exe\\x1b[2J")
    'gpj.exe[2J'
    """
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        return ""
    clean = value[: most + 1000].encode("utf-8", "replace").decode()
    return UNSHOWN.sub("", clean).strip()[:most]


def sentence(value: Any) -> str:
    """What a service says to people: services repeat what they were sent, signatures and all.

    >>> sentence("Can't fetch https://me.example/a.mp4?k=abc"), sentence(["No."])
    ("Can't fetch https://me.example/a.mp4?…", '')
    """
    return redact(text(value, most=400))


def identity(value: Any) -> str:
    """What a service calls something by: at most 255 characters, fit for a part of a path, or "".

    >>> identity("a/b"), identity(17861706), identity(".."), identity("x" * 256), identity(None)
    ('a/b', '17861706', '', '', '')
    """
    found = text(value, most=256)
    return found if len(found) < 256 and found.strip(".") else ""


def texts(value: Any, *, most: int = 50) -> tuple[str, ...]:
    """
    >>> texts(["a", 1, None, ""]), texts("a, #b")
    (('a', '1'), ())
    """
    items = value if isinstance(value, list) else []
    return tuple(found for item in items[:most] if (found := text(item, most=500)))


def hashtags(value: Any) -> tuple[str, ...]:
    """From a list of them, or from one text that holds them all.

    >>> hashtags(["sunset", "#sea", "", None]), hashtags("#sun, #sea"), hashtags({"a": 1})
    (('sunset', 'sea'), ('sun', 'sea'), ())
    """
    items = re.split(r"[\s,]+", value[:5000]) if isinstance(value, str) else value
    return tuple(tag for item in texts(items) if (tag := item.lstrip("#").strip()))


def number(value: Any, *, least: float = -1e12, most: float = 1e12) -> float | None:
    """A finite number inside its bounds; digits in a string count, truth values do not.

    >>> number(3), number("4.5"), number("NaN"), number(True), number(1e400), number(7, most=5)
    (3.0, 4.5, None, None, None, None)
    """
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    if isinstance(value, str) and len(value) > 40:
        return None
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return found if math.isfinite(found) and least <= found <= most else None


def moment(value: Any) -> datetime | None:
    """A moment from ISO 8601 text (UTC where it names no zone) or from Unix seconds or ms.

    >>> moment("2024-01-15T10:30:00Z").isoformat(), moment(1_700_000_000).isoformat()
    ('2024-01-15T10:30:00+00:00', '2023-11-14T22:13:20+00:00')
    >>> moment("0000-00-00"), moment("soon"), moment(1e300)
    (None, None, None)
    """
    seconds = number(value, least=1)
    if seconds is not None:
        if seconds > FAR_FUTURE:
            seconds /= 1000
        return datetime.fromtimestamp(seconds, UTC) if seconds <= FAR_FUTURE else None
    try:
        found = datetime.fromisoformat(text(value, most=40))
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def score(value: Any, *, scale: tuple[float, float]) -> float | None:
    """A score on 0 to 100 from one on `scale`; None where there is none or it lies outside.

    >>> score("7.5", scale=(0, 10)), score(101, scale=(0, 100)), score(None, scale=(0, 1))
    (75.0, None, None)
    """
    least, most = scale
    found = number(value, least=least, most=most)
    return None if found is None else round((found - least) / (most - least) * 100, 2)


def web_address(value: Any) -> str:
    """An http(s) address of at most 8,000 characters, or "".

    >>> web_address("https://cdn.example/a.mp4?s=1"), web_address("javascript:alert(1)")
    ('https://cdn.example/a.mp4?s=1', '')
    """
    found = text(value, most=8000)
    plain = found.isprintable() and " " not in found and "\\" not in found
    return found if plain and found.lower().startswith(("https://", "http://")) else ""
