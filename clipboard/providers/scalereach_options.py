"""What can be chosen at ScaleReach: for a job, and for a look at its clips.

`config.…` goes into the request's `config`. Where the vendor's pages and its own clients name
different defaults, none is shown.
"""

from __future__ import annotations

from typing import Any

from clipboard.providers.errors import ProviderError
from clipboard.providers.options import Option
from clipboard.providers.reading import number, text

SEARCH, LENGTH, LOOK, SPLIT, PLACE = (
    "What to look for",
    "Length",
    "Look",
    "Split screen",
    "Where it goes",
)
CAPTION_STYLES = (
    "karaoke",
    "word-by-word",
    "sentence",
    "classic",
    "rainbow",
    "basker",
    "billy",
    "simple",
    "hormozi",
    "mrbeast-pro",
    "garyvee",
    "tiktok-native",
    "neon-pop",
    "cinematic",
    "electric-blue",
    "sunset-fire",
    "ice-cold",
    "coral-pop",
    "midnight-purple",
    "toxic-green",
    "georgia-elegance",
)


def same(*values: str) -> tuple[tuple[str, str], ...]:
    """Choices whose value can be read as it is."""
    return tuple((value, value) for value in values)


OPTIONS = (
    Option(
        name="config.clipType",
        label="Kind of clips",
        kind="choice",
        group=SEARCH,
        default="viral-clips",
        choices=(
            ("viral-clips", "Viral clips"),
            ("split-clips", "Split clips"),
            ("highlights", "Highlights"),
            ("tutorials", "Tutorials"),
        ),
    ),
    Option(
        name="config.clipModel",
        label="Model",
        kind="choice",
        group=SEARCH,
        default="ClipBasic",
        choices=(("ClipBasic", "Basic"), ("ClipPro", "Pro")),
    ),
    Option(
        name="config.genre",
        label="Genre",
        kind="choice",
        group=SEARCH,
        default="Auto",
        choices=same("Auto", "Podcast", "Gaming", "Education", "Entertainment"),
    ),
    Option(
        name="config.customPrompt",
        label="Instructions",
        kind="long_text",
        group=SEARCH,
        most=2000,
        help="What to look for, in your own words: the funniest answers.",
    ),
    Option(
        name="config.topicKeywords",
        label="Topics",
        kind="list",
        group=SEARCH,
        most=20,
        help="One a line.",
    ),
    Option(
        name="config.language",
        label="Spoken language",
        kind="text",
        group=SEARCH,
        most=10,
        help="A code such as en, hi or es; left empty, it is found out.",
    ),
    Option(
        name="config.timeframeStart",
        label="From",
        kind="number",
        group=SEARCH,
        default=0,
        least=0,
        unit="s",
        help="Only the part between From and To is looked at, and charged.",
    ),
    Option(name="config.timeframeEnd", label="To", kind="number", group=SEARCH, least=1, unit="s"),
    Option(
        name="config.skipClipping",
        label="Only transcribe",
        kind="switch",
        group=SEARCH,
        default=False,
        help="Makes no clips.",
    ),
    Option(
        name="config.clipDurationMin",
        label="Shortest clip",
        kind="whole",
        group=LENGTH,
        default=15,
        least=0,
        most=120,
        unit="s",
    ),
    Option(
        name="config.clipDurationMax",
        label="Longest clip",
        kind="whole",
        group=LENGTH,
        default=90,
        least=5,
        most=120,
        unit="s",
    ),
    Option(
        name="config.aspectRatio",
        label="Shape",
        kind="choice",
        group=LOOK,
        default="9:16",
        choices=same("9:16", "16:9", "1:1"),
    ),
    Option(name="config.enableCaptions", label="Captions", kind="switch", group=LOOK),
    Option(
        name="config.captionTemplateId",
        label="Caption style",
        kind="choice",
        group=LOOK,
        choices=same(*CAPTION_STYLES),
    ),
    Option(
        name="config.enableIntroTitle",
        label="Title at the start",
        kind="switch",
        group=LOOK,
    ),
    Option(
        name="config.enableSmartCrop",
        label="Follow faces",
        kind="switch",
        group=LOOK,
        default=False,
    ),
    Option(
        name="config.enableWatermark",
        label="Watermark",
        kind="switch",
        group=LOOK,
        default=True,
    ),
    Option(name="config.enableAiThumbnail", label="Drawn thumbnail", kind="switch", group=LOOK),
    Option(
        name="config.enableSplitScreen",
        label="Split screen",
        kind="switch",
        group=SPLIT,
        default=False,
        help="A second video below; always 9:16, on paid plans.",
    ),
    Option(
        name="config.splitScreenBgVideoId",
        label="Second video",
        kind="text",
        group=SPLIT,
        most=100,
        help="Its id at ScaleReach.",
    ),
    Option(
        name="config.splitScreenBgCategoryId",
        label="Or one from this category",
        kind="text",
        group=SPLIT,
        most=100,
        help="Its id at ScaleReach.",
    ),
    Option(
        name="config.splitRatio",
        label="Height of the upper part",
        kind="whole",
        group=SPLIT,
        default=50,
        least=30,
        most=70,
        unit="%",
        help="In steps of 5.",
    ),
    Option(
        name="workspaceId",
        label="Workspace",
        kind="text",
        group=PLACE,
        most=100,
        help="Its id; left empty, it is the workspace that the key was made in.",
    ),
    Option(
        name="projectId",
        label="Project",
        kind="text",
        group=PLACE,
        most=100,
        help="The id of a project to put it into.",
    ),
)
ORDERED = (
    ("config.clipDurationMin", "config.clipDurationMax"),
    ("config.timeframeStart", "config.timeframeEnd"),
)

CLIP_FILTERS = (
    Option(name="minScore", label="Score from", kind="number", least=0, most=100),
    Option(name="maxScore", label="Score to", kind="number", least=0, most=100),
    Option(
        name="status",
        label="Status",
        kind="choice",
        choices=same("detected", "generating", "completed", "ready", "exported", "failed"),
    ),
    Option(name="favorited", label="Favourites only", kind="switch"),
    Option(
        name="sortBy",
        label="Sort by",
        kind="choice",
        default="score",
        choices=(("score", "Score"), ("duration", "Length"), ("createdAt", "Age")),
    ),
    Option(
        name="sortOrder",
        label="Order",
        kind="choice",
        default="desc",
        choices=(("desc", "Highest first"), ("asc", "Lowest first")),
    ),
)


def asked_for(filters: dict[str, Any]) -> dict[str, str] | None:
    """The query for these filters. Raises ProviderError("input"): the service ignores bad ones.

    >>> asked_for({"minScore": 80, "favorited": True, "status": None})
    {'minScore': '80', 'favorited': 'true'}
    """
    declared = {option.name: option for option in CLIP_FILTERS}
    query = {}
    for name, value in filters.items():
        if value is None or value == "":
            continue
        said = written(declared[name], value) if name in declared else ""
        if not said:
            raise ProviderError("input", f"Clips can't be filtered by {name} like this.")
        query[name] = said
    return query or None


def written(option: Option, value: Any) -> str:
    """The value as a query carries it, "" if the option doesn't allow it."""
    if option.kind == "switch":
        return str(value).lower() if isinstance(value, bool) else ""
    if option.kind == "number":
        found = number(value, least=option.least or 0, most=option.most or 0)
        return "" if found is None else f"{found:g}"
    said = text(value, most=40)
    return said if said in dict(option.choices) else ""
