"""Reka's Vision API as its pages tell it (Clip Generation, Video Management, Errors, Rate Limits).

Not public, and assumed here: limits of what isn't listed as limited, how long addresses last, what
deleting a running job answers. For trying things out: an address that holds "missing" can't be
fetched, a prompt that holds "nothing" finds no clip.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from math import ceil

from clipboard.sandbox import reka_clips, reka_groups, reka_videos
from clipboard.sandbox.reka_says import invalid, refused, unknown
from clipboard.sandbox.vendor import Ask, Reply, Vendor

DAY = 24 * 3600
LIMITS = {"clips": (10, DAY), "upload": (50, DAY), "other": (6000, 60)}
CLIPS = r"/v1/(?:clips|creator/reels)"
VIDEOS = "/v[12]/videos"
GROUPS = r"(?:/v1/videos/groups|/v[12]/video-groups)"


class Reka(Vendor):
    name = "reka"
    routes = (
        ("POST", CLIPS, reka_clips.create, "clips"),
        ("GET", CLIPS, reka_clips.listed, "other"),
        ("GET", f"{CLIPS}/(?P<id>[^/]+)", reka_clips.status, "other"),
        ("DELETE", f"{CLIPS}/(?P<id>[^/]+)", reka_clips.delete, "other"),
        ("POST", r"(?:/v1)?/videos/upload", reka_videos.upload, "upload"),
        ("POST", "/v2/videos", reka_videos.upload_only, "upload"),
        ("POST", "/videos/get", reka_videos.get, "other"),
        ("DELETE", "/videos/delete", reka_videos.delete, "other"),
        ("GET", GROUPS, reka_groups.listed, "other"),
        ("POST", GROUPS, reka_groups.create, "other"),
        ("GET", f"{GROUPS}/(?P<id>[^/]+)", reka_groups.look, "other"),
        ("PATCH", f"{GROUPS}/(?P<id>[^/]+)", reka_groups.rename, "other"),
        ("DELETE", f"{GROUPS}/(?P<id>[^/]+)", reka_groups.delete, "other"),
        ("GET", f"{GROUPS}/(?P<id>[^/]+)/videos", reka_groups.members, "other"),
        ("POST", f"{GROUPS}/(?P<id>[^/]+)/videos", reka_groups.move, "other"),
        ("GET", VIDEOS, reka_videos.listed, "other"),
        ("GET", f"{VIDEOS}/(?P<id>[^/]+)", reka_videos.look, "other"),
        ("PATCH", "/v2/videos/(?P<id>[^/]+)", reka_videos.update, "other"),
        ("DELETE", f"{VIDEOS}/(?P<id>[^/]+)", reka_videos.delete_one, "other"),
    )

    def key_of(self, headers: Mapping[str, str]) -> str:
        scheme, _, bearer = headers.get("authorization", "").partition(" ")
        return headers.get("x-api-key", "") or (
            bearer.strip() if scheme.lower() == "bearer" else ""
        )

    def refuse_key(self, key: str) -> Reply | None:
        if key and "bad" not in key:
            return None
        return refused(401, "authentication_error", "Invalid or missing API key")

    def limit(self, ask: Ask, budget: str) -> tuple[Reply | None, dict[str, str]]:
        calls, seconds = LIMITS[budget]
        taken = ask.world.take(budget, calls=calls, seconds=seconds)
        wait = ceil(taken.resets_in)
        headers = {
            "X-Request-ID": str(uuid.uuid4()),
            "x-ratelimit-requests-limit": str(calls),
            "x-ratelimit-requests-remaining": str(taken.left),
            "x-ratelimit-requests-reset": str(wait),
            "retry-after": "0" if taken.is_allowed else str(wait),
        }
        if taken.is_allowed:
            return None, headers
        told = {"code": "rate_limit_exceeded", "message": "Rate limit exceeded"}
        return Reply(429, {"error": told}), headers

    def malformed(self) -> Reply:
        return invalid("The request body is not valid JSON", "body")

    def not_found(self) -> Reply:
        return unknown("Path")
