"""One frame, cropped to an aspect: the poster of a clip that is not rendered yet."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from clipboard.engine import child, ffmpeg, refusals
from clipboard.engine.colours import mapping
from clipboard.engine.errors import MediaError
from clipboard.engine.held import FLOWING, held_for
from clipboard.engine.report import Report
from clipboard.engine.workshop import publish, workshop

ASPECTS = {"9:16": 9 / 16, "1:1": 1.0, "4:5": 4 / 5, "16:9": 16 / 9}


def still(
    path: Path,
    at: float,
    out: Path,
    *,
    aspect: str,
    x: float = 0.5,
    width: int = 360,
    codec: str | None = None,
    fps: float | None = FLOWING,
) -> None:
    """Write the frame at `at` seconds to `out` (WebP), at most `width` pixels wide.

    `aspect` is one of ASPECTS or "source"; `x` (0..1) is the centre of the crop across the picture;
    `codec` and `fps` are the recording's, as its probe told them.
    """
    with workshop(out.parent) as made:
        arguments = {"path": path, "at": at, "out": made / out.name}
        arguments |= {"aspect": aspect, "x": x, "width": width, "codec": codec, "fps": fps}
        child.run("still", arguments)
        publish(made, out.parent)


def still_here(
    report: Report,
    path: Path,
    at: float,
    out: Path,
    aspect: str,
    x: float,
    width: int,
    codec: str | None = None,
    fps: float | None = FLOWING,
) -> None:
    """Past the last frame the nearest earlier one is taken."""
    shown = cropped(aspect, x, width) + mapping(path, codec)
    picture = ["-vf", shown, "-c:v", "libwebp", "-quality", "78"]
    if (fps or 0) < FLOWING:
        at -= held_for(path, at)
    for moment in (at, at - 0.5, at - 2, 0):
        opened = ffmpeg.opened(path, "-ss", f"{max(0.0, moment):.3f}")
        wanted = ["-map", ffmpeg.PICTURE, "-frames:v", "1", *picture, "-f", "webp", str(out)]
        with suppress(ffmpeg.FfmpegFailed):  # some decoders call an empty rest an error
            ffmpeg.run([*opened, *wanted])
        if out.exists() and out.stat().st_size:
            return
    raise MediaError("broken", refusals.BROKEN)


def cropped(aspect: str, x: float, width: int) -> str:
    """The filter: square pixels, then the largest window of the aspect around `x`, then scaled."""
    square = "scale=trunc(iw*max(sar\\,0.01)/2)*2:trunc(ih/2)*2,setsar=1"
    scaled = f"scale='trunc(min({width}\\,iw)/2)*2':-2"
    if aspect == "source":
        return f"{square},{scaled}"
    ratio = ASPECTS[aspect]
    window = f"min(iw\\,ih*{ratio:.6f}):min(ih\\,iw/{ratio:.6f})"
    left = f"clip(iw*{min(1.0, max(0.0, x)):.4f}-ow/2\\,0\\,iw-ow)"
    return f"{square},crop={window}:{left}:(ih-oh)/2,{scaled}"
