"""A recording's sound as 16 kHz mono samples on disk, and how loud it is over time."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from clipboard.engine import ffmpeg
from clipboard.engine.findings import Span

RATE = 16_000  # samples a second
STEP = 0.1  # seconds a loudness value stands for
SILENCE = -100.0  # dB, also for digital silence
BLOCK = 60 * RATE * 2  # bytes read at once


class Samples:
    """16-bit samples in a file, read as they are asked for: a map of a whole day's would be more
    than a task may address. The file may be closed and deleted meanwhile."""

    def __init__(self, handle: int, count: int) -> None:
        self.handle, self.count = os.dup(handle), count

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, part: slice) -> NDArray[np.int16]:
        first, last, _ = part.indices(self.count)
        return np.frombuffer(os.pread(self.handle, 2 * max(0, last - first), 2 * first), np.int16)

    def __del__(self) -> None:
        os.close(self.handle)


@dataclass(frozen=True)
class Sound:
    """Samples (int16) and loudness in dB a STEP; both from `start`.

    Times in methods are seconds of the source.
    """

    start: float
    samples: NDArray[np.int16] | Samples
    loudness: NDArray[np.float32]

    @property
    def end(self) -> float:
        return self.start + len(self.samples) / RATE

    def between(self, start: float, end: float) -> NDArray[np.int16]:
        first, last = (max(0, round((at - self.start) * RATE)) for at in (start, end))
        return self.samples[first:last]

    def loudness_between(self, start: float, end: float) -> NDArray[np.float32]:
        first, last = (max(0, round((at - self.start) / STEP)) for at in (start, end))
        return self.loudness[first : max(last, first + 1)]

    def quietest(self, start: float, end: float) -> float:
        """The middle of the quietest step between two times."""
        values = self.loudness_between(start, end)
        if not len(values):
            return (start + end) / 2
        at = start + (int(np.argmin(values)) + 0.5) * STEP
        return float(min(max(at, start), end))


def read_sound(
    path: Path, span: Span, work_dir: Path, on_seconds: Callable[[float], None]
) -> Sound:
    """The first sound track of `span`; no samples when there is none. Needs 2 bytes a sample on
    disk in `work_dir` while the result is in use, and constant memory."""
    levels: list[NDArray[np.float32]] = []
    done = 0
    with tempfile.TemporaryFile(dir=work_dir) as file:
        for block in blocks(path, span):
            file.write(block)
            levels.append(loudness(np.frombuffer(block, np.int16)))
            done += len(block) // 2
            on_seconds(done / RATE)
        file.flush()
        samples = Samples(file.fileno(), done)
    return Sound(span[0], samples, np.concatenate(levels) if levels else np.empty(0, np.float32))


def blocks(path: Path, span: Span) -> Iterator[bytes]:
    """`first_pts=0` keeps sound that starts late in its place."""
    arguments = [
        *ffmpeg.opened(path, "-ss", f"{span[0]:.3f}", "-t", f"{span[1] - span[0]:.3f}", "-vn"),
        *("-map", "0:a:0", "-af", f"aresample={RATE}:async=1:first_pts=0", "-ac", "1"),
        *("-f", "s16le", "-"),
    ]
    with ffmpeg.started(arguments) as output:
        while block := output.read(BLOCK):
            yield block[: len(block) // 2 * 2]


def loudness(samples: NDArray[np.int16]) -> NDArray[np.float32]:
    """Root mean square of every STEP in dB of full scale; a last, shorter step counts too."""
    size = round(STEP * RATE)
    edges = np.arange(0, len(samples), size)
    squares = np.add.reduceat(samples.astype(np.float32) ** 2, edges)
    counts = np.minimum(size, len(samples) - edges)
    power = squares / counts / 32768.0**2
    return np.asarray(10 * np.log10(np.maximum(power, 1e-10)), np.float32)
