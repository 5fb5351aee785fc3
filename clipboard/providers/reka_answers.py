"""What Reka's answers mean: jobs, clips, errors, and what is left of a budget.

Contract: docs.reka.ai, Vision (Get Clip Status, Errors, Rate Limits) and its OpenAPI document. Not
public, and assumed: how long the addresses of outputs last, and what a failed job says of its cause
(earlier versions had `error_message`).
"""

from __future__ import annotations

import hashlib
from typing import Any

from clipboard.providers.answer import Answer
from clipboard.providers.errors import (
    Kind,
    ProviderError,
    error_for_status,
    no_status,
    retry_after_seconds,
)
from clipboard.providers.model import TERMINAL, Failure, JobState, RemoteClip, RemoteFile, RemoteJob
from clipboard.providers.port import Allowance
from clipboard.providers.reading import (
    MOST_ITEMS,
    hashtags,
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
from clipboard.providers.retry import LONGEST
from clipboard.providers.signed import signed_until, unsigned

# The service's status is a free word: what isn't known here is a stage of a running job.
STATES: dict[str, JobState] = {
    "queued": "queued",
    "processing": "running",
    "completed": "succeeded",
    "failed": "failed",
}
KINDS: dict[str, Kind] = {
    "validation_error": "input",
    "authentication_error": "auth",
    "not_found_error": "missing",
    "rate_limit_error": "rate",
    "rate_limit_exceeded": "rate",
    "server_error": "provider",
}
ASSUMED_SECONDS = 3600
DEFAULT_SCORE = 60


def job_from(remote_id: str, said: Any) -> RemoteJob:
    """Raises ProviderError for an answer without a status."""
    body = record(said)
    word = text(body.get("status"), most=40)
    if not word:
        raise no_status("Reka")
    state = STATES.get(word.lower(), "running")
    return RemoteJob(
        remote_id=remote_id,
        state=state,
        word=word,
        stage="" if word.lower() in STATES else word,
        clips=clips_from(body, state) if state in TERMINAL else None,
        failure=failure_from(body) if state == "failed" else None,
        created_at=moment(body.get("created_at")),
        raw=body,
    )


def clips_from(body: dict[str, Any], state: JobState) -> tuple[RemoteClip, ...] | None:
    """The outputs of an ended job, each once. They have no ids, so each goes by what it says.

    While a job runs its list is said to be empty, so none is a zero only when it has succeeded.
    """
    output = body.get("output")
    if state == "succeeded" and not isinstance(output, (list, type(None))):
        raise nonsense()
    items = output[:MOST_ITEMS] if isinstance(output, list) else []
    is_scored = has_scores(items)
    aspect = text(record(body.get("rendering_config")).get("aspect_ratio"), most=20)
    clips = tuple(
        clip_from(name, item, aspect=aspect.removesuffix("-split"), is_scored=is_scored)
        for name, item in named(records(items)).items()
    )
    return clips if clips or state == "succeeded" else None


def named(items: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The outputs by names that stay theirs when the list is reordered, grows or shrinks: made of
    title and caption, and a number where several say the same. Those are told apart by where their
    files lie: one that is listed twice is one.

    >>> sea = {"title": "Sea", "video_url": "https://s.example/1?Expires=5"}
    >>> hill = {"title": "Hill"}
    >>> sorted(named([sea, hill])) == sorted(named([hill, sea, sea])) == sorted(named([hill, sea]))
    True
    >>> len(named([sea, sea | {"video_url": "https://s.example/2"}]))
    2
    """
    alike: dict[str, dict[str, dict[str, Any]]] = {}
    for item in items:
        words = f"{text(item.get('title'))}\n{text(item.get('caption'))}"
        mark = hashlib.sha256(words.encode()).hexdigest()[:16]
        alike.setdefault(mark, {}).setdefault(unsigned(address_in(item)), item)
    return {
        f"{mark}-{place}" if place else mark: item
        for mark, places in alike.items()
        for place, (_, item) in enumerate(sorted(places.items()))
    }


def address_in(item: dict[str, Any]) -> str:
    """Either of its two addresses may be the only one."""
    return web_address(item.get("signed_s3_video_url")) or web_address(item.get("video_url"))


def has_scores(items: list[Any]) -> bool:
    """Whether the service scored these clips.

    `ai_score` is 60 where nothing was scored, and may be a true 60. Where no clip of the job has
    another score, it is taken for "not scored": as numbers they would rank nothing within the job,
    but would set all of it above or below other jobs. Beside another score, 60 is a score.
    The raw score is kept either way.
    """
    found = (number(record(item).get("ai_score")) for item in items)
    return any(value not in (None, DEFAULT_SCORE) for value in found)


def clip_from(name: str, item: dict[str, Any], *, aspect: str, is_scored: bool) -> RemoteClip:
    file = file_at(web_address(item.get("video_url"))) or file_at(
        web_address(item.get("signed_s3_video_url"))
    )
    raw_score = text(item.get("ai_score"), most=40)
    return RemoteClip(
        remote_id=name,
        state="completed" if file else "failed",
        title=text(item.get("title"), most=500),
        caption=text(item.get("caption")),
        hashtags=hashtags(item.get("hashtags")),
        score=score(item.get("ai_score"), scale=(0, 100)) if is_scored else None,
        raw_score=raw_score,
        scale="0-100" if raw_score else "",
        aspect=aspect,
        file=file,
        failure=None if file else Failure(message="Reka gave no file for this clip."),
    )


def file_at(url: str) -> RemoteFile | None:
    """Until when it lasts is read from the address where it is signed, else a guess."""
    expires_at = signed_until(url)
    if url and expires_at:
        return RemoteFile(url=url, expires_at=expires_at)
    return RemoteFile.for_now(url, seconds=ASSUMED_SECONDS)


def failure_from(body: dict[str, Any]) -> Failure:
    said = sentence(body.get("error_message")) or sentence(words_in(body))
    return Failure(message=said or "Reka gives no reason.", code=code_in(body))


def error_from(answer: Answer) -> ProviderError:
    """Both envelopes, `{error: {type, message, param}}` and `{error: {code, message}}` as shown for
    limits; also a list of faults under `detail`."""
    body = record(answer.json_or_none())
    code = code_in(body)
    return error_for_status(answer.status).described(
        kind=KINDS.get(code), code=code, said=words_in(body), retry_after=wait_in(answer)
    )


def code_in(body: dict[str, Any]) -> str:
    error = record(body.get("error"))
    return text(error.get("type"), most=60) or text(error.get("code"), most=60)


def words_in(body: dict[str, Any]) -> str:
    """The sentence of an error, with the fields that it speaks of; at most 300 characters."""
    error = record(body.get("error"))
    sentences = (error.get("message"), body.get("error"), body.get("message"), body.get("detail"))
    said = next((found for value in sentences if (found := text(value, most=300))), "")
    field = text(error.get("param"), most=100)
    faults = [*records(error.get("details")), *records(body.get("detail"))][:3]
    parts = [f"{said} ({field})" if field else said, *texts(error.get("details"), most=3)]
    return "; ".join(part for part in (*parts, *map(fault_in, faults)) if part)[:300]


def fault_in(item: dict[str, Any]) -> str:
    """
    >>> fault_in({"loc": ["body", "video_urls"], "msg": "Field required"})
    'body.video_urls: Field required'
    """
    where = ".".join(texts(item.get("loc"), most=6)) or text(item.get("param"), most=100)
    said = text(item.get("msg"), most=200) or text(item.get("message"), most=200)
    return f"{where}: {said}" if where and said else said


def wait_in(answer: Answer) -> float | None:
    """Seconds to wait. Every answer has a `retry-after`: 0 means nothing."""
    told = retry_after_seconds(answer.headers.get("retry-after")) or 0
    if not told and answer.status == 429:
        told = number(answer.headers.get("x-ratelimit-requests-reset"), least=0) or 0
    return min(told, LONGEST) or None


def allowance_from(answer: Answer) -> Allowance | None:
    limit, left, resets_in = (
        number(answer.headers.get(f"x-ratelimit-requests-{name}"), least=0)
        for name in ("limit", "remaining", "reset")
    )
    if limit is None and left is None:
        return None
    return Allowance(
        limit=None if limit is None else int(limit),
        left=None if left is None else int(left),
        resets_in=resets_in,
    )


def nonsense() -> ProviderError:
    return ProviderError("provider", "Reka's answer can't be understood.", code="not_understood")
