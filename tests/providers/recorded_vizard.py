"""Answers as Vizard's documents show them."""

from __future__ import annotations

PAGE = "https://www.youtube.com/watch?v=OqLfw-TzzfI"
TAKEN = {"code": 2000, "projectId": 17861706, "shareLink": "https://vizard.ai/x", "errMsg": ""}
CLIP = {
    "videoId": 14529453,
    "videoUrl": "https://cdn-video.vizard.ai/vizard/video/export/clip.mp4?Expires=1&Signature=abc",
    "videoMsDuration": 25408,
    "title": "Will you be replaced?",
    "transcript": "People worry about it …",
    "viralScore": "8.7",
    "viralReason": "It asks what everybody asks.",
    "relatedTopic": '["AI", "Work"]',
    "clipEditorUrl": "https://vizard.ai/editor?id=1",
}
DONE = {"code": 2000, "projectId": 17861706, "projectName": "A talk", "videos": [CLIP]}
