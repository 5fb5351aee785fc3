"""ScaleReach's clips: list with filters, look, download, favourite, delete."""

from __future__ import annotations

from typing import Any

from clipboard.sandbox.scalereach_videos import (
    RENDERED_AFTER,
    STAGES_LATE,
    clips_of,
    is_late,
    stage_of,
)
from clipboard.sandbox.vendor import Ask, Reply, iso
from clipboard.sandbox.words import MOMENTS

ADDRESS_SECONDS = 3600
LONGEST_ADDRESS = 604_800
SORTS = {"score": "score", "duration": "duration", "createdAt": "createdAt"}
STATES = ("detected", "generating", "completed", "ready", "exported", "failed")
DONE = ("completed", "ready", "exported")


def listed(ask: Ask) -> Reply:
    """All at once. What is no valid filter is passed over in silence, and not told back."""
    video = ask.world.get("video", ask.parts["id"])
    if video is None:
        return Reply(404, {"error": "Video not found"})
    found: list[dict[str, Any]] = []
    if stage_of(ask, video) == "completed":
        found = [body_of(ask, clip) for clip in clips_of(ask, video)]
    filters = filters_in(ask)
    kept = [clip for clip in found if passes(clip, filters)]
    kept.sort(key=lambda clip: clip[filters["sortBy"]], reverse=filters["sortOrder"] == "desc")
    body = {"videoId": video["id"], "clips": kept, "count": len(kept), "filters": filters}
    return Reply(200, body)


def no_clip() -> Reply:
    return Reply(404, {"error": "Clip not found"})


def filters_in(ask: Ask) -> dict[str, Any]:
    """
    >>> ask = Ask("GET", "/", {"minScore": ["80"], "maxScore": ["high"], "sortOrder": ["up"]}, {},
    ...           b"", "", None, None)
    >>> filters_in(ask)
    {'minScore': 80, 'sortBy': 'score', 'sortOrder': 'desc'}
    """
    found: dict[str, Any] = {}
    for name in ("minScore", "maxScore"):
        told = ask.param(name)
        if told.replace(".", "", 1).isdecimal() and float(told) <= 100:
            found[name] = float(told) if "." in told else int(told)
    if ask.param("status") in STATES:
        found["status"] = ask.param("status")
    liked = ask.param("favorited").lower()  # clients in Python write True
    if liked in ("true", "false"):
        found["favorited"] = liked == "true"
    order = ask.param("sortOrder")
    return found | {
        "sortBy": SORTS.get(ask.param("sortBy"), "score"),
        "sortOrder": order if order in ("asc", "desc") else "desc",
    }


def passes(clip: dict[str, Any], filters: dict[str, Any]) -> bool:
    return (
        filters.get("minScore", 0) <= clip["score"] <= filters.get("maxScore", 100)
        and filters.get("status", clip["status"]) == clip["status"]
        and filters.get("favorited", clip["favorited"]) == clip["favorited"]
    )


def body_of(ask: Ask, clip: dict[str, Any]) -> dict[str, Any]:
    """Each answer signs new addresses; there is none before the clip is rendered."""
    moment, word = MOMENTS[clip["place"] % len(MOMENTS)], word_of(ask, clip)
    question, statement = moment.title, moment.caption
    return {
        "id": clip["id"],
        "title": moment.title,
        "startTime": clip["start"],
        "endTime": clip["end"],
        "duration": clip["end"] - clip["start"],
        "score": clip["score"],
        "viralityReason": moment.reason,
        "transcript": moment.transcript,
        "downloadUrl": file_of(ask, clip) if word in DONE else None,
        "thumbnailUrl": picture_of(ask, clip) if word in DONE else None,
        "status": word,
        "aspectRatio": clip["aspect"],
        "favorited": clip["favorited"],
        # Objects by its pages, lists in its code.
        "hooks": [question, statement]
        if is_late(ask)
        else {"question": question, "statement": statement},
        "emotions": ["curiosity"] if is_late(ask) else {"primary": "curiosity"},
        "createdAt": iso(clip["made"]),
    }


def word_of(ask: Ask, clip: dict[str, Any]) -> str:
    """The clip's status; by the later reading each is rendered after the one before."""
    if not is_late(ask):
        return "completed"
    video = ask.world.get("video", clip["video"]) or {"made": clip["made"]}
    age = ask.world.now - video["made"] - STAGES_LATE[-1][0]
    begins = RENDERED_AFTER * clip["place"]
    if age < begins:
        return "detected"
    if age < begins + RENDERED_AFTER:
        return "generating"
    return "exported" if clip["exported"] else "ready"


def source_of(clip: dict[str, Any]) -> str:
    return f"youtube:{clip['video']}"


def file_of(ask: Ask, clip: dict[str, Any], *, seconds: float = ADDRESS_SECONDS) -> str:
    name = ask.outputs.clip(
        source_of(clip), start=clip["start"], end=clip["end"], aspect=clip["aspect"]
    )
    return ask.address(name, seconds=seconds)


def picture_of(ask: Ask, clip: dict[str, Any]) -> str:
    name = ask.outputs.picture(source_of(clip), at=clip["start"], aspect=clip["aspect"])
    return ask.address(name, seconds=ADDRESS_SECONDS)


def seen(ask: Ask) -> dict[str, Any] | None:
    """The clip, once its video has come so far."""
    clip = ask.world.get("clip", ask.parts["id"])
    video = ask.world.get("video", clip["video"]) if clip else None
    return clip if video and stage_of(ask, video) == "completed" else None


def look(ask: Ask) -> Reply:
    clip = seen(ask)
    if clip is None:
        return no_clip()
    return Reply(200, body_of(ask, clip) | {"videoId": clip["video"]})


def status(ask: Ask) -> Reply:
    clip = seen(ask)
    if clip is None:
        return no_clip()
    body = body_of(ask, clip)
    told = {"clipId": clip["id"], "status": body["status"], "aspectRatio": clip["aspect"]}
    return Reply(200, told | {"storageUrl": body["downloadUrl"], "errorMessage": None})


def download(ask: Ask) -> Reply:
    """Marks the clip as exported, whether or not anything is then downloaded."""
    clip, told = seen(ask), ask.param("expiresIn", str(ADDRESS_SECONDS))
    if clip is None:
        return no_clip()
    if word_of(ask, clip) not in DONE:
        return Reply(400, {"error": "Clip has not been generated yet"})
    seconds = int(told) if told.isdecimal() and len(told) < 8 else 0
    if not 60 <= seconds <= LONGEST_ADDRESS:
        return Reply(400, {"error": "expiresIn must be between 60 and 604800"})
    ask.world.put("clip", clip["id"], clip | {"exported": True})
    body = {
        "clipId": clip["id"],
        "downloadUrl": file_of(ask, clip, seconds=seconds),
        "expiresIn": seconds,
        "filename": f"{clip['id']}.mp4",
        "status": "exported",
    }
    return Reply(200, body)


def favourite(ask: Ask) -> Reply:
    """A toggle: twice is back."""
    clip = seen(ask)
    if clip is None:
        return no_clip()
    clip |= {"favorited": not clip["favorited"]}
    ask.world.put("clip", clip["id"], clip)
    word = "added to" if clip["favorited"] else "removed from"
    return Reply(200, {"message": f"Clip {word} favorites", "clip": body_of(ask, clip)})


def delete(ask: Ask) -> Reply:
    clip = seen(ask)
    if clip is None:
        return no_clip()
    ask.world.drop("clip", clip["id"])
    return Reply(200, {"message": "Clip deleted successfully"})
