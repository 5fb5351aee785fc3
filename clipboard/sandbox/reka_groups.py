"""Reka's groups of videos."""

from __future__ import annotations

import uuid
from typing import Any

from clipboard.sandbox.reka_says import invalid, unknown
from clipboard.sandbox.reka_videos import NO_GROUP, body_of
from clipboard.sandbox.vendor import Ask, Reply, iso


def listed(ask: Ask) -> Reply:
    return Reply(200, {"results": [told(group) for group in ask.world.all("group")]})


def create(ask: Ask) -> Reply:
    name = ask.fields().get("name")
    if not isinstance(name, str) or not name.strip():
        return invalid("name is required", "name")
    group = {"id": str(uuid.uuid4()), "name": name, "made": ask.world.now, "changed": ask.world.now}
    ask.world.put("group", str(group["id"]), group)
    return Reply(200, told(group))


def look(ask: Ask) -> Reply:
    group = ask.world.get("group", ask.parts["id"])
    return unknown("Video group") if group is None else Reply(200, told(group))


def rename(ask: Ask) -> Reply:
    group, name = ask.world.get("group", ask.parts["id"]), ask.fields().get("name")
    if group is None:
        return unknown("Video group")
    if not isinstance(name, str) or not name.strip():
        return invalid("name is required", "name")
    group |= {"name": name, "changed": ask.world.now}
    ask.world.put("group", group["id"], group)
    return Reply(200, told(group))


def delete(ask: Ask) -> Reply:
    """The group alone; its videos stay."""
    group = ask.world.get("group", ask.parts["id"])
    if group is None:
        return unknown("Video group")
    for video in videos_in(ask, group["id"]):
        ask.world.put("video", video["id"], video | {"group": NO_GROUP})
    ask.world.drop("group", group["id"])
    return Reply(200, {"status": "success", "message": None})


def members(ask: Ask) -> Reply:
    videos = videos_in(ask, ask.parts["id"])
    return Reply(200, {"results": [body_of(ask, video) for video in videos]})


def move(ask: Ask) -> Reply:
    group = ask.parts["id"]
    if group != NO_GROUP and ask.world.get("group", group) is None:
        return unknown("Video group")
    found = [ask.world.get("video", video_id) for video_id in ask.field_list("video_ids")]
    moved = [video for video in found if video]
    for video in moved:
        ask.world.put("video", video["id"], video | {"group": group})
    ids = [video["id"] for video in moved]
    body = {"status": "success", "moved_count": len(ids), "group_id": group, "video_ids": ids}
    return Reply(200, body)


def videos_in(ask: Ask, group: str) -> list[dict[str, Any]]:
    return [video for video in ask.world.all("video") if video["group"] == group]


def told(group: dict[str, Any]) -> dict[str, Any]:
    return {
        "group_id": group["id"],
        "name": group["name"],
        "metadata": {},
        "created_at": iso(group["made"]),
        "updated_at": iso(group["changed"]),
    }
