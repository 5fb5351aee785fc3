"""The parts of a score: each a judge of one window that answers (value 0..100, a sentence), or
None where there is nothing to judge. The formulas are explained in docs/scoring.md."""

from __future__ import annotations

from collections.abc import Callable
from math import exp

import numpy as np

from clipboard.engine.measures import OPENING, Measured, lin
from clipboard.engine.wording import LOOSE_STARTS, NUMBER, bare, is_hook

Answer = tuple[float, str] | None


def hook(measured: Measured) -> Answer:
    if not measured.says:
        return None
    opening = measured.opening_words
    text = measured.window.sentences[0].text
    onset = measured.opening_loudness
    loud = len(onset) > 0 and float(np.percentile(onset, 90)) > measured.measures.usual + 4
    reasons = [f"{len(opening)} words in the first {OPENING:.0f} seconds"]
    value = 45 * lin(len(opening), 0, 9) / 100
    for holds, points, reason in (
        (measured.measures.english and is_hook(text), 25, "opens with a line that draws you in"),
        (text.rstrip("\"'”’)").endswith("?"), 15, "opens with a question"),
        (loud, 15, "starts loud"),
        (any(NUMBER.search(bare(word)) for word in opening), 10, "starts with a number"),
    ):
        if holds:
            value += points
            reasons.append(reason)
    return min(100.0, value), sentence(", ".join(reasons))


def delivery(measured: Measured) -> Answer:
    if not measured.says:
        return None
    per_second = measured.word_count / measured.window.duration
    pace = 100 - min(1.0, abs(per_second - 2.8) / 2) * 100
    value = 0.6 * pace + 0.4 * lin(measured.spoken, 0.5, 0.95)
    return value, (
        f"{per_second * 60:.0f} words a minute, speech in {measured.spoken:.0%} of the time."
    )


def punch(measured: Measured) -> Answer:
    if not measured.says or not measured.measures.english or not measured.word_count:
        return None
    first, last = measured.word_range
    counts = measured.measures.emphatic
    rate = 100 * float(counts[last] - counts[first]) / measured.word_count
    return lin(rate, 4, 22), f"{rate:.0f} of 100 words are numbers, extremes or address the viewer."


def completeness(measured: Measured) -> Answer:
    if not measured.says:
        return None
    first, last = measured.window.sentences[0], measured.window.sentences[-1]
    follows = first is not measured.timeline.sentences[0] and measured.measures.english
    loose = follows and bare(first.words[0][2]) in LOOSE_STARTS
    value, reasons = 100.0, []
    for holds, points, bad, good in (
        (loose, 35, "leans on what was said before", "starts a thought"),
        (not last.closed, 25, "stops in mid-thought", "ends on a full sentence"),
        (last.pause < 0.25, 15, "no pause follows", f"a pause of {last.pause:.1f} seconds follows"),
    ):
        value -= points if holds else 0
        reasons.append(bad if holds else good)
    return value, sentence(", ".join(reasons))


def length(measured: Measured) -> Answer:
    """Shorter clips hold more of their viewers; too short ones tell nothing."""
    duration = measured.window.duration
    value = 100 * exp(-(((duration - 27) / 18) ** 2))
    judgement = (
        "a good length" if value > 70 else "rather long" if duration > 27 else "rather short"
    )
    return value, f"{duration:.0f} seconds, {judgement}."


def dynamics(measured: Measured) -> Answer:
    loud = measured.loudness
    if len(loud) < 5 or float(loud.max()) < -70:
        return None
    low, high = (float(value) for value in np.percentile(loud, [20, 95]))
    above = high - measured.measures.usual
    value = 0.5 * lin(high - low, 4, 24) + 0.5 * lin(above, 0, 12)
    return value, (
        f"Loudness swings by {high - low:.0f} dB, peaks {above:+.0f} dB against the recording."
    )


def emotion(measured: Measured) -> Answer:
    if not measured.says or not measured.measures.mood or not measured.measures.english:
        return None
    moods = [measured.measures.mood_of(sentence) for sentence in measured.window.sentences]
    low, high = min(moods), max(moods)
    value = 100 * (0.5 * max(abs(low), abs(high)) + 0.5 * min(1.0, high - low))
    feeling = "mixed" if low < -0.2 < 0.2 < high else "warm" if high > 0.2 else "dark"
    if max(abs(low), abs(high)) <= 0.2:
        feeling = "even"
    return value, f"The mood is {feeling}, from {low:+.1f} to {high:+.1f} on a scale of 1."


def visual(measured: Measured) -> Answer:
    if measured.measures.motion is None:
        return None
    rate = 60 * measured.cuts / measured.window.duration
    value = 0.5 * lin(rate, 0, 20) + 0.5 * measured.motion
    changes = f"{measured.cuts} shot change" + ("" if measured.cuts == 1 else "s")
    return value, f"{changes}, more movement than {measured.motion:.0f}% of the recording."


def faces(measured: Measured) -> Answer:
    if not measured.measures.faces:
        return None
    sizes = measured.face_samples
    seen = sum(size > 0 for size in sizes) / len(sizes)
    value = 0.7 * 100 * seen + 0.3 * lin(max(sizes), 0.08, 0.4)
    return value, f"A face in {seen:.0%} of the pictures looked at."


def sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + "."


PARTS: tuple[tuple[str, str, float, Callable[[Measured], Answer]], ...] = (
    ("hook", "Hook", 0.22, hook),
    ("delivery", "Delivery", 0.15, delivery),
    ("punch", "Punch", 0.13, punch),
    ("completeness", "Complete thought", 0.15, completeness),
    ("length", "Length", 0.05, length),
    ("dynamics", "Sound", 0.1, dynamics),
    ("emotion", "Emotion", 0.09, emotion),
    ("visual", "Picture", 0.06, visual),
    ("faces", "Faces", 0.05, faces),
)
