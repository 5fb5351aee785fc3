"""Reka's store of videos: by its first paths (without a number), and those of versions 1 and 2."""

from __future__ import annotations

import uuid
from typing import Any

from clipboard.sandbox.outputs import looked_at
from clipboard.sandbox.reka_says import invalid, unknown
from clipboard.sandbox.reka_wanted import is_address
from clipboard.sandbox.vendor import Ask, Reply
from clipboard.sandbox.world import at_stage

STAGES = [(0.0, "pending"), (2.0, "indexing"), (6.0, "indexed")]
FETCHED_AFTER = 1.0  # seconds, where it is fetched from an address
ADDRESS_SECONDS = 3600
NO_GROUP = "default"
TOLD = ("name", "title", "description")
YES = {"true", "1", "yes", "on"}


def upload(ask: Ask) -> Reply:
    """By multipart or as a plain form (either is sent by clients of theirs)."""
    fields = ask.fields()
    if "index" not in fields:
        return invalid("index is required", "index")
    if isinstance(fields.get("file"), tuple) and not fields.get("video_name"):
        return invalid("video_name is required", "video_name")
    video = taken(ask, fields)
    if isinstance(video, Reply):
        return video
    told = "download_initiated" if video["from"] else "upload_initiated"
    return Reply(200, {"video_id": video["id"], "video_s3_url": None, "status": told})


def upload_only(ask: Ask) -> Reply:
    """Version 2, which indexes nothing by itself."""
    video = taken(ask, {"index": False} | ask.fields())
    if isinstance(video, Reply):
        return video
    told = "uploading" if video["from"] else "uploaded"
    return Reply(202, {"video_id": video["id"], "status": told, "metadata": None})


def taken(ask: Ask, fields: dict[str, Any]) -> dict[str, Any] | Reply:
    """The video that is kept now, or the refusal."""
    file, address = fields.get("file"), fields.get("video_url")
    group = str(fields.get("group_id") or NO_GROUP)
    if isinstance(file, tuple) == bool(address):
        return invalid("Provide exactly one of file and video_url", "file")
    if address and not is_address(address):
        return invalid("video_url must be a URL", "video_url")
    if group != NO_GROUP and ask.world.get("group", group) is None:
        return unknown("Video group")
    return kept(ask, fields, group)


def update(ask: Ask) -> Reply:
    """Version 2: another name, title, description or group; null takes it out of its group."""
    video, asked = ask.world.get("video", ask.parts["id"]), ask.fields()
    if video is None:
        return unknown("Video")
    group = str(asked.get("group_id", video["group"]) or NO_GROUP)
    if group != NO_GROUP and ask.world.get("group", group) is None:
        return unknown("Video group")
    told = {name: str(asked[name]) for name in TOLD if asked.get(name)}
    video |= told | {"group": group}
    ask.world.put("video", video["id"], video)
    return Reply(200, body_of(ask, video))


def kept(ask: Ask, fields: dict[str, Any], group: str) -> dict[str, Any]:
    video_id, address = str(uuid.uuid4()), str(fields.get("video_url") or "")
    file = fields.get("file")
    if isinstance(file, tuple):
        name = ask.outputs.keep(f"{video_id}.mp4", file[1])
    else:
        name = ask.outputs.copy(address)
    video = {
        "id": video_id,
        "made": ask.world.now,
        "name": str(fields.get("video_name") or "video"),
        "group": group,
        "is_indexed": str(fields["index"]).lower() in YES,
        "has_thumbnails": str(fields.get("enable_thumbnails")).lower() in YES,
        "from": address,
        "file": name,
        "starts_at": fields.get("video_absolute_start_timestamp")
        or fields.get("video_start_absolute_timestamp"),
    }
    ask.world.put("video", video_id, video)
    ask.world.bill(video_id, "upload", 1, "requests")
    return video


def get(ask: Ask) -> Reply:
    """Those that are named; all, where there is no body."""
    wanted = ask.field_list("video_ids")
    return results(ask, wanted if ask.body.strip() else None)


def listed(ask: Ask) -> Reply:
    return results(ask, ask.listed("ids") if "ids" in ask.params else None)


def look(ask: Ask) -> Reply:
    video = ask.world.get("video", ask.parts["id"])
    return unknown("Video") if video is None else Reply(200, body_of(ask, video))


def delete(ask: Ask) -> Reply:
    """Unknown ones are passed over."""
    for video_id in ask.field_list("video_ids"):
        drop(ask, video_id)
    return Reply(200, {"status": "success", "message": "Videos deleted successfully"})


def delete_one(ask: Ask) -> Reply:
    if not drop(ask, ask.parts["id"]):
        return unknown("Video")
    return Reply(200, {"status": "success", "message": "Video deleted successfully"})


def drop(ask: Ask, video_id: str) -> bool:
    video = ask.world.get("video", video_id)
    if video is None:
        return False
    ask.world.drop("video", video_id)
    if not video["from"]:
        ask.outputs.drop(video["file"])
    return True


def results(ask: Ask, wanted: list[str] | None) -> Reply:
    videos = ask.world.all("video")
    named = [video for video in videos if wanted is None or video["id"] in wanted]
    return Reply(200, {"results": [body_of(ask, video) for video in named]})


def body_of(ask: Ask, video: dict[str, Any]) -> dict[str, Any]:
    age = ask.world.now - video["made"]
    stage = at_stage(age, STAGES) if video["is_indexed"] else "pending"
    is_missing = "missing" in video["from"]
    is_there = not is_missing and (not video["from"] or age >= FETCHED_AFTER)
    return {
        "video_id": video["id"],
        "url": ask.address(video["file"], seconds=ADDRESS_SECONDS) if is_there else None,
        "indexing_status": "failed" if is_missing and age >= FETCHED_AFTER else stage,
        "indexing_type": "qa_and_search" if video["is_indexed"] else None,
        "group_id": video["group"],
        "metadata": {
            "video_name": video["name"],
            "title": video.get("title"),
            "description": video.get("description"),
            "source": video["from"] or None,
            **(facts_of(ask, video) if is_there else {}),
        },
    }


def facts_of(ask: Ask, video: dict[str, Any]) -> dict[str, Any]:
    """Looked up once."""
    found = ask.world.get("facts", video["id"])
    if found is None:
        file = ask.outputs.file(video["file"])
        probe = looked_at(file) if file else None
        found = {
            "duration": probe and probe.duration,
            "width": probe and probe.width,
            "height": probe and probe.height,
            "avg_fps": probe and probe.fps,
        }
        ask.world.put("facts", video["id"], found)
    return found
