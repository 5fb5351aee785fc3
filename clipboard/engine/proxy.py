"""A copy that every browser plays, for recordings that come in another form."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from clipboard.engine import child, ffmpeg
from clipboard.engine.colours import mapping
from clipboard.engine.probing import PLAYABLE_PIXELS, Probe
from clipboard.engine.report import Report
from clipboard.engine.workshop import publish, workshop

HEIGHT = 720
# H.264 that is only in the wrong container is copied, if it is no heavier than this to play.
COPY_HEIGHT = 1080
COPY_BITS = 8_000_000  # a second
COPY_FROM = ("mp4", "mov", "matroska", "flv")  # their timestamps can be trusted
PICTURE = (
    *("-vf", "scale='trunc(iw*max(sar\\,0.01)/2)*2':'trunc(ih/2)*2',setsar=1,{fit}"),
    *("-c:v", "libx264", "-preset", "veryfast", "-crf", "23", "-pix_fmt", "yuv420p"),
    *("-profile:v", "high", "-g", "60", "-fpsmax", "60"),
)
SOUND = ("-c:a", "aac", "-b:a", "128k", "-ac", "2", "-ar", "48000")
EVERYWHERE = ("-map_metadata", "-1", "-map_chapters", "-1", "-movflags", "+faststart")


def make_proxy(
    path: Path,
    out: Path,
    probe: Probe,
    *,
    on_progress: Callable[[float], None] = child.ignore,
    should_stop: Callable[[], bool] = child.never,
) -> None:
    """Write `path` to `out` as H.264/AAC MP4 with its index in front, at most 720 lines high."""
    with workshop(out.parent) as made:
        child.run(
            "proxy",
            {"path": path, "out": made / out.name, "probe": probe},
            on_progress=lambda _, fraction: on_progress(fraction),
            should_stop=should_stop,
        )
        publish(made, out.parent)


def make_proxy_here(report: Report, path: Path, out: Path, probe: Probe) -> None:
    ffmpeg.run(
        [
            *ffmpeg.opened(path),
            *("-map", ffmpeg.PICTURE, "-map", ffmpeg.SOUND),
            *picture(probe, mapping(path, probe.video_codec)),
            *SOUND,
            *EVERYWHERE,
            *("-max_muxing_queue_size", "1024", "-f", "mp4", str(out)),
        ],
        on_time=lambda time: report.progress("proxy", time / probe.duration),
    )


def picture(probe: Probe, colours: str) -> list[str]:
    if can_copy(probe):
        return ["-c:v", "copy"]
    tall = probe.height > probe.width
    fit = f"scale=-2:'min({HEIGHT}\\,ih)'" if not tall else f"scale='min({HEIGHT}\\,iw)':-2"
    return [part.format(fit=fit + colours) for part in PICTURE]


def can_copy(probe: Probe) -> bool:
    plain = probe.video_codec == "h264" and probe.pixel_format in PLAYABLE_PIXELS
    light = probe.size * 8 < COPY_BITS * probe.duration
    small = min(probe.width, probe.height) <= COPY_HEIGHT
    return plain and light and small and probe.container in COPY_FROM
