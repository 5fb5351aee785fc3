"""Windows of a recording that could stand as a clip: runs of whole sentences, and runs of whole
shots where hardly anybody speaks."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from operator import itemgetter

from clipboard.engine.findings import Options, Span, Word
from clipboard.engine.sentences import LONG_PAUSE, Sentence
from clipboard.engine.sound import Sound

LEAD, TAIL = 0.25, 0.5  # seconds kept before the first and after the last word, if there is a pause
NEAR = 1.0  # seconds to a shot change that is worth beginning or ending at
CLEAR = 0.03  # seconds between a boundary and the nearest word
QUIET_SHARE = 0.3  # of a window's time spent on speech, under which it is cut by shots
LENGTHS = (12.0, 20.0, 30.0)  # seconds that windows by shots aim at
STRIDE = 10.0  # seconds between such windows where nothing changes


@dataclass(frozen=True)
class Timeline:
    """What was found in the recording, in order; all times in seconds of the source."""

    span: Span
    words: list[Word]
    sentences: list[Sentence]
    speech: list[Span]
    shots: list[float]
    sound: Sound


@dataclass(frozen=True)
class Window:
    """A possible clip; `sentences` is empty where it was cut by shots."""

    start: float
    end: float
    sentences: tuple[Sentence, ...] = ()

    @property
    def duration(self) -> float:
        return self.end - self.start


def windows(timeline: Timeline, options: Options) -> list[Window]:
    """Where words are unknown, runs of speech between pauses stand in for sentences."""
    return [
        *by_sentences(timeline, options),
        *by_pauses(timeline, options),
        *by_shots(timeline, options),
    ]


def by_sentences(timeline: Timeline, options: Options) -> list[Window]:
    """Every run of sentences of an allowed length that begins and ends in a pause."""
    said = timeline.sentences
    spans = [(sentence.start, sentence.end) for sentence in said]
    return [
        Window(start, end, tuple(said[first : last + 1]))
        for first, last, start, end in runs(timeline, spans, options)
    ]


def by_pauses(timeline: Timeline, options: Options) -> list[Window]:
    if timeline.words:
        return []
    phrases: list[Span] = []
    for start, end in timeline.speech:
        if phrases and start - phrases[-1][1] < LONG_PAUSE / 2:
            phrases[-1] = (phrases[-1][0], end)
        else:
            phrases.append((start, end))
    return [Window(start, end) for _, _, start, end in runs(timeline, phrases, options)]


def runs(
    timeline: Timeline, spans: list[Span], options: Options
) -> Iterator[tuple[int, int, float, float]]:
    """(first, last, in-point, out-point) of all neighbours that together have an allowed length."""
    starts = [max(timeline.span[0], in_point(timeline, spans, at)) for at in range(len(spans))]
    ends = [min(timeline.span[1], out_point(timeline, spans, at)) for at in range(len(spans))]
    for first in range(len(spans)):
        for last in range(first, len(spans)):
            duration = ends[last] - starts[first]
            if duration > options.max_duration:
                break
            if duration >= options.min_duration:
                yield first, last, starts[first], ends[last]


def in_point(timeline: Timeline, spans: list[Span], index: int) -> float:
    """In the pause before: at a shot change, or shortly before the first word."""
    earliest = spans[index - 1][1] + CLEAR if index else timeline.span[0]
    latest = spans[index][0] - CLEAR
    return place(timeline, earliest, latest, max(latest - LEAD, (earliest + latest) / 2))


def out_point(timeline: Timeline, spans: list[Span], index: int) -> float:
    """In the pause after: at a shot change, or shortly after the last word."""
    earliest = spans[index][1] + CLEAR
    latest = spans[index + 1][0] - CLEAR if index + 1 < len(spans) else timeline.span[1]
    return place(timeline, earliest, latest, min(earliest + TAIL, (earliest + latest) / 2))


def place(timeline: Timeline, earliest: float, latest: float, wanted: float) -> float:
    """`wanted`, or a shot change near it inside the pause; the pause's middle if it has no room."""
    if latest <= earliest:
        return (earliest + latest) / 2
    shots = timeline.shots
    inside = shots[bisect_left(shots, earliest) : bisect_right(shots, latest)]
    near = [at for at in inside if abs(at - wanted) <= NEAR]
    return min(near, key=lambda at: abs(at - wanted)) if near else wanted


def by_shots(timeline: Timeline, options: Options) -> list[Window]:
    """Windows from one shot change (or STRIDE) to another, with hardly any known speech inside."""
    marks = marks_of(timeline)
    found = []
    for index, start in enumerate(marks):
        for length in allowed(options):
            end = nearest(marks, start + length, since=index + 1)
            if end is None or not options.min_duration <= end - start <= options.max_duration:
                continue
            window = Window(outside_speech(timeline, start), outside_speech(timeline, end))
            long_enough = options.min_duration <= window.duration <= options.max_duration
            quiet = not timeline.words or speech_share(timeline, window) < QUIET_SHARE
            if long_enough and quiet:
                found.append(window)
    return found


def allowed(options: Options) -> list[float]:
    bounds = (options.min_duration, options.max_duration)
    return sorted({min(max(length, bounds[0]), bounds[1]) for length in LENGTHS})


def marks_of(timeline: Timeline) -> list[float]:
    """Shot changes, and between distant ones the quietest moment about every STRIDE."""
    edges = [timeline.span[0], *timeline.shots, timeline.span[1]]
    marks = {round(edge, 3) for edge in edges}
    for one, other in pairwise(edges):
        steps = int((other - one) / STRIDE)
        for step in range(1, steps + 1):
            at = one + step * STRIDE
            if at < other - 2:
                marks.add(round(timeline.sound.quietest(at - 1, at + 1), 3))
    return sorted(marks)


def nearest(marks: list[float], wanted: float, *, since: int) -> float | None:
    """Of the ascending marks from the index `since` on; the earlier one of two as near."""
    after = bisect_left(marks, wanted, since)
    around = marks[max(since, after - 1) : after + 1]
    return min(around, key=lambda at: abs(at - wanted), default=None)


def outside_speech(timeline: Timeline, at: float) -> float:
    """The time itself, or the nearer edge of the sentence it falls into."""
    said = timeline.sentences
    index = bisect_left(said, at, key=lambda sentence: sentence.start) - 1
    if index >= 0 and said[index].start < at < said[index].end:
        start, end = said[index].start, said[index].end
        return start if at - start < end - at else end
    return at


def speech_share(timeline: Timeline, window: Window) -> float:
    """Share of the window's time in which somebody speaks."""
    first = max(0, bisect_right(timeline.speech, window.start, key=itemgetter(0)) - 1)
    last = bisect_left(timeline.speech, window.end, key=itemgetter(0))
    total = 0.0
    for start, end in timeline.speech[first:last]:
        total += max(0.0, min(end, window.end) - max(start, window.start))
    return total / window.duration if window.duration > 0 else 0.0
