"""What a video's packets tell without decoding them: key frames, and how much moves when."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from clipboard.engine.ffmpeg import LOCKS
from clipboard.engine.findings import Span
from clipboard.engine.probing import is_attached, packets_of


@dataclass(frozen=True)
class Packets:
    """`motion`: bytes of pictures other than key frames in each second from `start` on, since what
    moves costs bytes. `keys`: times of key frames in seconds of the source."""

    start: float
    motion: NDArray[np.float64]
    keys: list[float]

    def ranks(self) -> NDArray[np.float64]:
        """Each second's motion as a percentile (0..100) among all seconds."""
        if len(self.motion) < 2:
            return np.full(len(self.motion), 50.0)
        order = self.motion.argsort(kind="stable").argsort()
        return np.asarray(order * 100.0 / (len(self.motion) - 1))


def scan(path: Path, span: Span) -> Packets:
    import av

    motion = np.zeros(max(1, int(span[1] - span[0]) + 1))
    keys = []
    with av.open(f"file:{path.absolute()}", options=dict(LOCKS)) as container:
        stream = next(one for one in container.streams.video if not is_attached(one))
        origin = (container.start_time or 0) / av.time_base
        if span[0] > 0:
            container.seek(int((span[0] + origin) * av.time_base))
        for packet in packets_of(container, stream):
            if packet.pts is None:
                continue
            at = float(packet.pts * packet.time_base) - origin
            if at > span[1] + 2:
                break
            if not span[0] <= at < span[1]:
                continue
            if packet.is_keyframe:
                keys.append(at)
            else:
                motion[int(at - span[0])] += packet.size
    return Packets(span[0], motion, sorted(keys))
