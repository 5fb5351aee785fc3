"""The only way to ffmpeg: as a separate, locked-down program, started from a task's child process.

A recording is always opened through `opened()`. Its whitelists are what keeps a playlist in
disguise (HLS, ffconcat, DASH, SDP) from reading other files or the network, and a hostile codec
from being tried; `-max_pixels` and `-max_streams` refuse bombs before memory is taken for them.
"""

from __future__ import annotations

import ctypes
import errno
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import IO

from clipboard.engine.child import DIED
from clipboard.engine.errors import NO_ROOM, MediaError
from clipboard.engine.refusals import UNREADABLE

FORMATS = "mov,matroska,webm,avi,mpegts,mpeg,flv,asf,ogg"
# Decoders by ffmpeg's names. MagicYUV is left out for CVE-2026-8461; the rest is what cameras,
# phones, screen recorders and editors write.
VIDEO_DECODERS = (
    "h264,hevc,vp8,vp9,libvpx-vp9,av1,libdav1d,mpeg4,mpeg1video,mpeg2video,prores,dnxhd,mjpeg,"
    "theora,h263,h263i,flv,msmpeg4v1,msmpeg4,msmpeg4v2,wmv1,wmv2,wmv3,vc1,dvvideo,qtrle,rawvideo"
)
SOUND_DECODERS = (
    "aac,aac_fixed,aac_latm,mp3,mp3float,mp2,mp2float,opus,libopus,vorbis,flac,alac,ac3,eac3,"
    "wmav1,wmav2,wmapro,amrnb,amrwb,libopencore_amrnb,libopencore_amrwb,pcm_s16le,pcm_s16be,"
    "pcm_s24le,pcm_s24be,pcm_s32le,pcm_s32be,pcm_f32le,pcm_f32be,pcm_f64le,pcm_f64be,pcm_u8,"
    "pcm_s8,pcm_alaw,pcm_mulaw,adpcm_ms,adpcm_ima_wav,adpcm_ima_qt"
)
DECODERS = f"{VIDEO_DECODERS},{SOUND_DECODERS}"
MAX_PIXELS = 8192 * 4320
MAX_STREAMS = 32
LOCKS = {
    "protocol_whitelist": "file,pipe",
    "format_whitelist": FORMATS,
    "codec_whitelist": DECODERS,
    "max_streams": str(MAX_STREAMS),
}
PICTURE = "0:V:0"  # the first video stream that is not a cover picture
SOUND = "0:a:0?"
NO_SPACE = os.strerror(errno.ENOSPC)
KILLED = (-signal.SIGKILL, -signal.SIGTERM)  # from outside: no fault of the recording
QUIET = ("-nostdin", "-hide_banner", "-nostats", "-loglevel", "error", "-y")


class FfmpegFailed(MediaError):
    """ffmpeg ended with an error; `log` is what it wrote, for choosing a better sentence."""

    def __init__(self, log: str) -> None:
        super().__init__("unreadable", UNREADABLE)
        self.log = log


def opened(path: Path, *options: str, threads: int = 2) -> list[str]:
    """Arguments that open a recording: `options` (such as "-ss", "12.5") come before its -i."""
    locks = [part for name, value in LOCKS.items() for part in (f"-{name}", value)]
    pixels = ("-max_pixels", str(MAX_PIXELS))
    return [*locks, *pixels, "-threads", str(threads), *options, "-i", f"file:{path.absolute()}"]


def run(arguments: list[str], *, on_time: Callable[[float], None] | None = None) -> int:
    """Run ffmpeg to its end. Raises FfmpegFailed.

    `on_time` gets the seconds written so far; with it, the answer is how many pictures there are in
    the first file that was written.
    """
    pictures = 0
    progress = ["-progress", "pipe:1", "-stats_period", "0.3"] if on_time else []
    with started([*progress, *arguments]) as output:
        for line in output:
            name, _, value = line.decode(errors="replace").strip().partition("=")
            if on_time and name == "out_time_us" and value.lstrip("-").isdigit():
                on_time(max(0.0, int(value) / 1e6))
            if name == "frame" and value.isdigit():
                pictures = int(value)
    return pictures


class Output:
    """ffmpeg's stdout while it runs; `log` is its stderr, known when the block has ended."""

    def __init__(self, pipe: IO[bytes]) -> None:
        self.pipe = pipe
        self.log = ""

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.pipe)

    def read(self, size: int = -1) -> bytes:
        """Exactly `size` bytes, or fewer at the end; all that is left when no size is given."""
        return self.pipe.read(size)


@contextmanager
def started(arguments: list[str]) -> Iterator[Output]:
    """A running ffmpeg; leaving the block early kills it, leaving it at the end checks its status.

    Raises FfmpegFailed when it ended with an error.
    """
    with tempfile.TemporaryFile() as complaints:
        process = subprocess.Popen(
            [binary(), *QUIET, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=complaints,
            preexec_fn=die_with_parent,
        )
        assert process.stdout  # noqa: S101 (for the type checker)
        output, ended = Output(process.stdout), False
        try:
            yield output
            ended = not process.stdout.read(1)
        finally:
            if not ended:
                process.kill()
            process.stdout.close()
            status = process.wait()
            output.log = excerpt(complaints)
        if ended and status in KILLED:
            raise MediaError("engine_died", DIED)
        if ended and status and NO_SPACE in output.log:
            raise MediaError("no_room", NO_ROOM)
        if ended and status:
            raise FfmpegFailed(output.log)


def excerpt(complaints: IO[bytes], size: int = 8000) -> str:
    """The first and the last words: a broken stream can fill megabytes between them."""
    end = complaints.seek(0, os.SEEK_END)
    complaints.seek(0)
    first = complaints.read(size)
    complaints.seek(max(len(first), end - size))
    return (first + complaints.read()).decode(errors="replace")


@cache
def binary() -> str:
    """IMAGEIO_FFMPEG_EXE, or the program inside the imageio-ffmpeg package, or the system's.

    Raises RuntimeError where there is none.
    """
    if given := os.environ.get("IMAGEIO_FFMPEG_EXE"):
        return given
    import imageio_ffmpeg

    return imageio_ffmpeg.get_ffmpeg_exe()


LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


def die_with_parent() -> None:
    if LIBC:
        LIBC.prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
