"""Single pictures out of a recording, cheaply: key frames wherever they will do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import av.error
import numpy as np

from clipboard.engine import ffmpeg, refusals
from clipboard.engine.errors import MediaError
from clipboard.engine.probing import Probe, clockwise, is_attached

WORTH_DECODING = 180 * 1280 * 720  # seconds × pixels: up to here a whole decode costs seconds


@dataclass(frozen=True)
class Picture:
    at: float  # seconds from the start of the recording
    pixels: np.ndarray  # height × width × 3, uint8, RGB


def sample(
    path: Path, probe: Probe, times: list[float], *, width: int, height: int
) -> list[Picture]:
    """A picture for each of the ascending `times` (seconds), `width` × `height` as displayed.

    Key frames serve unless they are so few that most pictures would be the same; then a short
    recording is decoded whole. Raises MediaError when no picture can be decoded.
    """
    with Reader(path, width=width, height=height) as reader:
        pictures = filled(list(reader.near(times)))
    distinct = len({picture.at for picture in pictures})
    if distinct < len(times) / 4 and probe.duration * probe.width * probe.height < WORTH_DECODING:
        with Reader(path, width=width, height=height) as reader:
            pictures = list(reader.after(times)) or pictures
    if not pictures:
        raise MediaError("broken", refusals.BROKEN)
    return pictures + pictures[-1:] * (len(times) - len(pictures))


def filled(found: list[Picture | None]) -> list[Picture]:
    """The picture before a gap stands for it, so that those behind it keep their places; at the
    start the first one that there is. Empty where there is none at all."""
    last = next((one for one in found if one), None)
    pictures = []
    for one in found:
        last = one or last
        if last:
            pictures.append(last)
    return pictures


class Reader:
    """An open recording that yields pictures of one size, upright and with square pixels."""

    def __init__(self, path: Path, *, width: int, height: int) -> None:
        self.container: Any = av.open(f"file:{path.absolute()}", options=ffmpeg.LOCKS)
        self.stream = next(one for one in self.container.streams.video if not is_attached(one))
        self.stream.codec_context.options = {"max_pixels": str(ffmpeg.MAX_PIXELS)}
        self.stream.codec_context.thread_count = 2
        self.start = (self.container.start_time or 0) / 1e6
        self.size = (width, height)

    def __enter__(self) -> Reader:
        return self

    def __exit__(self, *_: object) -> None:
        self.container.close()

    def near(self, times: list[float]) -> Iterator[Picture | None]:
        """The key frame before each time; None in a stretch that cannot be decoded."""
        self.stream.codec_context.skip_frame = "NONKEY"
        for time in times:
            yield next(map(self.picture, self.frames(since=time)), None)

    def after(self, times: list[float]) -> Iterator[Picture]:
        """The first frame at or after each time, in one pass over everything."""
        waiting = list(reversed(times))
        for frame in self.frames(since=0):
            picture = None
            while waiting and frame.time - self.start >= waiting[-1]:
                waiting.pop()
                picture = picture or self.picture(frame)
                yield picture

    def frames(self, *, since: float) -> Iterator[Any]:
        """Decoded frames in order of time, until the end or the first break."""
        try:
            self.container.seek(int((self.start + since) * 1e6))
            for frame in self.container.decode(self.stream):
                if frame.time is not None:
                    yield frame
        except (av.error.FFmpegError, IndexError):  # see packets_of
            return

    def picture(self, frame: Any) -> Picture:
        turned = clockwise(frame)
        width, height = reversed(self.size) if turned in (90, 270) else self.size
        small = frame.reformat(width=width, height=height, format="rgb24", interpolation="AREA")
        upright = np.rot90(small.to_ndarray(), -(turned // 90))
        return Picture(max(0.0, frame.time - self.start), np.ascontiguousarray(upright))


def write_webp(pixels: np.ndarray, out: Path, *, quality: int = 70) -> None:
    """`pixels`: height × width × 3, uint8, RGB."""
    with av.open(str(out), "w", format="webp") as container:
        stream: Any = container.add_stream("libwebp", options={"quality": str(quality)})
        stream.height, stream.width = pixels.shape[:2]
        stream.pix_fmt = "yuv420p"
        container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        container.mux(stream.encode())
