"""A row of the grid as its card shows it."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any, NamedTuple

from django.core.files.storage import default_storage
from django.urls import reverse
from markupsafe import Markup

from clipboard.lib.wording import percent, span_title, timecode
from clipboard.providers.registry import PROVIDERS

SHAPES = {"9:16": (270, 480), "4:5": (320, 400), "1:1": (320, 320), "16:9": (480, 270)}


class Row(NamedTuple):
    """pages.COLUMNS."""

    pk: int
    source: int
    provider: str
    status: str
    score: float | None
    duration: float | None
    aspect: str
    favourite_count: int
    is_favourite: bool
    title: str
    reason: str
    error: str
    poster: str
    filmstrip: str
    strip: Any
    start: float | None
    source_title: str
    source_poster: str
    source_filmstrip: str
    source_strip: Any
    crop: Any
    progress: float | None


class Layout(NamedTuple):
    """How a sprite is laid out; many clips share one."""

    columns: int
    rows: int
    tiles: int
    tile_width: int
    tile_height: int
    interval: float
    attributes: Markup

    @property
    def width(self) -> int:
        return self.columns * self.tile_width

    @property
    def height(self) -> int:
        return self.rows * self.tile_height


class Strip(NamedTuple):
    """A sprite to scrub through, and the tile that stands for the clip where no poster does."""

    url: str
    layout: Layout
    start: float | None
    end: float | None
    focus: float

    def window(self, shape: tuple[int, int]) -> str:
        """The viewBox that shows the clip's own shape of its first tile."""
        layout = self.layout
        index = min(layout.tiles - 1, int((self.start or 0) / layout.interval + 0.999))
        wanted = min(layout.tile_width, layout.tile_height * shape[0] / shape[1])
        cut = layout.tile_width - wanted
        left = min(max(self.focus * layout.tile_width - wanted / 2, 0), cut)
        left += index % layout.columns * layout.tile_width
        top = index // layout.columns * layout.tile_height
        return f"{left:.0f} {top} {wanted:.0f} {layout.tile_height}"


class Card(NamedTuple):
    row: Row
    url: str
    shape: tuple[int, int]
    poster: str
    strip: Strip | None

    @property
    def score(self) -> int | None:
        return None if self.row.score is None else int(self.row.score)

    @property
    def is_wide(self) -> bool:
        return self.shape[0] > self.shape[1]

    @property
    def title(self) -> str:
        row = self.row
        if row.title:
            return short(row.title, 90)
        end = None if row.start is None or row.duration is None else row.start + row.duration
        return span_title(short(row.source_title, 60), row.start, end)

    @property
    def reason(self) -> str:
        """As much of it as fits its one line on the widest card."""
        return short(self.row.reason, 56 if self.is_wide else 32)

    @property
    def length(self) -> str:
        return timecode(self.row.duration)

    @property
    def provider(self) -> str:
        return provider_name(self.row.provider)

    @property
    def state(self) -> str:
        """What a person should know of a clip that is not simply there."""
        if self.row.status == "detected":
            return "Plays from the recording"
        if self.row.status == "generating":
            progress = self.row.progress
            return f"Rendering, {percent(progress)}" if progress else "Waiting to render"
        return self.row.error or "Could not be rendered" if self.row.status == "failed" else ""


def card_of(values: tuple[Any, ...]) -> Card:
    row = Row(*values)
    shape = shape_of(row.aspect)
    page = f"{grid_address()}{row.pk}/"
    poster = row.poster or ("" if row.source_filmstrip else row.source_poster)
    return Card(
        row,
        page,
        shape,
        default_storage.url(poster) if poster else "",
        strip_of(row),
    )


def strip_of(row: Row) -> Strip | None:
    """The clip's own filmstrip, else its part of the recording's."""
    own = bool(row.filmstrip and row.strip)
    name, layout = (row.filmstrip, row.strip) if own else (row.source_filmstrip, row.source_strip)
    laid_out = layout_of(layout) if name else None
    if laid_out is None:
        return None
    start = None if own else row.start
    end = None if start is None or row.duration is None else start + row.duration
    focus = 0.5 if own else focus_of(row.crop)
    return Strip(default_storage.url(name), laid_out, start, end, focus)


def focus_of(crop: Any) -> float:
    """Where the first moment's crop has its middle, 0 to 1."""
    path = json.loads(crop) if isinstance(crop, str) else crop
    try:
        return float(path[0][1])
    except (IndexError, TypeError, ValueError):
        return 0.5


def layout_of(given: Any) -> Layout | None:
    return parsed(given if isinstance(given, str) else json.dumps(given))


@lru_cache(maxsize=512)
def parsed(given: str) -> Layout | None:
    strip = json.loads(given)
    if not strip:
        return None
    names = ("columns", "rows", "count", "tile_width", "tile_height", "interval")
    figures = [strip.get(name, 1) for name in names]
    attributes = Markup(" ").join(
        Markup('data-{}="{}"').format(name.replace("_", "-"), figure)
        for name, figure in zip(names, figures, strict=True)
    )
    columns, rows, tiles, width, height, interval = figures
    return Layout(columns, rows, tiles, width, height, interval, attributes)


@lru_cache(maxsize=64)
def shape_of(aspect: str) -> tuple[int, int]:
    if aspect in SHAPES:
        return SHAPES[aspect]
    width, _, height = aspect.partition(":")
    if not (width.isdigit() and height.isdigit() and int(width) and int(height)):
        return SHAPES["9:16"]
    ratio = min(3.0, max(0.33, int(width) / int(height)))
    return round(320 * ratio**0.5), round(320 / ratio**0.5)


@lru_cache(maxsize=1)
def grid_address() -> str:
    """Each card needs the address of its clip; they all start with the grid's."""
    return reverse("clip_list")


def short(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def provider_name(name: str) -> str:
    return PROVIDERS[name].title if name in PROVIDERS else name.capitalize()
