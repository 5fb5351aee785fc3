"""The gate every recording passes: what it is, whether it can be decoded, whether browsers play it.

The locked-down ffmpeg decodes three seconds first; only a file that came through is opened for its
particulars, since reading headers alone takes a bomb or a polyglot for a good video.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from math import inf
from pathlib import Path
from typing import Any

from clipboard.engine import child, ffmpeg, refusals
from clipboard.engine.errors import MediaError
from clipboard.engine.report import Report

LONGEST = 24 * 3600.0  # seconds
CONTENT_TYPES = {
    "mp4": "video/mp4",
    "mov": "video/quicktime",
    "webm": "video/webm",
    "matroska": "video/x-matroska",
    "avi": "video/x-msvideo",
    "mpegts": "video/mp2t",
    "mpeg": "video/mpeg",
    "flv": "video/x-flv",
    "asf": "video/x-ms-asf",
    "ogg": "video/ogg",
}
# Container → (video codecs, audio codecs) that Chromium, Firefox and Safari all play.
PLAYABLE: dict[str, tuple[set[str], set[str | None]]] = {
    "mp4": ({"h264"}, {"aac", "mp3", None}),
    "webm": ({"vp8", "vp9"}, {"opus", "vorbis", None}),
}
PLAYABLE_PIXELS = ("yuv420p", "yuvj420p")


@dataclass(frozen=True)
class Probe:
    duration: float  # seconds that are really there, not what the header claims
    size: int  # bytes
    width: int  # as displayed: after rotation, with square pixels
    height: int
    rotation: int  # degrees clockwise that a player turns it: 0, 90, 180 or 270
    fps: float | None
    video_codec: str | None
    audio_codec: str | None
    has_video: bool
    has_audio: bool
    container: str
    browser_playable: bool
    content_type: str
    variable_frame_rate: bool
    pixel_format: str = ""


def probe(path: Path, *, should_stop: Callable[[], bool] = child.never) -> Probe:
    """Raises MediaError for anything that is not a video of at least one second."""
    return child.run("probe", {"path": path}, Probe, should_stop=should_stop)


def probe_here(report: Report, path: Path) -> Probe:
    known = refusals.recognise(path)
    if known:
        raise known
    decode_some(path)
    report.progress("probe", 0.5)
    found = describe(path)
    if found.duration < 1:
        raise MediaError("too_short", refusals.TOO_SHORT)
    if found.duration > LONGEST:
        raise MediaError("too_long", refusals.TOO_LONG)
    return found


def decode_some(path: Path) -> None:
    """Three seconds of picture and sound through ffmpeg; at least one picture must come out."""
    wanted = ["-map", ffmpeg.PICTURE, "-map", ffmpeg.SOUND, "-f", "null", "-"]
    # A second thread would hold as many pictures again: of 8K ones, 50 MB each.
    opened = ffmpeg.opened(path, "-t", "3", threads=1)
    # Nor may there be a filter's thread a core: each reserves memory that the limit counts.
    arguments = ["-filter_threads", "1", "-progress", "pipe:1", *opened, *wanted]
    frames = 0
    try:
        with ffmpeg.started(arguments) as output:
            for line in output:
                name, _, value = line.decode().strip().partition("=")
                frames = int(value) if name == "frame" and value.isdigit() else frames
    except ffmpeg.FfmpegFailed as error:
        raise refusals.explain(error.log, path) from error
    if not frames:
        refusal = refusals.explain(output.log, path)
        known = refusal.code not in ("unreadable", "no_picture")
        raise refusal if known else MediaError("broken", refusals.BROKEN)


def describe(path: Path) -> Probe:
    import av
    import av.error

    try:
        with av.open(f"file:{path.absolute()}", options=ffmpeg.LOCKS) as container:
            return read(container, path)
    except (av.error.FFmpegError, StopIteration, AttributeError) as error:
        raise MediaError("unreadable", refusals.UNREADABLE) from error


def read(container: Any, path: Path) -> Probe:
    picture = next(one for one in container.streams.video if not is_attached(one))
    sound = next(iter(container.streams.audio), None)
    picture.codec_context.options = {"max_pixels": str(ffmpeg.MAX_PIXELS)}
    frame = next(iter(container.decode(picture)))
    kind = container_kind(container.format.name, path)
    rate = float(picture.average_rate or 0)
    turned = clockwise(frame)
    width, height = displayed(frame, picture.sample_aspect_ratio, turned)
    video_codec = picture.codec_context.codec.canonical_name
    audio_codec = sound.codec_context.codec.canonical_name if sound else None
    return Probe(
        duration=round(real_duration(container, [one for one in (picture, sound) if one]), 3),
        size=path.stat().st_size,
        width=width,
        height=height,
        rotation=turned,
        fps=round(rate, 3) if 0 < rate <= 480 else None,
        video_codec=video_codec,
        audio_codec=audio_codec,
        has_video=True,
        has_audio=sound is not None,
        container=kind,
        browser_playable=is_playable(kind, video_codec, audio_codec, frame.format.name),
        content_type=CONTENT_TYPES.get(kind, "application/octet-stream"),
        variable_frame_rate=is_uneven(first_times(container, picture)),
        pixel_format=frame.format.name,
    )


def is_attached(stream: Any) -> bool:
    """A cover picture is a video stream too; ffmpeg's "V" leaves it out and so does this."""
    return bool(stream.disposition & stream.disposition.attached_pic)


def clockwise(frame: Any) -> int:
    """0, 90, 180 or 270. PyAV counts the other way round, as the display matrix does."""
    return round(-frame.rotation / 90) % 4 * 90


def displayed(frame: Any, aspect: Any, turned: int) -> tuple[int, int]:
    """Pixels as shown: with square pixels (odd aspects beyond 1:4 are ignored), then turned."""
    ratio = float(aspect or 1)
    width = round(frame.width * ratio) if 0.25 <= ratio <= 4 else frame.width
    return (frame.height, width) if turned in (90, 270) else (width, frame.height)


def container_kind(names: str, path: Path) -> str:
    """One name where ffmpeg gives a family: by the brand of an MP4, by the DocType of a WebM."""
    with path.open("rb") as file:
        beginning = file.read(64)
    if "mp4" in names:
        return "mov" if beginning[8:12] == b"qt  " or beginning[4:8] != b"ftyp" else "mp4"
    if "matroska" in names:
        return "webm" if b"webm" in beginning else "matroska"
    return names.split(",")[0]


def is_playable(kind: str, video: str, audio: str | None, pixels: str) -> bool:
    videos, audios = PLAYABLE.get(kind, (set(), set()))
    return video in videos and audio in audios and pixels in PLAYABLE_PIXELS


def real_duration(container: Any, streams: list[Any]) -> float:
    """Seconds: the header's claim where packets near the end bear it out, else what is there. The
    whole is only looked through where there is no way to its end: hours of it take minutes."""
    claimed = max(0.0, (container.duration or 0) / 1e6)
    if claimed and claimed <= LONGEST:
        near_end = last_time(container, streams, since=max(0.0, claimed - 3), until=claimed + 1)
        if near_end is not None and abs(near_end - claimed) < 0.5:
            return claimed
    at_the_end = last_time(container, streams, since=LONGEST)
    return at_the_end or last_time(container, streams, since=0) or 0.0


def last_time(
    container: Any, streams: list[Any], *, since: float, until: float = inf
) -> float | None:
    """When the last packet after `since` ends, in seconds from the start of the recording; or one
    that ends after `until`, without looking further."""
    start, last = container.start_time or 0, None
    for end in packet_ends(container, streams, int(start + since * 1e6)):
        last = max(last or 0.0, end - start / 1e6)
        if last > until:
            break
    return last


def packet_ends(container: Any, streams: list[Any], offset: int) -> Iterator[float]:
    import av.error

    try:
        container.seek(offset)
        for packet in packets_of(container, *streams):
            if packet.pts is not None:
                yield float((packet.pts + (packet.duration or 0)) * packet.time_base)
    except av.error.FFmpegError:
        return


def packets_of(container: Any, *streams: Any) -> Iterator[Any]:
    """What follows of these streams. One that comes up midway, as in a damaged transport stream, is
    passed over: PyAV has no place for it and breaks off."""
    while True:
        try:
            yield from container.demux(*streams)
            return
        except IndexError:
            continue


def first_times(container: Any, picture: Any, count: int = 300) -> list[float]:
    import av.error

    times: list[float] = []
    try:
        container.seek(container.start_time or 0)
        for packet in packets_of(container, picture):
            if packet.pts is not None:
                times.append(float(packet.pts * packet.time_base))
            if len(times) == count:
                break
    except av.error.FFmpegError:
        pass
    return sorted(times)


def is_uneven(times: list[float]) -> bool:
    """More than one frame in twenty lasts a quarter longer or shorter than the middle one."""
    gaps = sorted(later - earlier for earlier, later in pairwise(times))
    if len(gaps) < 10:
        return False
    middle = gaps[len(gaps) // 2]
    odd = sum(abs(gap - middle) > 0.25 * middle + 0.0011 for gap in gaps)
    return odd > len(gaps) / 20
