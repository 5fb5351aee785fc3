"""Pictures that stand: a screen recording holds no picture while nothing moves on the screen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from clipboard.engine.ffmpeg import LOCKS
from clipboard.engine.probing import is_attached, packets_of

FLOWING = 20.0  # frames a second on the average, under which pictures may stand for long
NOTICED = 0.2  # seconds; the pictures of ordinary recordings are nearer to each other
MARGIN = 0.0015  # seconds: what is rounded to milliseconds must not come after the picture


def held_for(path: Path, at: float) -> float:
    """For how many seconds, to the millisecond, the picture that is shown `at` so many has stood
    there by then; 0 for one that has just come, or where that can't be told."""
    import av
    import av.error

    try:
        with av.open(f"file:{path.absolute()}", options=dict(LOCKS)) as container:
            since = shown_since(container, at)
    except (av.error.FFmpegError, StopIteration):
        return 0.0
    held = 0.0 if since is None else at - since
    return round(held + MARGIN, 3) if held > NOTICED else 0.0


def shown_since(container: Any, at: float) -> float | None:
    """When the last picture up to `at` comes, in seconds of the recording; None where none does, or
    where the recording is over by then."""
    stream = next(one for one in container.streams.video if not is_attached(one))
    origin = (container.start_time or 0) / 1e6
    container.seek(int((origin + at) * 1e6))
    found = None
    for packet in packets_of(container, stream):
        if packet.pts is None or packet.is_discard:
            continue
        shown = float(packet.pts * packet.time_base) - origin
        if shown <= at:
            found = max(shown, found or 0.0)
        decoded = packet.pts if packet.dts is None else packet.dts
        if float(decoded * packet.time_base) - origin > at:
            return found  # those that follow are shown later still
    return found if at < (container.duration or 0) / 1e6 else None
