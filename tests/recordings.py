"""Small recordings made on the spot, so that none need to be kept."""

from __future__ import annotations

import subprocess

import imageio_ffmpeg

BROWSERS = [
    "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p",
    "-c:a", "aac", "-movflags", "+faststart",
]  # fmt: skip


def make(path, *, seconds=4, size="320x180", tone=440, codecs=None):
    """Moving bars with a tone; another `tone` is another content."""
    subprocess.run(
        [
            imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-y",
            "-f", "lavfi", "-i", f"testsrc2=size={size}:rate=25:duration={seconds}",
            "-f", "lavfi", "-i", f"sine=frequency={tone}:duration={seconds}",
            *(codecs or BROWSERS), str(path),
        ],
        check=True,
    )  # fmt: skip
    return path
