"""ScaleReach: finds clips in a YouTube video.

Contract: docs.scalereach.ai (Authentication, Submit YouTube Video, Get Video Status, List Video
Clips, List Videos, Delete Video, List Workspaces); the toggle of favourites, the check of a page,
`reason` and the headers of a 429 as in the public github.com/hevink/scalereach-tmkoc and
hevink/scalereach-mcp.
"""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from clipboard.providers.answer import Answer
from clipboard.providers.errors import (
    Kind,
    ProviderError,
    error_for_status,
    no_status,
    refuses_request,
    unsure,
)
from clipboard.providers.model import (
    Cost,
    Order,
    RemoteClip,
    RemoteFile,
    RemoteJob,
    Submitted,
)
from clipboard.providers.options import nested
from clipboard.providers.pages import youtube_id
from clipboard.providers.port import (
    Allowance,
    Budget,
    Call,
    Pace,
    Provider,
    Steps,
    file_among,
)
from clipboard.providers.reading import all_named, identity, moment, number, record, records, text
from clipboard.providers.retry import seconds_until
from clipboard.providers.scalereach_options import CLIP_FILTERS, OPTIONS, ORDERED, asked_for
from clipboard.providers.scalereach_shapes import clips_from, job_from, videos_of, with_clips

# What the plan doesn't allow for this one order is no trouble of the account.
REASONS: dict[str, Kind] = {
    "INSUFFICIENT_MINUTES": "payment",
    "VIDEO_TOO_LONG": "input",
    "FILE_TOO_LARGE": "input",
    "REGENERATION_LIMIT_REACHED": "input",
}
NOT_ITS_WORKSPACE = "The key doesn't open the workspace that was chosen; leave it empty."
NO_WORKSPACES = "ScaleReach's list of workspaces can't be read."
NOT_SEEN = "ScaleReach lists a workspace that this key may not look into."
TOO_MANY = "ScaleReach lists more workspaces than can be looked through, or some without a number."
LONG_AGO = datetime.min.replace(tzinfo=UTC)
MOST_WORKSPACES = 10


class ScaleReach(Provider):
    name = "scalereach"
    title = "ScaleReach"
    base_url = "https://api.scalereach.ai"
    key_hint = "sr_live_ and 48 characters"
    takes = frozenset({"page"})
    options = OPTIONS
    ordered = ORDERED
    clip_filters = CLIP_FILTERS
    # Its limit holds for each path; for all but orders we keep it together.
    budgets = tuple(Budget(name=name, calls=100, seconds=60) for name in ("submit", "status"))
    calls_a_poll = 2  # the video, then its clips
    pace = Pace(first=12, slowest=60, deadline=6 * 3600)
    can_look_up = True
    can_delete = True
    deletes_running = True
    can_delete_clips = True
    can_favourite = True
    can_estimate = True

    def headers(self, key: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {key}"}

    def error_from(self, answer: Answer) -> ProviderError:
        body = record(answer.json_or_none())
        known = error_for_status(answer.status, retry_after=answer.headers.get("retry-after"))
        return known.described(
            kind=kind_told(answer.status, body),
            code=text(body.get("reason"), most=60),
            said=said_in(body),
            retry_after=wait_told(answer, body, known) if known.kind == "rate" else None,
        )

    def allowance_from(self, answer: Answer) -> Allowance | None:
        limit = number(answer.headers.get("x-ratelimit-limit"), least=0)
        left = number(answer.headers.get("x-ratelimit-remaining"), least=0)
        if limit is None or left is None:
            return None
        resets = moment(answer.headers.get("x-ratelimit-reset"))
        return Allowance(limit=int(limit), left=int(left), resets_in=seconds_until(resets))

    def greet(self) -> Steps[str]:
        try:
            answer = yield self._call("GET", "/api/workspaces")
        except ProviderError as error:
            if not refuses_request(error):
                raise
            listed = yield self._call("GET", "/api/videos/my-videos")
            videos_of(listed.json(), "")
            return "The key is accepted."
        told = answer.json()
        if not isinstance(told, list):
            raise ProviderError("provider", NO_WORKSPACES, code="shape")
        names = [text(each.get("name"), most=80) for each in records(told)]
        known = ", ".join(f"“{name}”" for name in names[:3] if name)
        return f"The key is accepted; it opens {known}." if known else "The key is accepted."

    def submit(self, order: Order) -> Steps[Submitted]:
        """Minutes are charged at once. Without a `config` nothing would be done for them."""
        if not youtube_id(order.address):
            raise ProviderError("input", "ScaleReach takes YouTube pages only.", code="page")
        asked = nested(order.options)
        config = {"clipType": "viral-clips", **record(asked.get("config"))}
        body = {**asked, "youtubeUrl": order.address, "config": config}
        try:
            more: dict[str, Any] = {"budget": "submit", "json": body, "deadline": 90}
            answer = yield self._call("POST", "/api/videos/youtube", **more)
            taken = record(answer.json())
        except ProviderError as error:
            if (error.kind, error.code) == ("auth", "403") and order.options.get("workspaceId"):
                raise ProviderError("input", NOT_ITS_WORKSPACE, code="workspace") from error
            raise unsure(error) from error
        video = record(taken.get("video"))
        remote_id = identity(video.get("id"))
        if not remote_id:
            raise ProviderError("unknown", "ScaleReach took the order but gave no number for it.")
        seconds = number(record(taken.get("videoInfo")).get("duration"), least=0)
        job = job_from(remote_id, taken)
        cost = minutes_for(order, seconds or order.duration, is_estimate=not seconds)
        return Submitted(remote_id=remote_id, state=job.state, word=job.word, cost=cost, raw=taken)

    def poll(self, remote_id: str) -> Steps[RemoteJob]:
        answer = yield self._call("GET", f"{video_path(remote_id)}/status")
        job = job_from(remote_id, record(answer.json()))
        if not job.word:
            raise no_status(self.title)
        if job.state != "partial":
            return job
        answer = yield self._call("GET", f"{video_path(remote_id)}/clips")
        return with_clips(job, answer.json())

    def clips(self, remote_id: str, **filters: Any) -> Steps[tuple[RemoteClip, ...]]:
        asked = asked_for(filters)
        answer = yield self._call("GET", f"{video_path(remote_id)}/clips", params=asked)
        return clips_from(answer.json())

    def find(self, order: Order) -> Steps[list[RemoteJob]]:
        """Every video of the same page. Raises ProviderError where there is none, and a workspace
        can't be read: it may be there. That is no trouble of the account, whose key opens one."""
        wanted, is_whole = youtube_id(order.address), True
        jobs: dict[str, RemoteJob] = {}
        places = yield from self._workspaces(order)
        for place in places:
            query = {"workspaceId": place} if place else None
            try:
                answer = yield self._call("GET", "/api/videos/my-videos", params=query)
            except ProviderError as error:
                if error.code != "403":
                    raise
                is_whole = False
                continue
            jobs |= {job.remote_id: job for job in videos_of(answer.json(), wanted)}
        if not (jobs or is_whole):
            raise ProviderError("provider", NOT_SEEN, code="workspace")
        return sorted(jobs.values(), key=lambda job: job.created_at or LONG_AGO, reverse=True)

    def refresh(self, remote_id: str, clip_id: str) -> Steps[RemoteFile | None]:
        """Addresses live for an hour, and every list signs them anew."""
        try:
            clips = yield from self.clips(remote_id)
        except ProviderError as error:
            if error.kind == "missing":
                return None
            raise
        return file_among(clips, clip_id)

    def delete(self, remote_id: str, *, with_input: bool = False) -> Steps[None]:
        """Takes the video, its clips and their files, at any time; never the page itself."""
        try:
            yield self._call("DELETE", video_path(remote_id))
        except ProviderError as error:
            if error.kind != "missing":
                raise

    def delete_clip(self, remote_id: str, clip_id: str) -> Steps[None]:
        try:
            yield self._call("DELETE", f"/api/clips/{quote(clip_id, '')}")
        except ProviderError as error:
            if error.kind != "missing":
                raise

    def favourite(self, remote_id: str, clip_id: str, *, on: bool) -> Steps[None]:
        """Theirs is a toggle: look first, and look at what came of it."""
        clips = yield from self.clips(remote_id)
        clip = next((clip for clip in clips if clip.remote_id == clip_id), None)
        if clip is None:
            raise ProviderError("missing", "ScaleReach has this clip no longer.")
        if bool(clip.is_favourite) == on:
            return
        try:
            answer = yield self._call("POST", f"/api/clips/{quote(clip_id, '')}/favorite")
        except ProviderError as error:
            if error.kind != "unknown":
                raise
            raise ProviderError("network", error.message, code=error.code) from error
        now = record(record(answer.json_or_none()).get("clip")).get("favorited")
        if isinstance(now, bool) and now != on:
            raise ProviderError("conflict", "The favourite was changed at ScaleReach meanwhile.")

    def estimate(self, order: Order) -> Steps[Cost | None]:
        seconds = order.duration
        if seconds is None:
            seconds = yield from self._length(order)
        return minutes_for(order, seconds, is_estimate=True)

    def _length(self, order: Order) -> Steps[float | None]:
        path, query = "/api/videos/validate-youtube", {"url": order.address}
        try:
            answer = yield self._call("GET", path, params=query, with_key=False, deadline=60)
        except ProviderError as error:
            if error.kind == "missing":
                return None
            raise
        body = record(answer.json())
        if body.get("valid") is False:
            refusal = ProviderError("input", "ScaleReach can't take this page.", code="page")
            raise refusal.described(said=text(body.get("error"), most=300))
        return number(record(body.get("videoInfo")).get("duration"), least=0)

    def _workspaces(self, order: Order) -> Steps[list[str]]:
        """Where to look for a video: [""] stands for wherever the key leads. Raises ProviderError
        where one can't be told: the video may be there."""
        chosen = text(order.options.get("workspaceId"), most=255)
        if chosen:
            return [chosen]
        try:
            answer = yield self._call("GET", "/api/workspaces")
        except ProviderError as error:
            if error.kind not in ("missing", "input"):
                raise
            return [""]
        told = answer.json()
        listed = told if isinstance(told, list) else []
        if len(listed) > MOST_WORKSPACES or not all_named(listed):
            raise ProviderError("provider", TOO_MANY, code="workspaces")
        return [identity(each["id"]) for each in listed] or [""]

    def _call(self, method: str, path: str, **more: Any) -> Call:
        return Call(method, path, **{"budget": "status", **more})


def video_path(remote_id: str) -> str:
    return f"/api/videos/{quote(remote_id, '')}"


def minutes_for(order: Order, seconds: float | None, *, is_estimate: bool) -> Cost | None:
    """ceil(seconds / 60) of the part that is looked at (docs.scalereach.ai, Quickstart)."""
    if seconds is None:
        return None
    start = number(order.options.get("config.timeframeStart"), least=0) or 0
    end = number(order.options.get("config.timeframeEnd"), least=0) or seconds
    part = max(0.0, min(end, seconds) - start)
    return Cost(amount=math.ceil(part / 60), unit="minutes", is_estimate=is_estimate)


def kind_told(status: int, body: dict[str, Any]) -> Kind | None:
    """What the body says of the plan; None where its status tells all."""
    wants_upgrade = body.get("upgradeRequired") is True or "upgrade" in said_in(body).lower()
    known = REASONS.get(text(body.get("reason"), most=60))
    return known or ("input" if status == 403 and wants_upgrade else None)


def said_in(body: dict[str, Any]) -> str:
    said = text(body.get("error"), most=300) or text(body.get("message"), most=300)
    needed, left = number(body.get("minutesNeeded")), number(body.get("minutesRemaining"))
    if needed is None or left is None:
        return said
    return f"{said} ({needed:g} minutes needed, {left:g} left)".strip()


def wait_told(answer: Answer, body: dict[str, Any], known: ProviderError) -> float | None:
    """Seconds from `Retry-After`, the body, or the reset's Unix time, whichever is there first."""
    if known.retry_after is not None:
        return known.retry_after
    told = number(body.get("retryAfter"), least=0)
    resets = moment(answer.headers.get("x-ratelimit-reset"))
    return seconds_until(resets) if told is None else told
