"""Small pictures out of a recording, each with its exact time."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from clipboard.engine import ffmpeg
from clipboard.engine.filters import quoted
from clipboard.engine.findings import Span

Picture = NDArray[np.uint8]  # height x width x 3, blue first
QUICK = ("-skip_loop_filter", "all")  # a little blockier; nobody looks at these pictures
KEYS_ONLY = (*QUICK, "-skip_frame", "nokey")


def pictures(
    path: Path, span: Span, size: tuple[int, int], work_dir: Path, *, keys_only: bool = False
) -> Iterator[tuple[float, Picture]]:
    """(time in the source, picture) of every frame in `span`, or of its key frames at most one
    every half second. `size` is width and height; the picture is stretched to it."""
    width, height = size
    with tempfile.TemporaryDirectory(dir=work_dir) as folder:
        times = Path(folder) / "times"
        thin = "select='isnan(prev_selected_t)+gte(t-prev_selected_t\\,0.5)'," if keys_only else ""
        # `metadata=print` writes each frame's time, but only of frames that carry some metadata.
        chain = (
            f"{thin}scale={width}:{height}:flags=fast_bilinear,format=bgr24,"
            f"metadata=mode=add:key=at:value=1,metadata=mode=print:direct=1:file={quoted(times)}"
        )
        arguments = [
            *ffmpeg.opened(
                path,
                *(KEYS_ONLY if keys_only else QUICK),
                *("-ss", f"{span[0]:.3f}", "-t", f"{span[1] - span[0]:.3f}"),
            ),
            *("-map", ffmpeg.PICTURE, "-vf", chain, "-fps_mode", "passthrough"),
            *("-f", "rawvideo", "-"),
        ]
        with ffmpeg.started(arguments) as output, Times(times) as read:
            while len(frame := output.read(width * height * 3)) == width * height * 3:
                yield (
                    span[0] + read.next(),
                    np.frombuffer(frame, np.uint8).reshape(height, width, 3),
                )


class Times:
    """Reads frames' times behind ffmpeg's back: a frame's line is written before its picture."""

    def __init__(self, path: Path) -> None:
        path.touch()
        self.lines = path.open()

    def __enter__(self) -> Times:
        return self

    def __exit__(self, *_: object) -> None:
        self.lines.close()

    def next(self) -> float:
        for line in self.lines:
            if (at := line.find("pts_time:")) >= 0:
                return float(line[at + 9 :])
        raise EOFError("ffmpeg wrote a picture without its time")
