"""Vizard's API as its pages tell it (Minimum Setup, Retrieve Output Videos, Rate Limit).

Every answer has the status 200; its `code` tells what it means. For trying things out: an address
that holds "missing" can't be fetched, one with "nothing" has no clips.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from math import ceil
from typing import Any

from clipboard.sandbox.vendor import Ask, Reply, Vendor
from clipboard.sandbox.words import MOMENTS, spread

AT = r"(?:/hvizard-server-front/open-api/v1)?/project"
DONE_AFTER = 8.0
ADDRESS_SECONDS = 3 * 3600
LIMITS = (("create a minute", 3, 60), ("create an hour", 20, 3600))
CLIPS, LONGEST = 3, 12.0
SCORES = ("9.1", "7.4", "0")  # out of 10, as text
LENGTHS = [0, 1, 2, 3, 4]
ASPECTS = {1: "9:16", 2: "1:1", 3: "4:5", 4: "16:9"}
SAYS = {
    4001: "Invalid API key",
    4003: "Requests exceed the limit",
    4004: "Unsupported video format",
    4006: "Illegal parameters",
    4008: "Video download failed",
    4009: "Invalid video URL",
}


class Vizard(Vendor):
    name = "vizard"

    def __init__(self) -> None:
        self.routes = (
            ("POST", f"{AT}/create", create, "create"),
            ("GET", rf"{AT}/query/(?P<id>\d+)", query, "other"),
            ("GET", f"{AT}/social-accounts", accounts, "other"),
        )

    def key_of(self, headers: Mapping[str, str]) -> str:
        return headers.get("vizardai_api_key", "")

    def refuse_key(self, key: str) -> Reply | None:
        return None if key and "bad" not in key else said(4001)

    def limit(self, ask: Ask, budget: str) -> tuple[Reply | None, dict[str, str]]:
        for name, calls, seconds in LIMITS if budget == "create" else ():
            if not ask.world.take(name, calls=calls, seconds=seconds).is_allowed:
                return said(4003), {}
        return None, {}

    def malformed(self) -> Reply:
        return said(4006)

    def not_found(self) -> Reply:
        return said(4006)


def said(code: int, **more: Any) -> Reply:
    return Reply(200, {"code": code, "errMsg": SAYS.get(code, ""), **more})


def accounts(ask: Ask) -> Reply:
    return said(2000, accounts=[])


def create(ask: Ask) -> Reply:
    asked = ask.json()
    asked = asked if isinstance(asked, dict) else {}
    if code := wrong_with(asked):
        return said(code)
    project = {
        "id": str(10_000_000 + secrets.randbelow(90_000_000)),
        "made": ask.world.now,
        "asked": asked,
    }
    ask.world.put("project", str(project["id"]), project)
    minutes = ceil(ask.outputs.length(asked["videoUrl"]) / 60)
    ask.world.bill(str(project["id"]), "project", minutes, "minutes")
    return said(2000, projectId=int(str(project["id"])))


def wrong_with(asked: dict[str, Any]) -> int:
    """The code of what is wrong, 0 for nothing."""
    lengths, kind, url = asked.get("preferLength"), asked.get("videoType"), asked.get("videoUrl")
    if not isinstance(url, str) or not url.startswith(("https://", "http://")):
        return 4009
    if not isinstance(kind, int) or not 1 <= kind <= 12 or not asked.get("lang"):
        return 4006
    if not isinstance(lengths, list) or not lengths or not all(each in LENGTHS for each in lengths):
        return 4006
    if asked.get("ratioOfClip", 1) not in list(ASPECTS):
        return 4006
    if not isinstance(asked.get("maxClipNumber"), (int, type(None))):
        return 4006
    if kind == 1 and asked.get("ext") not in ("mp4", "mov", "avi", "3gp"):
        return 4004
    return 0


def query(ask: Ask) -> Reply:
    project = ask.world.get("project", ask.parts["id"])
    if project is None:
        return said(4006)
    if ask.world.now - project["made"] < DONE_AFTER:
        return said(1000)
    if "missing" in project["asked"]["videoUrl"]:
        return said(4008)
    name = str(project["asked"].get("projectName") or "project")
    videos = videos_of(ask, project)
    return said(2000, projectId=int(project["id"]), projectName=name, videos=videos)


def videos_of(ask: Ask, project: dict[str, Any]) -> list[dict[str, Any]]:
    asked = project["asked"]
    if "nothing" in asked["videoUrl"]:
        return []
    most = ask.outputs.length(asked["videoUrl"])
    count = min(CLIPS, asked.get("maxClipNumber") or CLIPS)
    ranges = spread(count, least=0, most=most, longest=LONGEST)
    return [video_of(ask, project, place, *part) for place, part in enumerate(ranges)]


def video_of(
    ask: Ask, project: dict[str, Any], place: int, start: float, end: float
) -> dict[str, Any]:
    moment = MOMENTS[place % len(MOMENTS)]
    url, aspect = project["asked"]["videoUrl"], ASPECTS[project["asked"].get("ratioOfClip", 1)]
    name = ask.outputs.clip(url, start=start, end=end, aspect=aspect)
    number = int(project["id"]) * 100 + place
    return {
        "videoId": number,
        "videoUrl": ask.address(name, seconds=ADDRESS_SECONDS),
        "videoMsDuration": int((end - start) * 1000),
        "title": moment.title,
        "transcript": moment.transcript,
        "viralScore": SCORES[place % len(SCORES)],
        "viralReason": moment.reason,
        "relatedTopic": '["' + '","'.join(moment.hashtags) + '"]',
        "clipEditorUrl": f"https://vizard.ai/editor?id={number}",
    }
