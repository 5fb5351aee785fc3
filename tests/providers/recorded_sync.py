"""Answers as sync.so's API reference shows them."""

from __future__ import annotations

VIDEO = "https://clips.example/media/7.mp4?token=abc"
SOUND = "https://a.example/voice.wav"
RUNNING = {
    "id": "g-1",
    "createdAt": "2026-02-03T12:00:00.000Z",
    "model": "lipsync-2",
    "status": "PROCESSING",
    "input": [{"type": "video", "url": VIDEO}, {"type": "audio", "url": SOUND}],
    "outputUrl": None,
    "outputFileName": None,
    "projectId": None,
}
DONE = RUNNING | {
    "status": "COMPLETED",
    "outputUrl": "https://cdn.example/out.mp4?X-Amz-Signature=1",
    "outputDuration": 12.48,
    "outputFileName": "take_two",
    "synthesizedAudioUrl": "https://cdn.example/take.wav?s=1",
    "segmentOutputUrl": "https://cdn.example/segment.mp4?s=1",
}
FAILED = RUNNING | {
    "status": "FAILED",
    "error": "Could not fetch https://clips.example/media/7.mp4?token=abc",
    "errorCode": "generation_input_video_inaccessible",
}
CATALOGUE = [
    {
        "code": "generation_input_video_inaccessible",
        "message": "The video can't be reached.",
        "suggestion": "Use a public address.",
    },
    {"code": "generation_pipeline_failed", "message": "The pipeline failed.", "suggestion": None},
    {"message": "without a code"},
    "odd",
]
