"""Answers as Reka's own documents show them."""

from __future__ import annotations

from clipboard.providers.reka_options import DEFAULT_PROMPT

NUMBER = "550e8400-e29b-41d4-a716-446655440000"
SOURCE = "https://example.com/source-video.mp4"
GENERATION = {
    "template": "compilation",
    "num_generations": 1,
    "min_duration_seconds": 15,
    "max_duration_seconds": 60,
    "source_start_time": 0,
    "source_end_time": 300,
    "translated_subtitles_target_language": "es_ES",
    "translated_subtitles_group_length": 120,
}
STYLE = {
    "desired_font_size": 120,
    "text_transform": "uppercase",
    "text_color": "#FFFFFF",
    "highlight_color": "#FF7E4F",
    "stroke_color": "#000000",
    "position": "middle",
    "font_family": "BebasNeue",
}
RENDERING = {
    "show_watermark": False,
    "subtitles": True,
    "aspect_ratio": "9:16",
    "resolution": 240,
    "caption_style": STYLE,
}
OUTPUT = {
    "title": "Epic Sunset Moments",
    "video_url": "https://cdn.example.com/reels/output-001.mp4",
    "caption": "Capturing the magic of golden hour",
    "signed_s3_video_url": "string",
    "hashtags": ["sunset", "goldenhour", "nature"],
    "ai_score": 85,
}
DONE = {
    "id": NUMBER,
    "status": "completed",
    "created_at": "2024-01-15T10:30:00Z",
    "updated_at": "2024-01-15T10:35:00Z",
    "generation_config": GENERATION,
    "rendering_config": RENDERING,
    "video_urls": [SOURCE],
    "prompt": DEFAULT_PROMPT,
    "output": [OUTPUT],
}
QUEUED = DONE | {"status": "queued", "output": []}
SIGNED = "https://b.s3.amazonaws.com/1.mp4?X-Amz-Date=20240115T103000Z&X-Amz-Expires=900"
