"""ScaleReach's videos and clips as ours.

A video that says "completed" may be done with all its clips (the vendor's pages) or only with
finding them (its code): a clip counts as done when its file can be had.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from clipboard.providers.errors import ProviderError
from clipboard.providers.model import (
    ClipState,
    Failure,
    JobState,
    RemoteClip,
    RemoteFile,
    RemoteJob,
)
from clipboard.providers.pages import youtube_id
from clipboard.providers.reading import (
    all_named,
    identity,
    moment,
    number,
    record,
    records,
    score,
    sentence,
    text,
    texts,
    web_address,
)

SIGNED_SECONDS = 3600
STATES: dict[str, JobState] = {
    "pending": "queued",
    "pending_config": "queued",
    "completed": "partial",
    "failed": "failed",
    "expired": "expired",
}
CLIP_STATES: dict[str, ClipState] = {
    "detected": "detected",
    "generating": "generating",
    "completed": "completed",
    "ready": "completed",
    "exported": "completed",
    "failed": "failed",
}
STAGES = {"pending_config": "Waits at ScaleReach until its options are chosen there."}


def job_from(remote_id: str, body: dict[str, Any]) -> RemoteJob:
    """From a status answer, `{video, job}`; `job` may be null."""
    video, queued = record(body.get("video")), record(body.get("job"))
    word = text(video.get("status"), most=40)
    state = STATES.get(word.lower(), "running")
    progress = number(queued.get("progress"), least=0, most=100)
    why = sentence(video.get("errorMessage")) or sentence(queued.get("failedReason"))
    return RemoteJob(
        remote_id=remote_id,
        state=state,
        word=word,
        stage=STAGES.get(word.lower(), word.replace("_", " ")),
        progress=None if progress is None else progress / 100,
        failure=Failure(message=why) if state == "failed" else None,
        created_at=moment(video.get("createdAt")),
        raw=body,
    )


def videos_of(body: Any, wanted: str) -> list[RemoteJob]:
    """Those of the page `wanted` in a list of videos, which is bare. Raises ProviderError where
    one can't be read: it may be the very one."""
    listed = body if isinstance(body, list) else record(body).get("videos")
    if not isinstance(listed, list) or not all_named(listed):
        raise ProviderError("provider", "ScaleReach's list of videos can't be read.", code="shape")
    return list(_jobs_among(listed, wanted))


def _jobs_among(listed: list[Any], wanted: str) -> Iterator[RemoteJob]:
    for video in map(record, listed):
        remote_id = identity(video.get("id"))
        if remote_id and wanted and youtube_id(text(video.get("sourceUrl"), most=2000)) == wanted:
            yield job_from(remote_id, {"video": video})


def with_clips(job: RemoteJob, body: Any) -> RemoteJob:
    """A completed video with its list of clips: done when each is rendered or has failed."""
    clips = clips_from(body)
    raw = {**record(job.raw), "clips": body}
    settled = sum(clip.state in {"completed", "failed"} for clip in clips)
    if settled == len(clips):
        return replace(job, state="succeeded", clips=clips, raw=raw)
    stage = f"{settled} of {len(clips)} clips rendered"
    return replace(job, state="partial", stage=stage, clips=clips, raw=raw)


def clips_from(body: Any) -> tuple[RemoteClip, ...]:
    """From a list of clips. Raises ProviderError: what can't be read must not pass for "none"."""
    listed = body if isinstance(body, list) else record(body).get("clips")
    if not isinstance(listed, list) or (listed and not records(listed)):
        raise ProviderError("provider", "ScaleReach's list of clips can't be read.", code="shape")
    found: dict[str, RemoteClip] = {}
    for place, item in enumerate(records(listed)):
        remote_id = identity(item.get("id")) or f"#{place}"
        found.setdefault(remote_id, clip_from(remote_id, item))
    return tuple(found.values())


def clip_from(remote_id: str, item: dict[str, Any]) -> RemoteClip:
    url = web_address(item.get("downloadUrl"))
    state = state_of(text(item.get("status"), most=40), url)
    liked = item.get("favorited")
    raw_score = text(item.get("score"), most=40)
    return RemoteClip(
        remote_id=remote_id,
        state=state,
        title=text(item.get("title"), most=255),
        reason=text(item.get("viralityReason") or item.get("reason"), most=2000),
        transcript=text(item.get("transcript")),
        score=score(item.get("score"), scale=(0, 100)),
        raw_score=raw_score,
        scale="0-100" if raw_score else "",
        ranges=ranges_of(item),
        duration=duration_of(item),
        aspect=text(item.get("aspectRatio"), most=8),
        file=RemoteFile.for_now(url, seconds=SIGNED_SECONDS),
        poster=RemoteFile.for_now(web_address(item.get("thumbnailUrl")), seconds=SIGNED_SECONDS),
        is_favourite=liked if isinstance(liked, bool) else None,
        failure=failure_of(item) if state == "failed" else None,
        extra=extra_of(item),
    )


def state_of(word: str, url: str) -> ClipState:
    """
    >>> state_of("ready", "https://cdn.example/a.mp4"), state_of("ready", "")
    ('completed', 'generating')
    >>> state_of("polishing", ""), state_of("Detected", ""), state_of("failed", "")
    ('generating', 'detected', 'failed')
    """
    state = CLIP_STATES.get(word.lower(), "completed")
    return "generating" if state == "completed" and not url else state


def ranges_of(item: dict[str, Any]) -> tuple[tuple[float, float], ...]:
    start, end = number(item.get("startTime"), least=0), number(item.get("endTime"), least=0)
    return ((start, end),) if start is not None and end is not None and start < end else ()


def duration_of(item: dict[str, Any]) -> float | None:
    told = number(item.get("duration"), least=0)
    return told or next((end - start for start, end in ranges_of(item)), None)


def failure_of(item: dict[str, Any]) -> Failure:
    return Failure(message=sentence(item.get("errorMessage")))


def extra_of(item: dict[str, Any]) -> dict[str, Any]:
    kept = {
        "hooks": few(item.get("hooks")),
        "emotions": few(item.get("emotions")),
        "platforms": few(item.get("recommendedPlatforms")),
        "intro_title": text(item.get("introTitle"), most=255),
        "word": text(item.get("status"), most=40),
    }
    return {name: value for name, value in kept.items() if value}


def few(value: Any) -> dict[str, str] | list[str]:
    """An object or a list, whichever it is, of at most 50 short texts.

    >>> few({"question": "Why?", "odd": [1]}), few(["Why?", None]), few("Why?"), few(None)
    ({'question': 'Why?'}, ['Why?'], ['Why?'], [])
    """
    if isinstance(value, dict):
        pairs = [(text(name, most=60), text(said, most=500)) for name, said in value.items()]
        return {name: said for name, said in pairs[:50] if said}
    return list(texts(value if isinstance(value, list) else [value]))
