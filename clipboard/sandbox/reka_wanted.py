"""What may be asked of a Reka clip job, by its page Create Clips and its OpenAPI document."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

COLOUR = re.compile(r"#[0-9A-Fa-f]{6}")
LOCALE = re.compile(r"[a-z]{2,3}_[A-Z]{2}")
DEFAULTS: dict[str, Any] = {
    "prompt": "Create an engaging short video highlighting the best moments",
    "generation_config": {
        "template": "moments",
        "num_generations": None,
        "min_duration_seconds": 0,
        "max_duration_seconds": 90,
        "source_start_time": None,
        "source_end_time": None,
        "translated_subtitles_target_language": None,
        "translated_subtitles_group_length": None,
    },
    "rendering_config": {
        "show_watermark": False,
        "subtitles": True,
        "aspect_ratio": "9:16",
        "resolution": 720,
    },
}
Rule = Callable[[Any], bool]


def one_of(*values: Any) -> Rule:
    return lambda value: value in values


def whole(least: int, most: int = 10**9) -> Rule:
    return lambda value: is_number(value) and value % 1 == 0 and least <= value <= most


def matching(pattern: re.Pattern[str]) -> Rule:
    return lambda value: isinstance(value, str) and pattern.fullmatch(value) is not None


def is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def is_flag(value: Any) -> bool:
    return isinstance(value, bool)


RULES: dict[str, dict[str, Rule]] = {
    "generation_config": {
        "template": one_of("moments", "compilation", "voiceover", "trailer", "caption_only"),
        "num_generations": whole(1, 3),
        "min_duration_seconds": whole(0),
        "max_duration_seconds": whole(1, 600),
        "source_start_time": whole(0),
        "source_end_time": whole(0),
        "translated_subtitles_target_language": matching(LOCALE),
        "translated_subtitles_group_length": whole(1),
    },
    "rendering_config": {
        "show_watermark": is_flag,
        "subtitles": is_flag,
        "aspect_ratio": one_of("9:16", "16:9", "4:5", "1:1", "9:16-split"),
        # A number in one of the vendor's examples, a string in its OpenAPI document.
        "resolution": lambda value: str(value) in ("240", "360", "480", "720", "1080"),
        "layout": one_of("ai", "fit"),
        "caption_style": lambda value: isinstance(value, dict),
    },
    "caption_style": {
        "desired_font_size": lambda value: is_number(value) and 60 <= value <= 120,
        "text_transform": one_of("initial", "uppercase", "lowercase"),
        "text_color": matching(COLOUR),
        "highlight_color": matching(COLOUR),
        "stroke_color": matching(COLOUR),
        "position": one_of("top", "middle", "bottom"),
        "font_family": one_of("BebasNeue", "Bangers", "RobotoCondensed", "Lato", "CaptionFont"),
    },
}


def wrong_with(asked: dict[str, Any]) -> tuple[str, str] | None:
    """Why it is refused and for which field, None if it is not. null is as good as absent."""
    urls = asked.get("video_urls")
    if not isinstance(urls, list) or not urls or not all(map(is_address, urls)):
        return "video_urls must hold at least one URL", "video_urls"
    if not isinstance(asked.get("prompt"), (str, type(None))):
        return "prompt must be a string", "prompt"
    rendering = asked.get("rendering_config")
    style = rendering.get("caption_style") if isinstance(rendering, dict) else None
    for name, given in (
        ("generation_config", asked.get("generation_config")),
        ("rendering_config", rendering),
        ("caption_style", style),
    ):
        if not isinstance(given, (dict, type(None))):
            return f"{name} must be an object", name
        for field, rule in RULES[name].items():
            value = (given or {}).get(field)
            if value is not None and not rule(value):
                return f"{field} has a value that is not allowed", f"{name}.{field}"
    return None


def is_address(value: Any) -> bool:
    return isinstance(value, str) and value.startswith(("https://", "http://"))
