"""Reka's clip jobs: create, look, list, delete."""

from __future__ import annotations

import json
import time
import uuid
from typing import Any

from clipboard.sandbox.reka_says import invalid, unknown
from clipboard.sandbox.reka_wanted import DEFAULTS, wrong_with
from clipboard.sandbox.vendor import Ask, Reply, iso
from clipboard.sandbox.words import MOMENTS, spread
from clipboard.sandbox.world import at_stage

# The status is a free word: "preprocessing" stands for those that no page lists.
STAGES = [(0.0, "queued"), (2.0, "preprocessing"), (4.0, "processing"), (8.0, "completed")]
ENDED = ("completed", "failed")
ADDRESS_SECONDS = 3600
AUTOMATIC = 3  # clips, where nothing was said; more for recordings over 45 minutes
SCORES = (85, 72, 60)
LONGEST = 12.0  # seconds; what is wanted may be longer, but this is only for show
PAGE = 20
LOOK_AGAIN = 0.05  # seconds, while events are gathered


def create(ask: Ask) -> Reply:
    asked = ask.json()
    asked = asked if isinstance(asked, dict) else {}
    if problem := wrong_with(asked):
        return invalid(*problem)
    job = {
        "id": str(uuid.uuid4()),
        "made": ask.world.now,
        "video_urls": asked["video_urls"],
        "prompt": asked.get("prompt") or DEFAULTS["prompt"],
        "generation_config": DEFAULTS["generation_config"] | (asked.get("generation_config") or {}),
        "rendering_config": DEFAULTS["rendering_config"] | (asked.get("rendering_config") or {}),
    }
    ask.world.put("clips", job["id"], job)
    ask.world.bill(job["id"], "clips", 1, "requests")
    return streamed(ask, job) if asked.get("stream") is True else Reply(202, body_of(ask, job))


def streamed(ask: Ask, job: dict[str, Any]) -> Reply:
    """Its statuses as events, the last with what came of it; they arrive when it is over."""
    events: list[dict[str, Any]] = []
    until = time.monotonic() + STAGES[-1][0] + 2
    while not events or (events[-1]["status"] not in ENDED and time.monotonic() < until):
        body = body_of(ask, job)
        if not events or events[-1]["status"] != body["status"]:
            events.append(body)
        time.sleep(LOOK_AGAIN)
    text = "".join(f"data: {json.dumps(event)}\n\n" for event in events)
    return Reply(200, text, {"Content-Type": "text/event-stream"})


def status(ask: Ask) -> Reply:
    job = ask.world.get("clips", ask.parts["id"])
    return unknown("Generation") if job is None else Reply(200, body_of(ask, job))


def listed(ask: Ask) -> Reply:
    """Light items, no total, no link to a next page."""
    offset, limit = whole(ask.param("offset"), 0), whole(ask.param("limit"), PAGE)
    if offset is None or not limit:
        return invalid("offset and limit must be whole numbers", "offset")
    wanted = ask.param("status")
    jobs = [job for job in ask.world.all("clips") if wanted in ("", stage_of(ask, job))]
    items = [
        {name: job[name] for name in ("id", "video_urls", "prompt")}
        | {"status": stage_of(ask, job)}
        for job in jobs[offset : offset + limit]
    ]
    return Reply(200, {"items": items})


def delete(ask: Ask) -> Reply:
    job = ask.world.get("clips", ask.parts["id"])
    if job is None:
        return unknown("Generation")
    if stage_of(ask, job) not in ENDED:
        return invalid("Only a completed or failed generation can be deleted", "id")
    ask.world.drop("clips", job["id"])
    if ask.fields().get("delete_input_video") is True:
        for video in ask.world.all("video"):
            if any(f"/files/{video['file']}?" in url for url in job["video_urls"]):
                ask.world.drop("video", video["id"])
    return Reply(200, {"success": True})


def whole(told: str, default: int) -> int | None:
    if not told:
        return default
    return int(told) if told.isdecimal() and len(told) < 10 else None


def stage_of(ask: Ask, job: dict[str, Any]) -> str:
    stage = at_stage(ask.world.now - job["made"], STAGES)
    is_missing = any("missing" in url for url in job["video_urls"])
    return "failed" if is_missing and stage == "completed" else stage


def body_of(ask: Ask, job: dict[str, Any]) -> dict[str, Any]:
    stage = stage_of(ask, job)
    body = {name: value for name, value in job.items() if name != "made"} | {
        "status": stage,
        "created_at": iso(job["made"]),
        "updated_at": iso(ask.world.now),
        "output": outputs_of(ask, job) if stage == "completed" else [],
    }
    if stage == "failed":
        body["error_message"] = "The input video could not be downloaded"
    return body


def outputs_of(ask: Ask, job: dict[str, Any]) -> list[dict[str, Any]]:
    """They have no ids, and the addresses of each answer are new ones."""
    if "nothing" in job["prompt"]:
        return []
    wanted = job["generation_config"]
    source = job["video_urls"][0]
    until = wanted.get("source_end_time") or ask.outputs.length(source)
    ranges = spread(
        wanted.get("num_generations") or AUTOMATIC,
        least=wanted.get("source_start_time") or 0,
        most=until,
        longest=min(LONGEST, wanted.get("max_duration_seconds") or LONGEST),
    )
    return [output_of(ask, job, place, *part) for place, part in enumerate(ranges)]


def output_of(
    ask: Ask, job: dict[str, Any], place: int, start: float, end: float
) -> dict[str, Any]:
    moment = MOMENTS[place % len(MOMENTS)]
    name = ask.outputs.clip(
        job["video_urls"][0],
        start=start,
        end=end,
        aspect=str(job["rendering_config"]["aspect_ratio"]).removesuffix("-split"),
    )
    address = ask.address(name, seconds=ADDRESS_SECONDS)
    return {
        "title": moment.title,
        # Either may be the only one that is there.
        "video_url": None if place % 3 == 2 else address,
        "signed_s3_video_url": address,
        "caption": moment.caption,
        "hashtags": list(moment.hashtags),
        "ai_score": SCORES[place % len(SCORES)],
    }
