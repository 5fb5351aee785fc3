"""Cuts one clip out of a recording: video, poster and hover strip by a single ffmpeg, so that the
source is decoded once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from math import ceil
from pathlib import Path

from clipboard.engine import child, ffmpeg, refusals
from clipboard.engine.captions import ass
from clipboard.engine.colours import mapping
from clipboard.engine.errors import MediaError
from clipboard.engine.filters import quoted
from clipboard.engine.findings import Word
from clipboard.engine.held import FLOWING, held_for
from clipboard.engine.installed import font_folder
from clipboard.engine.previews import POSTER, Filmstrip, even
from clipboard.engine.probing import describe
from clipboard.engine.report import Report
from clipboard.engine.stills import ASPECTS
from clipboard.engine.workshop import publish, workshop

FILE, STRIP = "clip.mp4", "strip.webp"
TILES = 10
TILE_HEIGHT = 160
POSTER_WIDTH = 640
MOST_FPS = 60.0
KEY_EVERY = 2.0  # seconds between key frames, so that seeking is quick
ENOUGH = 0.45  # of the pictures that are usual: with fewer, some stand; with half, two are fields
FILLED = 30  # frames a second for those: each stands until the next one comes
GUARD = 0.008  # seconds (at most half a frame) by which a crop comes before its cut


@dataclass(frozen=True)
class Facts:
    """What a probe found of the source: pixels as displayed, frames a second."""

    width: int
    height: int
    fps: float | None
    has_audio: bool
    video_codec: str | None = None


@dataclass(frozen=True)
class RenderSpec:
    """What to cut. `start`, `end`, `poster_at` and `words` in seconds of the source; `crop` as
    (seconds from the clip's start, centre 0..1 of the source's width).

    `aspect` is one of ASPECTS or "source"; `height` is the most the clip may have: a source is
    never scaled up. The poster is taken a third into the clip unless `poster_at` says otherwise.
    Where the `facts` of the source are not given, it is opened once more to find them.
    """

    start: float
    end: float
    aspect: str
    height: int
    crop: list[tuple[float, float]] = field(default_factory=list)
    words: list[Word] = field(default_factory=list)
    burn_captions: bool = False
    poster_at: float | None = None
    facts: Facts | None = None

    @property
    def duration(self) -> float:
        return self.end - self.start


@dataclass(frozen=True)
class Rendered:
    """File names in the folder asked for; `duration` in seconds, `size` in bytes."""

    file: str
    poster: str
    filmstrip: str
    strip: Filmstrip
    width: int
    height: int
    duration: float
    size: int


@dataclass(frozen=True)
class Frame:
    """The part of the picture to keep, as shares of its width and height, and its final size."""

    wide: float
    high: float
    width: int
    height: int


def render(
    path: Path,
    out_dir: Path,
    spec: RenderSpec,
    *,
    on_progress: Callable[[float], None] = child.ignore,
    should_stop: Callable[[], bool] = child.never,
) -> Rendered:
    """Writes clip.mp4 (H.264 and AAC, ready to stream), poster.webp and strip.webp."""
    with workshop(out_dir) as made:
        rendered: Rendered = child.run(
            "render",
            {"path": path, "out_dir": made, "spec": spec},
            Rendered,
            on_progress=lambda _, fraction: on_progress(fraction),
            should_stop=should_stop,
        )
        publish(made, out_dir)
    return rendered


def render_here(report: Report, path: Path, out_dir: Path, spec: RenderSpec) -> Rendered:
    facts = spec.facts or facts_of(path)
    if (facts.fps or 0) >= FLOWING:
        try:
            return cut(report, path, out_dir, spec, facts)
        except MediaError as error:  # a picture that stands for most of the clip is seen too late
            if error.may_pass:
                raise
    return cut(report, path, out_dir, spec, facts, held=held_for(path, spec.start))


def cut(
    report: Report,
    path: Path,
    out_dir: Path,
    spec: RenderSpec,
    facts: Facts,
    *,
    held: float | None = None,
) -> Rendered:
    """Where pictures may stand for long, `held` is for how long the first has when the clip begins;
    None where they flow. Raises MediaError where too few have come for that."""
    frame = frame_of(facts, spec.aspect, spec.height)
    strip = strip_of(frame, spec.duration)
    with workshop(out_dir) as notes:
        chain = pictures_of(path, facts, spec, frame, notes, held=held)
        graph = filters(chain, spec, frame, strip, notes)
        written = outputs(facts, spec, out_dir, held=held or 0.0)
        pictures = ffmpeg.run(
            [*opened(path, spec, held=held or 0.0), "-filter_complex", graph, *written],
            on_time=lambda seconds: report.progress("render", seconds / spec.duration),
        )
    made = [out_dir / name for name in (FILE, POSTER, STRIP)]
    usual = min(facts.fps or FLOWING, MOST_FPS) * spec.duration
    all_here = all(file.exists() and file.stat().st_size for file in made)
    if not all_here or (held is None and pictures < ENOUGH * usual):
        raise MediaError("broken", refusals.BROKEN)
    size, duration = made[0].stat().st_size, round(spec.duration, 3)
    return Rendered(FILE, POSTER, STRIP, strip, frame.width, frame.height, duration, size)


def facts_of(path: Path) -> Facts:
    found = describe(path)
    return Facts(found.width, found.height, found.fps, found.has_audio, found.video_codec)


def frame_of(facts: Facts, aspect: str, most_height: int) -> Frame:
    """The largest part of the picture that has the aspect, scaled down to `most_height`."""
    ratio = ASPECTS.get(aspect, facts.width / facts.height)
    width = min(float(facts.width), facts.height * ratio)
    height = width / ratio
    final = min(float(most_height), height)
    size = (min(even(final * ratio), below(width)), min(even(final), below(height)))
    return Frame(width / facts.width, height / facts.height, *size)


def below(length: float) -> int:
    """The largest even number that is not more."""
    return max(2, int(length + 0.001) // 2 * 2)


def strip_of(frame: Frame, duration: float) -> Filmstrip:
    height = min(TILE_HEIGHT, frame.height)
    width = even(height * frame.width / frame.height)
    return Filmstrip(TILES, 1, width, height, round(duration / TILES, 4), TILES)


def opened(path: Path, spec: RenderSpec, *, held: float = 0.0) -> list[str]:
    """From the picture on that has been `held` when the clip begins: ffmpeg would leave it out."""
    start, duration = spec.start - held, spec.duration + held
    return ffmpeg.opened(path, "-ss", f"{start:.3f}", "-t", f"{duration:.3f}")


def pictures_of(
    path: Path, facts: Facts, spec: RenderSpec, frame: Frame, notes: Path, *, held: float | None
) -> list[str]:
    """From what is decoded to pictures of the clip's size."""
    chain = [] if held is None else filled(held, spec.duration)
    chain += cropping(facts, spec, frame, notes)
    if facts.fps and facts.fps > MOST_FPS + 1:
        chain.append(f"fps={MOST_FPS:.0f}")
    size = f"scale={frame.width}:{frame.height}{mapping(path, facts.video_codec)}"
    return [*chain, size, "setsar=1", "format=yuv420p"]


def filters(chain: list[str], spec: RenderSpec, frame: Frame, strip: Filmstrip, notes: Path) -> str:
    """One decoded picture, cropped and scaled once, then three ways: clip, poster, strip."""
    poster_at = spec.duration / 3 if spec.poster_at is None else spec.poster_at - spec.start
    poster_at = min(max(0.0, poster_at), max(0.0, spec.duration - 0.3))
    burned = captions(spec, frame, notes) or "null"
    tile = f"scale={strip.tile_width}:{strip.tile_height},tile={TILES}x1"
    width = min(POSTER_WIDTH, frame.width)
    return (
        f"[0:V:0]{','.join(chain)},split=3[main][still][tiles];"
        f"[main]{burned}[clip];"
        f"[still]select=gte(t\\,{poster_at:.3f})*eq(selected_n\\,0),scale={width}:-2[poster];"
        f"[tiles]select=gte(t\\,selected_n*{strip.interval:.4f})*lt(selected_n\\,{TILES}),"
        f"{tile}[strip]"
    )


def filled(held: float, duration: float) -> list[str]:
    """Every picture again and again until the next one or the end, from `held` seconds on."""
    rest = f"tpad=stop_mode=clone:stop={ceil(FILLED * (held + duration))}"
    span = f"trim=start={held:.3f}:end={held + duration:.3f}"
    return [f"fps={FILLED}:start_time=0", rest, span, f"setpts=PTS-{held:.3f}/TB"]


def cropping(facts: Facts, spec: RenderSpec, frame: Frame, notes: Path) -> list[str]:
    """The crop's moves are commands in a file: a long list in one expression would be evaluated
    anew for every frame. A crop that comes a moment early is not late for its cut."""
    if frame.wide > 0.999 and frame.high > 0.999:
        return []
    moves = spec.crop or [(0.0, 0.5)]
    guard = min(GUARD, 0.5 / facts.fps) if facts.fps else GUARD / 2
    commands = [f"{max(0.0, at - guard):.4f} crop x {left(x)};" for at, x in moves[1:]]
    first = f"crop=w=iw*{frame.wide:.6f}:h=ih*{frame.high:.6f}:x={left(moves[0][1])}:y=(ih-oh)/2"
    if not commands:
        return [first]
    (notes / "moves").write_text("\n".join(commands))
    return [f"sendcmd=f={quoted(notes / 'moves')}", first]


def left(x: float) -> str:
    """ffmpeg keeps the window inside the picture by itself."""
    return f"in_w*{x:.4f}-out_w/2"


def captions(spec: RenderSpec, frame: Frame, notes: Path) -> str | None:
    """None without words or without a font (ffmpeg would draw nothing and not fail)."""
    fonts = font_folder()
    if not (spec.burn_captions and spec.words and fonts):
        return None
    size = {"width": frame.width, "height": frame.height}
    (notes / "words.ass").write_text(ass(spec.words, start=spec.start, end=spec.end, **size))
    return f"ass=filename={quoted(notes / 'words.ass')}:fontsdir={quoted(fonts)}"


def outputs(facts: Facts, spec: RenderSpec, out_dir: Path, *, held: float) -> list[str]:
    fps = min(facts.fps or 30.0, MOST_FPS)
    # One voice written twice would cost as much again as all the captions.
    chain = "aformat=channel_layouts=mono|stereo"
    if held:
        chain = f"atrim=start={held:.3f},asetpts=PTS-{held:.3f}/TB,{chain}"
    sound = ["-map", ffmpeg.SOUND, "-c:a", "aac", "-b:a", "128k", "-af", chain]
    picture = ["-c:v", "libx264", "-preset", "veryfast", "-crf", "23", "-profile:v", "high"]
    keys = ["-g", str(max(1, round(fps * KEY_EVERY))), "-threads", "2"]
    bare = ["-map_metadata", "-1", "-map_chapters", "-1", "-sn", "-dn"]
    webp = ["-c:v", "libwebp", "-quality", "78", "-frames:v", "1", "-f", "webp"]
    return [
        *("-map", "[clip]", *(sound if facts.has_audio else ["-an"]), *picture, *keys, *bare),
        *("-movflags", "+faststart", "-f", "mp4", str(out_dir / FILE)),
        *("-map", "[poster]", *webp, str(out_dir / POSTER)),
        *("-map", "[strip]", *webp, str(out_dir / STRIP)),
    ]
