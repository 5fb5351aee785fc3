"""What can be chosen for a Reka clip job: every field of its two configurations.

Contract: docs.reka.ai, Clip Generation (Create Clips) and its OpenAPI document.
"""

from __future__ import annotations

from clipboard.providers.options import Option

DEFAULT_PROMPT = "Create an engaging short video highlighting the best moments"

LOCALES = (
    ("ar_SA", "Arabic"),
    ("cs_CZ", "Czech"),
    ("da_DK", "Danish"),
    ("de_DE", "German"),
    ("el_GR", "Greek"),
    ("en_GB", "English (UK)"),
    ("en_US", "English (US)"),
    ("es_ES", "Spanish (Spain)"),
    ("es_MX", "Spanish (Mexico)"),
    ("fi_FI", "Finnish"),
    ("fil_PH", "Filipino"),
    ("fr_CA", "French (Canada)"),
    ("fr_FR", "French (France)"),
    ("he_IL", "Hebrew"),
    ("hi_IN", "Hindi"),
    ("hu_HU", "Hungarian"),
    ("id_ID", "Indonesian"),
    ("it_IT", "Italian"),
    ("ja_JP", "Japanese"),
    ("ko_KR", "Korean"),
    ("ms_MY", "Malay"),
    ("nl_NL", "Dutch"),
    ("no_NO", "Norwegian"),
    ("pl_PL", "Polish"),
    ("pt_BR", "Portuguese (Brazil)"),
    ("pt_PT", "Portuguese (Portugal)"),
    ("ro_RO", "Romanian"),
    ("ru_RU", "Russian"),
    ("sv_SE", "Swedish"),
    ("th_TH", "Thai"),
    ("tr_TR", "Turkish"),
    ("uk_UA", "Ukrainian"),
    ("vi_VN", "Vietnamese"),
    ("zh_CN", "Chinese (simplified)"),
    ("zh_TW", "Chinese (traditional)"),
)

WHAT = (
    Option(
        name="prompt",
        label="What to look for",
        kind="long_text",
        most=2000,
        default=DEFAULT_PROMPT,
    ),
    Option(
        name="video_urls",
        label="Further recordings",
        kind="list",
        most=20,
        help="Public addresses, one a line, to be searched together with this recording.",
    ),
)

GENERATION = (
    Option(
        name="generation_config.template",
        label="Kind",
        kind="choice",
        default="moments",
        choices=(
            ("moments", "Moments: one a clip"),
            ("compilation", "Compilation: several in a clip"),
            ("voiceover", "Voice-over"),
            ("trailer", "Trailer"),
            ("caption_only", "The whole, with captions"),
        ),
    ),
    Option(
        name="generation_config.num_generations",
        label="Clips",
        kind="whole",
        least=1,
        most=3,
        help="Empty: by the recording's length, 3 up to 45 minutes, at most 12.",
    ),
    Option(
        name="generation_config.min_duration_seconds",
        label="Shortest",
        kind="whole",
        default=0,
        least=0,
        most=600,
        unit="s",
    ),
    Option(
        name="generation_config.max_duration_seconds",
        label="Longest",
        kind="whole",
        default=90,
        least=1,
        most=600,
        unit="s",
    ),
    Option(
        name="generation_config.source_start_time",
        label="Look from",
        kind="whole",
        least=0,
        unit="s",
        help="Where in the recording to begin.",
    ),
    Option(
        name="generation_config.source_end_time",
        label="Look until",
        kind="whole",
        least=1,
        unit="s",
    ),
    Option(
        name="generation_config.translated_subtitles_target_language",
        label="Translate subtitles to",
        kind="choice",
        choices=LOCALES,
    ),
    Option(
        name="generation_config.translated_subtitles_group_length",
        label="Letters in a translated line",
        kind="whole",
        least=1,
        most=1000,
        help="Longer ones are split between words.",
    ),
)

RENDERING = (
    Option(
        name="rendering_config.aspect_ratio",
        label="Shape",
        kind="choice",
        group="Picture",
        default="9:16",
        choices=(
            ("9:16", "9:16"),
            ("9:16-split", "9:16, split"),
            ("16:9", "16:9"),
            ("4:5", "4:5"),
            ("1:1", "1:1"),
        ),
    ),
    Option(
        name="rendering_config.resolution",
        label="Resolution",
        kind="choice",
        group="Picture",
        default="720",
        choices=tuple((lines, f"{lines}p") for lines in ("240", "360", "480", "720", "1080")),
        help="1080p may cost more, where the recording is good enough for it.",
    ),
    Option(
        name="rendering_config.layout",
        label="Fit",
        kind="choice",
        group="Picture",
        default="ai",
        choices=(("ai", "Follow what matters"), ("fit", "Whole picture, with bars")),
    ),
    Option(
        name="rendering_config.show_watermark",
        label="Reka's watermark",
        kind="switch",
        group="Picture",
        default=False,
    ),
    Option(
        name="rendering_config.subtitles",
        label="Subtitles",
        kind="switch",
        group="Subtitles",
        default=True,
    ),
)

CAPTION_STYLE = (
    Option(
        name="rendering_config.caption_style.font_family",
        label="Font",
        kind="choice",
        group="Subtitles",
        default="BebasNeue",
        choices=(
            ("BebasNeue", "Bebas Neue"),
            ("Bangers", "Bangers"),
            ("RobotoCondensed", "Roboto Condensed"),
            ("Lato", "Lato"),
            ("CaptionFont", "Reka's own"),
        ),
    ),
    Option(
        name="rendering_config.caption_style.desired_font_size",
        label="Size",
        kind="number",
        group="Subtitles",
        default=120,
        least=60,
        most=120,
    ),
    Option(
        name="rendering_config.caption_style.text_transform",
        label="Letters",
        kind="choice",
        group="Subtitles",
        default="uppercase",
        choices=(("initial", "As spoken"), ("uppercase", "UPPER"), ("lowercase", "lower")),
    ),
    Option(
        name="rendering_config.caption_style.position",
        label="Place",
        kind="choice",
        group="Subtitles",
        choices=(("top", "Top"), ("middle", "Middle"), ("bottom", "Bottom")),
    ),
    Option(
        name="rendering_config.caption_style.text_color",
        label="Colour",
        kind="colour",
        group="Subtitles",
        default="#FFFFFF",
    ),
    Option(
        name="rendering_config.caption_style.highlight_color",
        label="Colour of the spoken word",
        kind="colour",
        group="Subtitles",
        default="#FF7E4F",
    ),
    Option(
        name="rendering_config.caption_style.stroke_color",
        label="Outline",
        kind="colour",
        group="Subtitles",
        default="#000000",
    ),
)

OPTIONS = (*WHAT, *GENERATION, *RENDERING, *CAPTION_STYLE)
ORDERED = (
    ("generation_config.min_duration_seconds", "generation_config.max_duration_seconds"),
    ("generation_config.source_start_time", "generation_config.source_end_time"),
)
