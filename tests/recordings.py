"""Small recordings made on the spot, once a run, so that none need to be kept."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

import imageio_ffmpeg

MADE = Path(os.environ["VAR_DIR"]) / "recordings"

BROWSERS = [
    "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p",
    "-c:a", "aac", "-movflags", "+faststart",
]  # fmt: skip


def make(path, *, seconds=4, size="320x180", tone=440, codecs=None):
    """Moving bars with a tone; another `tone` is another content."""
    how = [
        "-f", "lavfi", "-i", f"testsrc2=size={size}:rate=25:duration={seconds}",
        "-f", "lavfi", "-i", f"sine=frequency={tone}:duration={seconds}",
        *(codecs or BROWSERS),
    ]  # fmt: skip
    shutil.copyfile(made(how, Path(path).suffix), path)
    return path


def made(how, suffix):
    """The file that is made like this, by whichever of the run's workers was first."""
    file = MADE / (hashlib.sha256(" ".join(how).encode()).hexdigest() + suffix)
    if not file.exists():
        MADE.mkdir(exist_ok=True)
        draft = file.with_name(f"{os.getpid()}-{file.name}")
        program = imageio_ffmpeg.get_ffmpeg_exe()
        subprocess.run([program, "-v", "error", "-y", *how, str(draft)], check=True)
        draft.rename(file)
    return file
