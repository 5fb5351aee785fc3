"""ReelBot's API as its help pages tell it (Generate Video, Check Status, Download Video, Limits).

Not public, and assumed here: the body of a successful generate, the codes of a 403, limits for
each key, what a malformed id is. A key of footage that holds "missing" makes the job fail, as a
lost asset would; with "vanished" the video is made, and its file is gone. A key that holds "free"
has three videos, and no month goes by.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from math import ceil
from typing import Any

from clipboard.sandbox.vendor import Ask, Reply, Vendor, iso
from clipboard.sandbox.world import at_stage

STAGES = [(0.0, "queued"), (2.0, "processing"), (6.0, "completed")]
SAYS = {
    "queued": "Video is queued for processing",
    "processing": "Video is being processed",
    "completed": "Video generation completed successfully",
    "failed": "Video generation failed",
}
LIMITS = {"generate": (10, 3600), "status": (60, 60), "download": (30, 3600)}
ADDRESS_SECONDS = 3600
ASPECTS = ("9:16", "16:9", "1:1")
SECONDS_OF_VIDEO = 8.0
ID = re.compile(r"[\w-]{1,64}", re.ASCII)
FREE = 3  # videos


class ReelBot(Vendor):
    name = "reelbot"

    def __init__(self) -> None:
        project = r"(?P<id>[^/]+)"
        self.routes = (
            ("POST", "/api/v1/video/generate", generate, "generate"),
            ("GET", f"/api/v1/video/status/{project}", status, "status"),
            ("GET", f"/api/v1/video/download/{project}", download, "download"),
        )

    def key_of(self, headers: Mapping[str, str]) -> str:
        return headers.get("x-api-key", "")

    def refuse_key(self, key: str) -> Reply | None:
        if key.startswith("rb_live_") and "bad" not in key:
            return None
        words = "Unauthorized. Please provide a valid API key via the X-API-Key header."
        return refused(401, "UNAUTHORIZED", words)

    def limit(self, ask: Ask, budget: str) -> tuple[Reply | None, dict[str, str]]:
        calls, seconds = LIMITS[budget]
        taken = ask.world.take(budget, calls=calls, seconds=seconds)
        resets = iso(ask.world.now + taken.resets_in)
        headers = {"X-RateLimit-Remaining": str(taken.left), "X-RateLimit-Reset": resets}
        if taken.is_allowed:
            return None, headers
        words = "Rate limit exceeded. Please reduce polling frequency."
        reply = refused(429, "RATE_LIMITED", words, details={"resetAt": resets})
        return reply, headers | {"Retry-After": str(ceil(taken.resets_in))}

    def malformed(self) -> Reply:
        return refused(400, "INVALID_JSON", "Invalid JSON in request body")

    def not_found(self) -> Reply:
        return refused(404, "NOT_FOUND", "Not found")


def refused(status: int, code: str, message: str, **more: Any) -> Reply:
    return Reply(status, {"success": False, "message": message, "code": code, **more})


def generate(ask: Ask) -> Reply:
    asked = ask.json()
    if problem := wrong_with(asked if isinstance(asked, dict) else {}):
        return refused(400, "VALIDATION_ERROR", problem)
    if "free" in ask.world.key and ask.world.billed("credits") >= FREE:
        return refused(402, "QUOTA_EXCEEDED", "Monthly video limit reached. Please upgrade.")
    project = f"proj{secrets.token_hex(8)}"
    ask.world.put("project", project, {"asked": asked, "made": ask.world.now})
    price = 0 if lacks_footage(asked) else 1  # only what is made costs anything
    ask.world.bill(project, "generate", price, "credits")
    words = "Video generation started"
    body = {"success": True, "projectId": project, "status": "queued", "message": words}
    return Reply(200, body)


def wrong_with(asked: dict[str, Any]) -> str:
    """Why it is refused, "" if it is not."""
    kind, keys = asked.get("videoType"), asked.get("brollKeys")
    if kind not in ("narrated", "cinematic"):
        return "videoType must be narrated or cinematic"
    if not isinstance(asked.get("topic"), str) or not 0 < len(asked["topic"]) <= 500:
        return "topic is required, at most 500 characters"
    if not isinstance(keys, list) or not 1 <= len(keys) <= 20:
        return "brollKeys must hold 1 to 20 keys"
    if not all(isinstance(key, str) and re.match(r"(users/[^/]+|shared)/", key) for key in keys):
        return "brollKeys must be keys of your library"
    if asked.get("aspectRatio", "9:16") not in ASPECTS:
        return f"aspectRatio must be one of: {', '.join(ASPECTS)}"
    if kind == "narrated" and not 0 < len(str(asked.get("script") or "")) <= 5000:
        return "script is required for narrated videos, at most 5000 characters"
    if kind == "narrated" and not (asked.get("voiceId") or asked.get("voiceoverKey")):
        return "voiceId or voiceoverKey is required for narrated videos"
    return ""


def stage_of(ask: Ask, project: dict[str, Any]) -> str:
    stage = at_stage(ask.world.now - project["made"], STAGES)
    is_over = stage == "completed"
    return "failed" if is_over and lacks_footage(project["asked"]) else stage


def lacks_footage(asked: dict[str, Any]) -> bool:
    return any("missing" in key for key in asked["brollKeys"])


def named(ask: Ask) -> tuple[dict[str, Any] | None, Reply]:
    """The project of the path, or the refusal."""
    if not ID.fullmatch(ask.parts["id"]):
        return None, refused(400, "INVALID_PROJECT_ID", "Invalid project ID")
    found = ask.world.get("project", ask.parts["id"])
    return found, refused(404, "NOT_FOUND", "Project not found")


def status(ask: Ask) -> Reply:
    project, refusal = named(ask)
    if project is None:
        return refusal
    stage = stage_of(ask, project)
    body = {"status": stage, "message": SAYS[stage], "createdAt": iso(project["made"])}
    if stage != "queued":
        body["updatedAt"] = iso(ask.world.now)
    if stage == "completed":
        body["outputKey"] = f"users/sandbox/output/video-{ask.parts['id']}.mp4"
    if stage == "failed":
        body["error"] = "Failed to process B-roll asset: file not found"
    return Reply(200, body)


def download(ask: Ask) -> Reply:
    project, refusal = named(ask)
    if project is None:
        return refusal
    if stage_of(ask, project) != "completed":
        return refused(400, "VIDEO_NOT_READY", "Video is not ready for download")
    if any("vanished" in key for key in project["asked"]["brollKeys"]):
        return refused(404, "OUTPUT_NOT_FOUND", "Output file not found")
    name = ask.outputs.clip(
        f"reelbot:{ask.parts['id']}",
        start=0,
        end=SECONDS_OF_VIDEO,
        aspect=project["asked"].get("aspectRatio", "9:16"),
    )
    return Reply(
        200,
        {
            "success": True,
            "downloadUrl": ask.address(name, seconds=ADDRESS_SECONDS),
            "expiresAt": iso(ask.world.now + ADDRESS_SECONDS),
        },
    )
