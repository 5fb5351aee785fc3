"""sync.so's generations: get (held back if wished), list, delete, download."""

from __future__ import annotations

import time
import uuid
from typing import Any

from clipboard.sandbox.sync_says import refused, words
from clipboard.sandbox.vendor import Ask, Reply, iso
from clipboard.sandbox.world import World, at_stage

STAGES = [(0.0, "PENDING"), (2.0, "PROCESSING"), (8.0, "COMPLETED")]
ENDED = ("COMPLETED", "FAILED", "REJECTED")
DONE_AFTER = STAGES[-1][0]
ADDRESS_SECONDS = 3600
LOOK_AGAIN = 0.05  # seconds, while an answer is held back
LONGEST_CLIP = 60.0


def stage_of(ask: Ask, job: dict[str, Any]) -> str:
    return stage_at(ask.world, job)


def stage_at(world: World, job: dict[str, Any]) -> str:
    said = str(job["input"]) + str(job["options"])
    if "forbidden" in said:
        return "REJECTED"
    stage = at_stage(world.now - job["made"], STAGES)
    return "FAILED" if stage == "COMPLETED" and "broken" in said else stage


def get(ask: Ask) -> Reply:
    """`wait` holds the answer back until the generation has ended or the time is over."""
    job, refusal = named(ask)
    if job is None:
        return refusal
    # Clients in Python write True.
    is_held, extra = ask.param("wait").lower() == "true", ask.param("include").split(",")
    if is_held and "progress" in extra:
        return refused(400, ["wait cannot be combined with include=progress"])
    if not is_held:
        progress = {"progress_percent": progress_of(ask, job)} if "progress" in extra else {}
        return Reply(200, body_of(ask, job) | progress)
    longest, usual = (10, 5) if "later" in ask.world.key else (55, 30)
    seconds = seconds_in(ask.param("timeout", str(usual)))
    if not 1 <= seconds <= longest:
        return refused(400, [f"timeout must be between 1 and {longest}"])
    until = time.monotonic() + seconds
    while stage_of(ask, job) not in ENDED and time.monotonic() < until:
        time.sleep(LOOK_AGAIN)
    headers = {
        "Retry-After": "2",
        "X-Sync-Wait-Mode": "long_poll",
        "X-Sync-Wait-Timeout-Seconds": f"{seconds:g}",
    }
    return Reply(200, body_of(ask, job), headers)


def seconds_in(told: str) -> float:
    return float(told) if told.replace(".", "", 1).isdecimal() and len(told) < 10 else 0


def named(ask: Ask) -> tuple[dict[str, Any] | None, Reply]:
    """The generation of the path, or the refusal."""
    try:
        uuid.UUID(ask.parts["id"])
    except ValueError:
        return None, refused(400, "Invalid generation id", "invalid_generation_id")
    found = ask.world.get("generation", ask.parts["id"])
    return found, refused(404, "Generation not found", "generation_not_found")


def progress_of(ask: Ask, job: dict[str, Any]) -> float:
    return round(min(1.0, (ask.world.now - job["made"]) / DONE_AFTER) * 100, 1)


def listed(ask: Ask) -> Reply:
    """A bare array; newest first where a limit is given, in no promised order where none is."""
    jobs, limit = ask.world.all("generation"), ask.param("limit")
    states, ids = ask.listed("status"), ask.listed("ids")
    cursor, project = ask.param("cursor"), ask.param("projectId")
    if limit and not (limit.isdecimal() and len(limit) < 4 and 1 <= int(limit) <= 100):
        return refused(400, ["limit must be between 1 and 100"])
    if cursor and not limit:
        return refused(400, ["cursor needs a limit"])
    if cursor:
        at = [job["id"] for job in jobs].index(cursor) if ask.world.get("generation", cursor) else 0
        jobs = jobs[at + 1 :]
    found = [
        job
        for job in jobs
        if (not states or stage_of(ask, job) in states)
        and (not ids or job["id"] in ids)
        and (not project or job["projectId"] == project)
    ]
    chosen = found[: int(limit)] if limit else found[::-1]
    return Reply(200, [body_of(ask, job) for job in chosen])


def delete(ask: Ask) -> Reply:
    job, refusal = named(ask)
    if job is None:
        return refusal
    if stage_of(ask, job) not in ENDED:
        code = "generation_not_deletable_while_processing"
        return refused(409, "The generation is still being processed", code)
    body = body_of(ask, job)
    ask.world.drop("generation", job["id"])
    return Reply(200, body)


def download(ask: Ask) -> Reply:
    """The address itself, as plain text."""
    job, refusal = named(ask)
    if job is None:
        return refusal
    if stage_of(ask, job) != "COMPLETED":
        return refused(409, "The generation has no output yet", "generation_conflict")
    return Reply(200, str(output_of(ask, job)))


def body_of(ask: Ask, job: dict[str, Any]) -> dict[str, Any]:
    stage = stage_of(ask, job)
    names = ("id", "model", "input", "options", "segments", "webhookUrl", "projectId")
    body = {name: job[name] for name in names} | {
        "status": stage,
        "createdAt": iso(job["made"]),
        "outputUrl": None,
        "outputDuration": None,
        "outputFileName": f"{job['name']}.mp4" if job["name"] else None,
        "error": None,
        "errorCode": None,
        "segmentOutputUrl": None,
    }
    if stage in ("FAILED", "REJECTED"):
        code = code_of(stage)
        return body | {"error": words(code), "errorCode": code}
    if stage == "COMPLETED":
        body |= {"outputUrl": output_of(ask, job), "outputDuration": length_of(ask, job)}
        if "later" in ask.world.key:
            body["outputMediaUrl"] = body["outputUrl"]
    scripts = [item["provider"]["script"] for item in job["input"] if item["type"] == "text"]
    if scripts and stage != "PENDING":
        sound = ask.outputs.sound(str(scripts[0]))
        body["synthesizedAudioUrl"] = ask.address(sound, seconds=ADDRESS_SECONDS)
    return body


def code_of(stage: str) -> str:
    rejected = "generation_input_validation_failed"
    return rejected if stage == "REJECTED" else "generation_pipeline_failed"


def sight_of(ask: Ask, job: dict[str, Any]) -> str:
    """The address of the picture that the lips are changed in."""
    item = next(item for item in job["input"] if item["type"] in ("video", "image"))
    asset = ask.world.get("asset", str(item.get("assetId")))
    return str(asset["url"] if asset else item.get("url"))


def length_of(ask: Ask, job: dict[str, Any]) -> float:
    return min(LONGEST_CLIP, ask.outputs.length(sight_of(ask, job)))


def output_of(ask: Ask, job: dict[str, Any]) -> str:
    name = ask.outputs.clip(sight_of(ask, job), start=0, end=length_of(ask, job), aspect="source")
    return ask.address(name, seconds=ADDRESS_SECONDS)
