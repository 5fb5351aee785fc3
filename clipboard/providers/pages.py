"""Pages that recordings are watched on."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

YOUTUBE = {"youtube.com", "www.youtube.com", "m.youtube.com", "music.youtube.com"}
YOUTUBE_SHORT = {"youtu.be", "www.youtu.be"}
ON_PATH = {"shorts", "live", "embed", "v"}


def youtube_id(address: str) -> str:
    """The id of the video on a YouTube page, or "" for any other address.

    >>> youtube_id("https://youtu.be/wVXAFlueS9Y?t=3")
    'wVXAFlueS9Y'
    >>> youtube_id("https://www.youtube.com/watch?list=x&v=wVXAFlueS9Y")
    'wVXAFlueS9Y'
    >>> youtube_id("https://m.youtube.com/shorts/wVXAFlueS9Y"), youtube_id("https://evil.example/")
    ('wVXAFlueS9Y', '')
    """
    try:
        page = urlsplit(address.strip())
        host = page.hostname or ""
        asked = parse_qs(page.query, max_num_fields=50).get("v", [""])
    except ValueError:
        return ""
    parts = [part for part in page.path.split("/") if part]
    if page.scheme not in {"http", "https"}:
        return ""
    found = ""
    if host in YOUTUBE_SHORT and parts:
        found = parts[0]
    elif host in YOUTUBE and parts == ["watch"]:
        found = asked[0]
    elif host in YOUTUBE and len(parts) == 2 and parts[0] in ON_PATH:
        found = parts[1]
    return found if re.fullmatch(r"[\w-]{6,20}", found, re.ASCII) else ""
