from __future__ import annotations

from .clip import (
    clip_captions,
    clip_detail,
    clip_download,
    clip_fetch,
    clip_media,
    clip_preview,
    clip_state,
)
from .favourite import favourite
from .grid import clip_list, clip_news, clip_progress
from .rendition import rendition_create, rendition_download, rendition_list

__all__ = [
    "clip_captions",
    "clip_detail",
    "clip_download",
    "clip_fetch",
    "clip_list",
    "clip_media",
    "clip_news",
    "clip_preview",
    "clip_progress",
    "clip_state",
    "favourite",
    "rendition_create",
    "rendition_download",
    "rendition_list",
]
