"""Recordings made on the spot, whose cuts are known because they were made there."""

from __future__ import annotations

import subprocess
from itertools import accumulate
from pathlib import Path

from clipboard.engine.ffmpeg import binary

SHOTS = (2.3, 3.7, 1.9, 4.1, 2.9, 3.3)  # seconds, whole frames at 30 a second only by chance
COLOURS = ("0x7a3030", "0x306a3a", "0x30407a", "0x8a7a30", "0x6a307a", "0x2a6a6a")
FPS = 30


def cut_footage(path: Path, *, tone: bool = True, size: str = "640x360") -> list[float]:
    """Shots of a changing pattern at the left and at the right in turn, on different grounds, and
    no key frame at any cut. Answers the time of the first frame of every shot but the first."""
    chains = [shot(number, size) for number in range(len(SHOTS))]
    joined = "".join(f"[s{number}]" for number in range(len(SHOTS)))
    graph = ";".join([*chains, f"{joined}concat=n={len(SHOTS)}[v]"])
    beeps = f"sine=f=330:b=2:r=48000:d={sum(SHOTS)}"
    sound = ["-f", "lavfi", "-i", beeps, "-map", "0:a", "-c:a", "aac", "-shortest"] if tone else []
    subprocess.run(
        [binary(), "-v", "error", "-nostdin", "-y"]
        + (sound[:4] if tone else [])
        + ["-filter_complex", graph, "-map", "[v]", *(sound[4:] if tone else [])]
        + ["-c:v", "libx264", "-preset", "ultrafast", "-crf", "20", "-pix_fmt", "yuv420p"]
        + ["-g", "300", "-sc_threshold", "0", str(path)],
        check=True,
        stdin=subprocess.DEVNULL,
    )
    frames = accumulate(round(seconds * FPS) for seconds in SHOTS[:-1])
    return [count / FPS for count in frames]


def shot(number: int, size: str) -> str:
    width, height = map(int, size.split("x"))
    block = height // 2 // 2 * 2
    left = width // 16 if number % 2 == 0 else width - block - width // 16
    count = round(SHOTS[number] * FPS)
    return (
        f"color=c={COLOURS[number]}:s={size}:r={FPS},trim=end_frame={count}[b{number}];"
        f"testsrc2=s={block}x{block}:r={FPS},trim=end_frame={count}[t{number}];"
        f"[b{number}][t{number}]overlay=x={left}:y={height // 4},setpts=PTS-STARTPTS[s{number}]"
    )
