"""What stands for a recording before anyone plays it: poster, hover filmstrip, waveform."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from clipboard.engine import child, ffmpeg
from clipboard.engine.probing import Probe
from clipboard.engine.report import Report
from clipboard.engine.workshop import publish, workshop

if TYPE_CHECKING:
    import numpy as np

POSTER = "poster.webp"
POSTER_WIDTH, POSTER_HEIGHT = 640, 4096
FILMSTRIP = "filmstrip.webp"
TILE_PIXELS = 192 * 108
TILES = 50
CLOSEST_TILES = 0.5  # seconds
COLUMNS = 10
BUCKETS = 800
SOUND_RATE = 8000  # samples a second, enough for a drawn envelope
SILENCE = 0.001  # of full scale: −60 dB


@dataclass(frozen=True)
class Filmstrip:
    """A sprite of `count` tiles, row by row; tile i shows the recording at i × interval seconds."""

    columns: int
    rows: int
    tile_width: int
    tile_height: int
    interval: float
    count: int


@dataclass(frozen=True)
class Previews:
    poster: str  # file names in the directory asked for
    filmstrip: str
    strip: Filmstrip
    waveform: list[int]  # 800 peaks from 0 to 100, the loudest being 100; empty when silent


def make_previews(
    path: Path, out_dir: Path, probe: Probe, *, should_stop: Callable[[], bool] = child.never
) -> Previews:
    """Writes poster.webp (at most 640 px wide) and filmstrip.webp into `out_dir`."""
    with workshop(out_dir) as made:
        arguments = {"path": path, "out_dir": made, "probe": probe}
        previews: Previews = child.run("previews", arguments, Previews, should_stop=should_stop)
        publish(made, out_dir)
    return previews


def make_previews_here(report: Report, path: Path, out_dir: Path, probe: Probe) -> Previews:
    from clipboard.engine.frames import sample, write_webp

    strip = plan(probe)
    times = [index * strip.interval for index in range(strip.count)]
    tiles = sample(path, probe, times, width=strip.tile_width, height=strip.tile_height)
    write_webp(sprite([tile.pixels for tile in tiles], strip), out_dir / FILMSTRIP)
    report.progress("previews", 0.5)
    at = max(tiles, key=lambda tile: telling(tile.pixels, tile.at / probe.duration)).at
    size = poster_size(probe)
    write_webp(sample(path, probe, [at], **size)[0].pixels, out_dir / POSTER, quality=80)
    report.progress("previews", 0.6)
    waveform = peaks(path, probe.duration) if probe.has_audio else []
    return Previews(POSTER, FILMSTRIP, strip, waveform)


def poster_size(probe: Probe) -> dict[str, int]:
    shrink = min(1.0, POSTER_WIDTH / probe.width, POSTER_HEIGHT / probe.height)
    return {"width": even(probe.width * shrink), "height": even(probe.height * shrink)}


def plan(probe: Probe) -> Filmstrip:
    """Tiles of the same area whatever the shape, no closer than half a second."""
    ratio = min(4.0, max(0.25, probe.width / probe.height))
    height = even(math.sqrt(TILE_PIXELS / ratio))
    interval = max(CLOSEST_TILES, probe.duration / TILES)
    count = max(1, min(TILES, math.ceil(probe.duration / interval - 1e-6)))
    columns = min(COLUMNS, count)
    rows = math.ceil(count / columns)
    return Filmstrip(columns, rows, even(height * ratio), height, round(interval, 4), count)


def even(length: float) -> int:
    return max(2, round(length / 2) * 2)


def sprite(tiles: list[np.ndarray], strip: Filmstrip) -> np.ndarray:
    import numpy as np

    shape = (strip.rows * strip.tile_height, strip.columns * strip.tile_width, 3)
    sheet = np.zeros(shape, np.uint8)
    for index, tile in enumerate(tiles):
        top = index // strip.columns * strip.tile_height
        left = index % strip.columns * strip.tile_width
        sheet[top : top + strip.tile_height, left : left + strip.tile_width] = tile
    return sheet


def telling(pixels: np.ndarray, place: float) -> float:
    """How well a frame would do as the poster: contrast and colour, neither dark nor blown out.

    `place` (0..1) is where in the recording: titles stand at the start and credits at the end.
    """
    grey = pixels.mean(axis=2)
    exposed = 1 - abs(float(grey.mean()) - 118) / 128
    colour = float((pixels.max(axis=2) - pixels.min(axis=2)).mean())
    edge = 0.6 if place < 0.03 or place > 0.9 else 1.0
    return exposed * edge * (float(grey.std()) + 0.3 * colour)


def peaks(path: Path, duration: float) -> list[int]:
    """The loudest sample in each of 800 equal stretches, 0..100; empty when all is silent."""
    import numpy as np

    loudest = np.zeros(BUCKETS)
    width = max(1.0, duration * SOUND_RATE / BUCKETS)  # samples a bucket
    # Sound that starts late, or stops for a while, stays in its place.
    kept = ["-af", f"aresample={SOUND_RATE}:async=1:first_pts=0"]
    wanted = ["-map", "0:a:0", "-vn", "-sn", *kept, "-ac", "1"]
    done = 0
    with ffmpeg.started([*ffmpeg.opened(path), *wanted, "-f", "s16le", "pipe:1"]) as output:
        while chunk := output.read(2 * SOUND_RATE * 60):
            heard = np.abs(np.frombuffer(chunk[: len(chunk) // 2 * 2], "<i2").astype(np.int32))
            places = ((np.arange(len(heard)) + done) / width).astype(int)
            np.maximum.at(loudest, np.minimum(places, BUCKETS - 1), heard)
            done += len(heard)
    top = float(loudest.max())
    return [] if top < SILENCE * 32768 else [round(100 * float(one) / top) for one in loudest]
