"""ScaleReach's videos: submit, status, list, delete, and the check of a page."""

from __future__ import annotations

import hashlib
import re
import secrets
from math import ceil
from typing import Any

from clipboard.sandbox.vendor import Ask, Reply, iso
from clipboard.sandbox.words import spread
from clipboard.sandbox.world import at_stage

STAGES = [
    (0.0, "downloading"),
    (1.5, "uploading"),
    (3.0, "transcribing"),
    (5.0, "analyzing"),
    (7.0, "generating_clips"),
    (9.0, "completed"),
]
# The later reading: completed when the clips are found; each is rendered after that.
STAGES_LATE = [*STAGES[:4], (7.0, "completed")]
RENDERED_AFTER = 2.0  # seconds for each clip after that
PROGRESS = {"downloading": 10, "uploading": 25, "transcribing": 45, "analyzing": 70}
QUEUE_FORGETS = 24 * 3600  # seconds after which `job` is null
MINUTES = 10_000  # of each key
CLIPS = 3
ASPECTS = ("9:16", "16:9", "1:1")
LONGEST = 12.0  # seconds, for show
SCORES = (92, 81, 0)
PAGE = re.compile(
    r"https?://(?:(?:www\.|m\.|music\.)?youtube\.com/(?:watch\?(?:.*&)?v=|shorts/|live/|embed/)"
    r"|youtu\.be/)([\w-]{6,20}).*",
    re.ASCII,
)


def validate(ask: Ask) -> Reply:
    """200 also for what isn't valid."""
    page = PAGE.fullmatch(ask.param("url"))
    if not page:
        return Reply(200, {"valid": False, "error": "Invalid YouTube URL"})
    return Reply(200, {"valid": True, "videoInfo": info_of(ask, page[1])})


def info_of(ask: Ask, page: str) -> dict[str, Any]:
    return {
        "id": page,
        "title": "A recording to try things out",
        "duration": ceil(ask.outputs.length(f"youtube:{page}")),
        "thumbnail": None,
        "channelName": "Sandbox",
    }


def submit(ask: Ask) -> Reply:
    asked = ask.json()
    asked = asked if isinstance(asked, dict) else {}
    page = PAGE.fullmatch(str(asked.get("youtubeUrl") or ""))
    if not page:
        return Reply(400, {"error": "Invalid YouTube URL"})
    if asked.get("workspaceId") not in (None, "", workspace(ask)):
        return Reply(403, {"error": "You don't have access to this workspace"})
    config, info = asked.get("config"), info_of(ask, page[1])
    if not is_config(config):
        return Reply(400, {"error": "Invalid config"})
    needed = minutes_of(config or {}, info["duration"])
    left = int(MINUTES - ask.world.billed("minutes"))
    if needed > left:
        return Reply(
            402,
            {
                "error": "Insufficient minutes",
                "reason": "INSUFFICIENT_MINUTES",
                "upgrade": True,
                "minutesNeeded": needed,
                "minutesRemaining": left,
            },
        )
    video = {
        "id": secrets.token_urlsafe(15),
        "made": ask.world.now,
        "page": page[1],
        "url": asked["youtubeUrl"],
        "project": asked.get("projectId"),
        "config": config,
        "info": info,
    }
    ask.world.put("video", video["id"], video)
    if video["config"] is None:
        return Reply(201, taken(ask, video) | {"redirectUrl": f"/configure/{video['id']}"})
    ask.world.bill(video["id"], "video", needed, "minutes")
    find_clips(ask, video)
    return Reply(201, taken(ask, video))


def is_config(config: Any) -> bool:
    """An object whose times are numbers and whose shape is known, or none at all."""
    if not isinstance(config, (dict, type(None))):
        return False
    if (config or {}).get("aspectRatio", "9:16") not in ASPECTS:
        return False
    times = [(config or {}).get(name) for name in ("timeframeStart", "timeframeEnd")]
    return all(isinstance(each, (int, float, type(None))) for each in times)


def workspace(ask: Ask) -> str:
    return "ws_" + hashlib.sha256(ask.world.key.encode()).hexdigest()[:12]


def taken(ask: Ask, video: dict[str, Any]) -> dict[str, Any]:
    names = ("id", "title", "status", "sourceType", "sourceUrl", "workspaceId", "createdAt")
    row = row_of(ask, video)
    told = {name: row[name] for name in names}
    return {"message": "Video submitted", "video": told, "videoInfo": video["info"]}


def minutes_of(config: dict[str, Any], seconds: float) -> int:
    start, end = config.get("timeframeStart") or 0, config.get("timeframeEnd") or seconds
    return ceil(max(0.0, min(float(end), seconds) - float(start)) / 60)


def find_clips(ask: Ask, video: dict[str, Any]) -> None:
    """Written down with the video; they are told of when it has come so far."""
    if video["page"].startswith("nothing"):
        return
    config = video["config"]
    least = float(config.get("timeframeStart") or 0)
    most = min(float(config.get("timeframeEnd") or 1e9), video["info"]["duration"])
    ranges = spread(CLIPS, least=least, most=most, longest=LONGEST)
    for place, (start, end) in enumerate(ranges):
        clip = {
            "id": f"clip_{secrets.token_hex(8)}",
            "video": video["id"],
            "place": place,
            "start": int(start),
            "end": max(int(start) + 1, int(end)),
            "score": SCORES[place % len(SCORES)],
            "aspect": config.get("aspectRatio") or "9:16",
            "favorited": False,
            "exported": False,
            "made": video["made"] + place,
        }
        ask.world.put("clip", str(clip["id"]), clip)


def clips_of(ask: Ask, video: dict[str, Any]) -> list[dict[str, Any]]:
    found = [clip for clip in ask.world.all("clip") if clip["video"] == video["id"]]
    return sorted(found, key=lambda clip: int(clip["place"]))


def is_late(ask: Ask) -> bool:
    return "late" in ask.world.key


def stage_of(ask: Ask, video: dict[str, Any]) -> str:
    if video["config"] is None:
        return "pending_config"
    stages = STAGES_LATE if is_late(ask) else STAGES
    stage = at_stage(ask.world.now - video["made"], stages)
    is_failed = video["page"].startswith("missing") and stage == "completed"
    if is_failed:
        give_back(ask, video)
    return "failed" if is_failed else stage


def give_back(ask: Ask, video: dict[str, Any]) -> None:
    """What failed before it was transcribed costs nothing."""
    with ask.world.memory.lock:
        if not video.get("is_given_back"):
            ask.world.put("video", video["id"], video | {"is_given_back": True})
            minutes = minutes_of(video["config"], video["info"]["duration"])
            ask.world.bill(video["id"], "refund", -minutes, "minutes")


def status(ask: Ask) -> Reply:
    video = ask.world.get("video", ask.parts["id"])
    if video is None:
        return Reply(404, {"error": "Video not found"})
    row = row_of(ask, video)
    return Reply(200, {"video": row, "job": job_of(ask, video, row["status"])})


def job_of(ask: Ask, video: dict[str, Any], stage: str) -> dict[str, Any] | None:
    """What the queue says; null where it has forgotten the video, or never knew it."""
    age = ask.world.now - video["made"]
    if stage == "pending_config" or age > QUEUE_FORGETS:
        return None
    state = stage if stage in ("completed", "failed") else "active"
    progress = PROGRESS.get(stage, 85 if state == "active" else 100)
    return {"id": f"video-{video['id']}", "state": state, "progress": progress}


def look(ask: Ask) -> Reply:
    video = ask.world.get("video", ask.parts["id"])
    if video is None:
        return Reply(404, {"error": "Video not found"})
    return Reply(200, row_of(ask, video))


def row_of(ask: Ask, video: dict[str, Any]) -> dict[str, Any]:
    stage = stage_of(ask, video)
    return {
        "id": video["id"],
        "title": video["info"]["title"],
        "status": stage,
        "duration": video["info"]["duration"],
        "sourceType": "youtube",
        "sourceUrl": video["url"],
        "workspaceId": workspace(ask),
        "projectId": video["project"],
        "errorMessage": "The video could not be downloaded" if stage == "failed" else None,
        "createdAt": iso(video["made"]),
        "updatedAt": iso(ask.world.now),
    }


def listed(ask: Ask) -> Reply:
    """A bare array."""
    if ask.param("workspaceId") not in ("", workspace(ask)):
        return Reply(403, {"error": "You don't have access to this workspace"})
    rows = [row_of(ask, video) for video in ask.world.all("video")]
    wanted = ask.param("filter", "all")
    if wanted in ("completed", "failed"):
        rows = [row for row in rows if row["status"] == wanted]
    elif wanted == "processing":
        rows = [row for row in rows if row["status"] not in ("completed", "failed")]
    return Reply(200, rows)


def delete(ask: Ask) -> Reply:
    """At any time, with all its clips."""
    video = ask.world.get("video", ask.parts["id"])
    if video is None:
        return Reply(404, {"error": "Video not found"})
    for clip in clips_of(ask, video):
        ask.world.drop("clip", clip["id"])
    ask.world.drop("video", video["id"])
    return Reply(200, {"message": "Video deleted successfully"})
