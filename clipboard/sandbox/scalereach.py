"""ScaleReach's API as its pages tell it (Authentication, Submit, Status, Clips, List, Delete); the
toggle of favourites, the check of a page, downloads and limits as in its public code.

Its pages and its code disagree on when a video is "completed": with all its clips rendered, or with
them found only. A key that holds "late" gets the second reading, with that code's words. For trying
things out: a page whose id begins with "missing" fails, one with "nothing" has no clips.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil

from clipboard.sandbox import scalereach_clips as clips
from clipboard.sandbox import scalereach_videos as videos
from clipboard.sandbox.vendor import Ask, Reply, Vendor

CALLS, SECONDS = 100, 60  # for each path
CLIP = r"/api/clips/(?P<id>[^/]+)"
VIDEO = r"/api/videos/(?P<id>[^/]+)"


class ScaleReach(Vendor):
    name = "scalereach"

    def __init__(self) -> None:
        self.routes = (
            ("GET", "/api/videos/validate-youtube", videos.validate, "public"),
            ("POST", "/api/videos/youtube", videos.submit, "path"),
            ("GET", "/api/videos/my-videos", videos.listed, "path"),
            ("GET", f"{VIDEO}/status", videos.status, "path"),
            ("GET", f"{VIDEO}/clips", clips.listed, "path"),
            ("GET", VIDEO, videos.look, "path"),
            ("DELETE", VIDEO, videos.delete, "path"),
            ("GET", CLIP, clips.look, "path"),
            ("GET", f"{CLIP}/status", clips.status, "path"),
            ("GET", f"{CLIP}/download", clips.download, "path"),
            ("POST", f"{CLIP}/favorite", clips.favourite, "path"),
            ("DELETE", CLIP, clips.delete, "path"),
            ("GET", "/api/workspaces", workspaces, "path"),
        )

    def key_of(self, headers: Mapping[str, str]) -> str:
        scheme, _, key = headers.get("authorization", "").partition(" ")
        return key.strip() if scheme.lower() == "bearer" else ""

    def refuse_key(self, key: str) -> Reply | None:
        if key.startswith("sr_live_") and "bad" not in key:
            return None
        return Reply(401, {"error": "Unauthorized"})

    def limit(self, ask: Ask, budget: str) -> tuple[Reply | None, dict[str, str]]:
        taken = ask.world.take(ask.path, calls=CALLS, seconds=SECONDS)
        wait = ceil(taken.resets_in)
        headers = {
            "X-RateLimit-Limit": str(CALLS),
            "X-RateLimit-Remaining": str(taken.left),
            "X-RateLimit-Reset": str(ceil(ask.world.now + taken.resets_in)),
        }
        if taken.is_allowed:
            return None, headers
        body = {
            "error": "Too Many Requests",
            "message": "Rate limit exceeded. Please try again later.",
            "retryAfter": wait,
        }
        return Reply(429, body), headers | {"Retry-After": str(wait)}

    def malformed(self) -> Reply:
        return Reply(400, {"error": "Invalid JSON"})

    def not_found(self) -> Reply:
        return Reply(404, {"error": "Not found"})


def workspaces(ask: Ask) -> Reply:
    """A key belongs to one."""
    return Reply(200, [{"id": videos.workspace(ask), "name": "Sandbox", "slug": "sandbox"}])
