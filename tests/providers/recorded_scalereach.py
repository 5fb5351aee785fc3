"""What ScaleReach answers, shortened from its pages and its clients' traffic."""

from __future__ import annotations

import pytest

from clipboard.providers.errors import ProviderError
from clipboard.providers.scalereach import ScaleReach
from tests.providers.recorded import answer, play

scalereach = ScaleReach()
PAGE = "https://www.youtube.com/watch?v=wVXAFlueS9Y"
TAKEN = {
    "message": "Video submitted for processing",
    "video": {
        "id": "UThwmCZb75JYZi4UP9rOX",
        "title": "How it was saved",
        "status": "downloading",
        "sourceType": "youtube",
        "sourceUrl": PAGE,
        "workspaceId": "znrje9lkcidmmaiziti",
        "createdAt": "2026-04-03T09:41:50.622Z",
    },
    "videoInfo": {"id": "wVXAFlueS9Y", "title": "How it was saved", "duration": 1950},
}
STATUS = {
    "video": {
        "id": "UThwmCZb75JYZi4UP9rOX",
        "status": "analyzing",
        "title": "How it was saved",
        "duration": 1950,
        "errorMessage": None,
    },
    "job": {"id": "video-UThwmCZb75JYZi4UP9rOX", "state": "active", "progress": 70},
}
CLIP = {
    "id": "clip_abc123",
    "title": "The moment that changed everything",
    "startTime": 245,
    "endTime": 302,
    "duration": 57,
    "score": 92,
    "viralityReason": "Strong emotional hook with unexpected twist",
    "transcript": "And that's when I realized it …",
    "downloadUrl": "https://cdn.scalereach.ai/clips/clip_abc123.mp4?signature=abc",
    "thumbnailUrl": "https://cdn.scalereach.ai/thumbs/clip_abc123.jpg?signature=abc",
    "status": "completed",
    "aspectRatio": "9:16",
    "favorited": False,
    "hooks": {"question": "What saved it?", "statement": "This one decision did"},
}
WAITING = CLIP | {"id": "clip_2", "status": "detected", "downloadUrl": None, "thumbnailUrl": None}
WORKSPACES = [{"id": "znrje9lkcidmmaiziti", "name": "My Workspace", "plan": "pro"}]


def status(word, *, job=STATUS["job"], **video):
    return answer({"video": STATUS["video"] | {"status": word} | video, "job": job})


def clip_list(*clips):
    return answer({"videoId": "v", "clips": list(clips), "count": 8, "filters": {}})


def poll(*answers):
    return play(scalereach, scalereach.poll("v"), *answers)


def raised(steps, *answers):
    with pytest.raises(ProviderError) as caught:
        play(scalereach, steps, *answers)
    return caught.value
