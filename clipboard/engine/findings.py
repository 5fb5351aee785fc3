"""What is asked of the clip finder and what it answers: plain data, ready for JSON."""

from __future__ import annotations

from dataclasses import dataclass, field

VERSION = "1"  # of the analysis: a change of scores or boundaries raises it

Word = tuple[float, float, str]  # start and end in seconds of the source, text with punctuation
Span = tuple[float, float]  # start and end in seconds of the source
LAYERS = ("speech", "faces", "music", "sentiment")


@dataclass(frozen=True)
class Options:
    """Durations and the range (`start`, `end`) in seconds; `threshold` on the scale of scores.

    `model_dir` names a Whisper model in CTranslate2 form; without it an installed package serves.
    `use` names the layers the engine may use; one that is not installed is left out by itself.
    """

    count: int = 12
    min_duration: float = 10.0
    max_duration: float = 60.0
    start: float | None = None
    end: float | None = None
    aspect: str = "9:16"
    captions: bool = True
    threshold: float = 35.0
    model_dir: str | None = None
    use: tuple[str, ...] = LAYERS


@dataclass(frozen=True)
class Part:
    """One part of a score: `value` 0..100, `weight` 0..1 (a clip's weights sum to 1)."""

    name: str
    label: str
    value: float
    weight: float
    sentence: str


@dataclass(frozen=True)
class Candidate:
    """A clip that could be cut.

    `start`, `end`, `words` and `poster_at` are seconds of the source; `shots` and the times in
    `crop` are seconds from the clip's start. `crop` holds (time, x): from that time on the picture
    is centred on x (0..1 of its width); empty means centred all along.
    """

    start: float
    end: float
    score: float
    title: str | None
    reason: str
    transcript: str
    words: list[Word]
    hashtags: list[str]
    evidence: list[Part]
    crop: list[tuple[float, float]]
    shots: list[float]
    poster_at: float


@dataclass(frozen=True)
class Findings:
    """Clips, best first, with what explains their number: windows `considered`, `best_score`."""

    clips: list[Candidate]
    considered: int
    best_score: float | None
    threshold: float
    heard_speech: bool
    notes: list[str]
    language: str | None
    words: list[Word]
    engine_version: str = field(default=VERSION)
