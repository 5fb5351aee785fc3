"""Speech to words with times, by Whisper through faster-whisper, from a model on disk.

The model would read 30 seconds at once, but its encoder's work grows with the square of what it
reads: quarter minutes, encoded at their own length and decoded several at a time, cost two thirds
of it. Two threads of one core each waste less than one of two. Nothing is decoded twice at a higher
temperature, and no window is prompted with the text before it.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np

from clipboard.engine.findings import Span, Word
from clipboard.engine.sound import Sound
from clipboard.engine.windows import Window, pack

THREADS = 2
BATCH = 8  # windows decoded together
TAIL = 100  # frames (of 10 ms) of silence after a window: without them its last words get lost
WHOLE = 3000  # frames that the model can read
SHORTEST = 0.4  # seconds left undecoded in a window that are not worth another pass
BRIEF = 0.12  # seconds the shortest word takes
LEAST_LOGPROB = -1.0
MOST_COMPRESSION = 2.4
PREPENDED, APPENDED = "\"'“¿([{-", "\"'.。,，!！?？:：”)]}、"


@dataclass(frozen=True)
class Heard:
    words: list[Word]
    language: str | None


def transcribe(
    sound: Sound, spans: list[Span], model_dir: Path, on_fraction: Callable[[float], None]
) -> Heard:
    """Words of the `spans` that hold speech, in order; language as ISO 639-1."""
    if not spans:
        return Heard([], None)
    listener = Listener(model_dir)
    windows = pack(spans, sound)
    size = min(BATCH, ceil(len(windows) / THREADS))
    batches = [windows[at : at + size] for at in range(0, len(windows), size)]
    words: list[Word] = []
    with ThreadPoolExecutor(THREADS) as pool:
        heard = pool.map(lambda batch: listener.words(batch, sound), batches)
        for number, found in enumerate(heard, 1):
            words += found
            on_fraction(number / len(batches))
    return Heard(in_order(words), listener.language)


class Listener:
    """A loaded model. The language is settled once, by the first window."""

    def __init__(self, model_dir: Path) -> None:
        from faster_whisper import WhisperModel

        self.whisper = WhisperModel(
            str(model_dir),
            device="cpu",
            compute_type="int8",
            cpu_threads=1,
            num_workers=THREADS,
            local_files_only=True,
        )
        self.lock = Lock()
        self.language: str | None = None
        self.tokenizer: Any = None
        self.suppressed: list[int] = []

    def words(self, batch: list[Window], sound: Sound) -> list[Word]:
        found: list[Word] = []
        while batch:
            words, batch = self.listen(batch, sound)
            found += words
        return found

    def listen(self, batch: list[Window], sound: Sound) -> tuple[list[Word], list[Window]]:
        """The words of these windows, and what of them the model did not come to."""
        encoded = self.encoded([window.samples(sound) for window in batch])
        with self.lock:
            self.settle_language(encoded)
        answers = self.decoded(encoded)
        segments, rest = [], []
        for window, answer in zip(batch, answers, strict=True):
            found, reached = self.segments(window, answer.sequences_ids[0])
            segments.append(found if trusted(answer, self.tokenizer) else [])
            if window.duration - reached > SHORTEST and reached > 1:
                rest.append(window.after(reached))
        return self.timed(batch, segments, encoded), rest

    def encoded(self, sounds: list[Any]) -> Any:
        """Encoder output of all the sounds as one batch."""
        from ctranslate2 import StorageView
        from faster_whisper.audio import pad_or_trim

        features = [self.whisper.feature_extractor(samples) for samples in sounds]
        longest = min(WHOLE, max(one.shape[-1] for one in features) + TAIL)
        outputs = [np.array(self.whisper.encode(pad_or_trim(one, longest))) for one in features]
        return StorageView.from_array(np.concatenate(outputs))

    def settle_language(self, encoded: Any) -> None:
        from faster_whisper.tokenizer import Tokenizer
        from faster_whisper.transcribe import get_suppressed_tokens

        if self.tokenizer:
            return
        multilingual = self.whisper.model.is_multilingual
        token = self.whisper.model.detect_language(encoded)[0][0][0] if multilingual else "<|en|>"
        self.language = token.strip("<|>")
        self.tokenizer = Tokenizer(
            self.whisper.hf_tokenizer, multilingual, task="transcribe", language=self.language
        )
        self.suppressed = list(get_suppressed_tokens(self.tokenizer, [-1]))

    def decoded(self, encoded: Any) -> Any:
        prompt = self.whisper.get_prompt(self.tokenizer, [])
        return self.whisper.model.generate(
            encoded,
            [prompt] * encoded.shape[0],
            beam_size=1,
            max_length=self.whisper.max_length,
            suppress_blank=True,
            suppress_tokens=self.suppressed,
            max_initial_timestamp_index=50,
            return_scores=True,
        )

    def segments(self, window: Window, tokens: list[int]) -> tuple[list[dict[str, Any]], float]:
        """faster-whisper's segments, and up to which second of the window they reach."""
        frames = round(window.duration * self.whisper.frames_per_second)
        found, seek, _ = self.whisper._split_segments_by_timestamps(
            tokenizer=self.tokenizer,
            tokens=tokens,
            time_offset=0.0,
            segment_size=frames,
            segment_duration=window.duration,
            seek=0,
        )
        return found, seek / self.whisper.frames_per_second

    def timed(self, batch: list[Window], segments: list[Any], encoded: Any) -> list[Word]:
        from ctranslate2 import StorageView

        words: list[Word] = []
        whole = np.array(encoded)
        for index, (window, found) in enumerate(zip(batch, segments, strict=True)):
            if not found:
                continue
            self.whisper.add_word_timestamps(
                [found],
                self.tokenizer,
                StorageView.from_array(whole[index : index + 1]),
                round(window.duration * self.whisper.frames_per_second),
                PREPENDED,
                APPENDED,
                0.0,
            )
            for word in (word for segment in found for word in segment["words"]):
                start, end = window.source_span(word["start"], word["end"])
                words.append((float(start), float(end), word["word"].strip()))
        return words


def trusted(answer: Any, tokenizer: Any) -> bool:
    """Invented text gives itself away by low probability or by repeating itself."""
    tokens = answer.sequences_ids[0]
    text = tokenizer.decode([token for token in tokens if token < tokenizer.eot]).encode()
    squeezed = len(text) / len(zlib.compress(text)) if text else 0.0
    return answer.scores[0] >= LEAST_LOGPROB and squeezed <= MOST_COMPRESSION


def in_order(words: list[Word]) -> list[Word]:
    """Sorted, without empty ones or overlaps; a word without a duration gets one from the pause
    before it."""
    kept: list[Word] = []
    for start, end, text in sorted(word for word in words if word[2]):
        before = kept[-1][1] if kept else 0.0
        start = max(before, min(start, end - BRIEF))
        kept.append((round(start, 2), round(max(start + 0.04, end), 2), text))
    return kept
