"""WebVTT (https://www.w3.org/TR/webvtt1/) from words with times."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

LONGEST = 42  # characters in a cue, one line on a phone held upright
PAUSE = 0.6  # seconds of silence that end a cue
HOLD = 0.3  # seconds a cue stays when nothing follows at once


def vtt(words: Sequence[Sequence[Any]], *, start: float, end: float) -> str:
    """Captions for the range `start` to `end` (seconds), counted from `start`.

    `words` is [[start s, end s, text], …] in ascending order; words outside are left out.

    >>> print(vtt([[1, 1.5, "Hi"], [1.6, 2, "<you>."]], start=1, end=9))
    WEBVTT
    <BLANKLINE>
    00:00:00.000 --> 00:00:01.300
    Hi &lt;you&gt;.
    <BLANKLINE>
    """
    spoken = [
        (max(float(begin), start) - start, min(float(until), end) - start, clean(str(text)))
        for begin, until, text in words
        if until > start and begin < end
    ]
    cues = group([word for word in spoken if word[2]])
    blocks = [
        f"{stamp(cue[0][0])} --> {stamp(shown_until(cues, index, end - start))}\n"
        + " ".join(word[2] for word in cue)
        for index, cue in enumerate(cues)
    ]
    return "\n\n".join(["WEBVTT", *blocks]) + "\n"


def group(words: Sequence[tuple[float, float, str]]) -> list[list[tuple[float, float, str]]]:
    cues: list[list[tuple[float, float, str]]] = []
    for word in words:
        if not cues or ends_before(cues[-1], word):
            cues.append([])
        cues[-1].append(word)
    return cues


def ends_before(cue: list[tuple[float, float, str]], word: tuple[float, float, str]) -> bool:
    last = cue[-1]
    length = sum(len(text) + 1 for _, _, text in cue) + len(word[2])
    return length > LONGEST or word[0] - last[1] > PAUSE or last[2].endswith((".", "?", "!", "…"))


def shown_until(cues: list[list[tuple[float, float, str]]], index: int, end: float) -> float:
    """A cue's end: a moment after its last word, but never into the next cue."""
    following = cues[index + 1][0][0] if index + 1 < len(cues) else end
    return max(cues[index][0][0] + 0.01, min(cues[index][-1][1] + HOLD, following))


def clean(text: str) -> str:
    text = " ".join(text.split())
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def stamp(seconds: float) -> str:
    whole = round(seconds * 1000)
    minutes, rest = divmod(whole, 60_000)
    return f"{minutes // 60:02}:{minutes % 60:02}:{rest // 1000:02}.{rest % 1000:03}"
