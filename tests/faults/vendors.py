"""What differs from provider to provider: how an order is told apart, and what is true there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit

Body = dict[str, Any]


@dataclass(frozen=True)
class Trade:
    """One provider as schedules know it. `mark_in` finds in a document of the sandbox the mark that
    an order was given, `look` are the requests that tell how a job is, `files_in` their answers'
    files, `list_in` where its clips are listed."""

    name: str
    keys: tuple[str, ...]
    order_path: str
    kind: str  # of the documents that orders become
    options: Callable[[str], Body]
    mark_in: Callable[[Body], str]
    look: tuple[str, ...]
    word_in: Callable[[Body], str]
    files_in: Callable[[Body], list[Any]]
    list_in: str = ""
    jobs_listed_at: str = ""
    word: tuple[str, ...] = ("status",)  # where a status answer has its word
    running: str = "processing"
    failed: str = "failed"

    @property
    def is_blind(self) -> bool:
        """Whether nobody but a person can find out what became of an order without an answer."""
        return self.name in ("reelbot", "vizard")


def page(mark: str) -> str:
    return f"https://www.youtube.com/watch?v={mark.replace(' ', '-')}"


TRADES = {
    trade.name: trade
    for trade in (
        Trade(
            name="reka",
            keys=("reka-0123456789",),
            order_path="/v1/clips",
            kind="clips",
            options=lambda mark: {"prompt": mark, "generation_config.num_generations": 2},
            mark_in=lambda body: str(body["prompt"]),
            look=("/v1/clips/{}",),
            word_in=lambda body: str(body["status"]),
            files_in=lambda body: [one["signed_s3_video_url"] for one in body["output"]],
            list_in="output",
            jobs_listed_at="/v1/clips",
        ),
        Trade(
            name="scalereach",
            keys=("sr_live_0123456789", "sr_live_late_0123456789"),
            order_path="/api/videos/youtube",
            kind="video",
            options=lambda mark: {},
            mark_in=lambda body: str(body["page"]).replace("-", " "),
            look=("/api/videos/{}/status", "/api/videos/{}/clips"),
            word_in=lambda body: str(body["video"]["status"]),
            files_in=lambda body: [one["downloadUrl"] for one in body["clips"]],
            list_in="clips",
            jobs_listed_at="/api/videos/my-videos",
            word=("video", "status"),
            running="analyzing",
        ),
        Trade(
            name="reelbot",
            keys=("rb_live_0123456789",),
            order_path="/api/v1/video/generate",
            kind="project",
            options=lambda mark: {
                "videoType": "cinematic",
                "topic": mark,
                "brollKeys": ["shared/sea.mp4"],
            },
            mark_in=lambda body: str(body["asked"]["topic"]),
            look=("/api/v1/video/status/{}", "/api/v1/video/download/{}"),
            word_in=lambda body: str(body["status"]),
            files_in=lambda body: [body["downloadUrl"]],
        ),
        Trade(
            name="sync",
            keys=("sync-0123456789", "sync-later-0123456789"),
            order_path="/v2/generate",
            kind="generation",
            options=lambda mark: {
                "model": "lipsync-2",
                "sound": "text",
                "text.voiceId": "voice",
                "text.script": mark,
            },
            mark_in=lambda body: str(body["input"][1]["provider"]["script"]),
            look=("/v2/generate/{}",),
            word_in=lambda body: str(body["status"]).lower(),
            files_in=lambda body: [body["outputUrl"]],
            jobs_listed_at="/v2/generations",
            running="PROCESSING",
            failed="FAILED",
        ),
        Trade(
            name="vizard",
            keys=("vizard-0123456789",),
            order_path="/project/create",
            kind="project",
            options=lambda mark: {"keywords": mark, "maxClipNumber": 2},
            mark_in=lambda body: str(body["asked"]["keywords"]),
            look=("/project/query/{}",),
            word_in=lambda body: {2000: "completed", 4008: "failed"}.get(body["code"], "running"),
            files_in=lambda body: [one["videoUrl"] for one in body["videos"]],
            list_in="videos",
            word=("code",),
            running="1000",
            failed="4002",
        ),
    )
}


def file_name(url: str) -> str:
    """Which of the sandbox's outputs an address leads to."""
    return PurePosixPath(urlsplit(url).path).name
