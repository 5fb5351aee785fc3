"""Keep secrets out of log lines and of what services answer: signed queries, tokens in paths,
authorisation values."""

from __future__ import annotations

import json
import logging
import re
from typing import Any

NAMES = r"api[-_]?key|authorization|cookie|credential|passw|secret|signature|token"
PATTERNS = (
    (re.compile(r"(?i)(https?://[^\s?\"']+)\?[^\s\"']*"), r"\1?…"),
    (re.compile(r"(?i)\b((?:signature|token|api_?key|password|secret|s)=)[^\s&\"']+"), r"\1…"),
    (
        re.compile(
            r"(?i)\b(authorization|cookie|\w*[-_]api[-_]key)(['\"]?\s*[:=]\s*\[?\s*['\"]?)"
            r"((?:basic|bearer)\s+)?[^\s,'\"]+"
        ),
        r"\1\2…",
    ),
    (re.compile(rf"(?i)(\"[^\"\s]*(?:{NAMES})[^\"\s]*\"\s*:\s*\[?\s*\")[^\"]*"), r"\1…"),
    (re.compile(r"(?i)\b(bearer\s+)[\w.~+/=-]{8,}"), r"\1…"),
    (re.compile(r"(?i)(\b[a-z][a-z0-9+.-]*://)[^\s/@\"']+@"), r"\1…@"),
    (re.compile(r"(/(?:s|sign-in|webhooks)/)[\w:%.-]{8,}"), r"\1…"),
    (re.compile(r"(/media/[^\s?]+\?)[^\s\"']+"), r"\1…"),
)


def redact(text: str) -> str:
    """
    >>> redact("GET https://cdn.example/a.mp4?X-Amz-Signature=abc done")
    'GET https://cdn.example/a.mp4?… done'
    >>> redact("opened /s/Zm9vYmFyYmF6cXV4 by a guest")
    'opened /s/… by a guest'
    """
    if text.isidentifier():  # most of the words of an answer; no pattern fits one
        return text
    for pattern, replacement in PATTERNS:
        text = pattern.sub(replacement, text)
    return text


class RedactFilter(logging.Filter):
    """A line whose arguments don't fit its words is logged too, and stops nobody's work."""

    def filter(self, record: logging.LogRecord) -> bool:
        try:
            said = record.getMessage()
        except (TypeError, ValueError, LookupError):
            said = f"{record.msg} {record.args}"
        record.msg, record.args = redact(said), ()
        if record.exc_info:
            record.exc_text = redact(logging.Formatter().formatException(record.exc_info))
            record.exc_info = None
        return True


# --- What other services answer -------------------------------------------------------------------

MOST_SHOWN = 16_000  # characters
MOST_READ = 64 * 1024  # bytes or characters of a text
MOST_ITEMS, MOST_TEXT, DEEPEST = 40, 1000, 12
SECRET = re.compile(NAMES, re.IGNORECASE)


def redact_answer(said: Any) -> str:
    """JSON (read already, or as text or bytes) or any other text for those who look after a
    service: without secrets, its lists and texts cut, at most MOST_SHOWN characters.

    >>> print(redact_answer(b'{"apiKey": "k", "url": "https://cdn.example/a.mp4?sig=x"}'))
    {
     "apiKey": "…",
     "url": "https://cdn.example/a.mp4?…"
    }
    >>> redact_answer("<h1>Oops</h1> Authorization: Bearer abc")
    '<h1>Oops</h1> Authorization: …'
    """
    if isinstance(said, bytes):
        said = said[:MOST_READ].decode("utf-8", "replace")
    if isinstance(said, str):
        said = parsed(said[:MOST_READ])
    if isinstance(said, str):
        shown = redact(plain(said))
    else:
        shown = json.dumps(without_secrets(said), indent=1, ensure_ascii=False, default=str)
    clean = shown.encode("utf-8", "replace").decode().replace("\0", "")
    return clean if len(clean) <= MOST_SHOWN else f"{clean[:MOST_SHOWN]} …"


def plain(said: str) -> str:
    r"""JSON may write a slash as \/, in addresses too."""
    return re.sub(r"\\+/", "/", said)


def parsed(said: str) -> Any:
    try:
        found = json.loads(said)
    except (ValueError, RecursionError):
        return said
    return found if isinstance(found, (dict, list)) else said


def without_secrets(said: Any, depth: int = 0) -> Any:
    """The same JSON, of so many items and levels only."""
    if isinstance(said, str):
        return redact(plain(said[:MOST_TEXT]))
    if not isinstance(said, (dict, list)):
        return said
    if depth > DEEPEST:
        return "…"
    if isinstance(said, list):
        kept = [without_secrets(item, depth + 1) for item in said[:MOST_ITEMS]]
        left = len(said) - MOST_ITEMS
        return [*kept, f"… {left} more"] if left > 0 else kept
    return {
        redact(name[:MOST_TEXT]): "…"
        if SECRET.search(name) and value
        else without_secrets(value, depth + 1)
        for name, value in list(said.items())[:MOST_ITEMS]
    }
