"""What a player needs to play a clip: its own file, its provider's through us, or the range of its
recording."""

from __future__ import annotations

import time
from typing import NamedTuple

from django.http import HttpResponse
from django.urls import reverse

from clipboard.clips.models import Clip
from clipboard.clips.preview import download_of
from clipboard.engine import vtt
from clipboard.media.storage import expiry


class Playback(NamedTuple):
    kind: str
    """`clip` for the clip's own file, `preview` for its provider's, which a player leaves for the
    `source` where it fails: a range of the recording."""
    url: str
    start: float
    """Seconds into the file where the clip starts."""
    end: float | None
    """Seconds into the file where it ends; None is the end of the file."""
    expires: int
    """When the address runs out, seconds since 1970."""
    lasts: int
    """The same in seconds from now, for clocks that are wrong."""


def playback(clip: Clip, *, kind: str = "") -> Playback | None:
    """How the clip plays now; None when there is nothing to play it from."""
    now = time.time()
    expires = expiry(now)
    lasts = max(1, int(expires - now))
    if clip.file and kind != "source":
        return Playback("clip", clip.file.url, 0.0, clip.duration, expires, lasts)
    if plays_there(clip) and kind != "source":
        address = reverse("clip_preview", args=[clip.pk])
        return Playback("preview", address, 0.0, None, expires, lasts)
    recording = clip.source.playable
    if not recording or clip.start is None or clip.end is None or kind == "clip":
        return None
    return Playback("source", recording.url, clip.start, clip.end, expires, lasts)


def plays_there(clip: Clip) -> bool:
    """Whether its provider may still be asked for the bytes of a clip whose file is not here."""
    row = None if clip.file else download_of(clip)
    return row is not None and row.may_play


def nothing_to_play(clip: Clip) -> str:
    """Why, for a person."""
    if clip.file or download_of(clip) is None:
        return "There is nothing to play this clip from."
    provider = clip.job.get_provider_display_name()
    if clip.start is None or clip.end is None:
        return f"{provider} does not give this clip now, nor says where in the recording it is."
    return f"{provider} does not give this clip now, and its recording is not here."


def captions(clip: Clip, *, in_source_time: bool = False) -> HttpResponse:
    start, end = clip.start or 0.0, clip.end or 0.0
    words = [word for word in clip.words if start < word[1] and word[0] < end]
    text = vtt(words, start=0.0 if in_source_time else start, end=end)
    return HttpResponse(text, content_type="text/vtt; charset=utf-8")
