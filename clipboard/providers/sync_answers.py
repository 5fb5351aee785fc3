"""Reading what sync.so says: its jobs, its prices and its errors."""

from __future__ import annotations

import re
from typing import Any

from clipboard.providers.answer import Answer
from clipboard.providers.errors import (
    Kind,
    ProviderError,
    error_for_status,
    no_status,
    retry_after_seconds,
)
from clipboard.providers.model import (
    Cost,
    Failure,
    JobState,
    RemoteClip,
    RemoteFile,
    RemoteJob,
)
from clipboard.providers.reading import (
    identity,
    moment,
    number,
    record,
    records,
    sentence,
    text,
    texts,
    web_address,
)
from clipboard.providers.retry import LONGEST

STATES: dict[str, JobState] = {
    "PENDING": "queued",
    "PROCESSING": "running",
    "COMPLETED": "succeeded",
    "FAILED": "failed",
    "REJECTED": "rejected",
    "CANCELED": "cancelled",
    "CANCELLED": "cancelled",
}
ONLY_CLIP = "output"
URL_LASTS = 3600.0  # seconds; not public, a cautious guess

# What a code means, the first that fits. The service tells codes, messages and advice, but not
# whether to try again: that follows from their names. What the plan doesn't allow for this one
# order is no trouble of the account.
PATTERNS: tuple[tuple[str, Kind], ...] = (
    (r"INVALID_IDEMPOTENCY_KEY", "input"),
    (r"IDEMPOTENCY_.*", "unknown"),
    (r"(rate|concurrency)_limit_(exceeded|reached)", "rate"),
    (r"(account|free_tier)_.*", "payment"),
    (r"(generation_)?plan_.*", "input"),
    (r"generation_not_found", "missing"),
    (r"generation_(conflict|not_deletable_while_processing)|voice_clone_busy", "conflict"),
    (r"(generation_)?(infra|controller)_.*|internal_error", "provider"),
    (r"generation_(pipeline_failed|unknown_error)", "provider"),
    (r".*_(timeout|unavailable)", "provider"),
    (r"(generation_)?(input|unsupported|invalid|model)_.*", "input"),
    (r"(voice|asset|project|uploaded_file|file|dubbing|elevenlabs)_.*", "input"),
)
MEANINGS = tuple((re.compile(pattern, re.IGNORECASE), kind) for pattern, kind in PATTERNS)


def meaning(code: str) -> Kind | None:
    """
    >>> meaning("generation_infra_storage_error"), meaning("account_on_hold")
    ('provider', 'payment')
    >>> meaning("generation_input_video_inaccessible"), meaning("something_new")
    ('input', None)
    """
    return next((kind for pattern, kind in MEANINGS if pattern.fullmatch(code)), None)


def may_help_to_repeat(code: str) -> bool:
    """Whether the same job may succeed when it is ordered once more."""
    return meaning(code) in ("provider", "rate", "conflict")


def code_in(body: dict[str, Any]) -> str:
    """`errorCode` when polled, `error_code` in webhooks."""
    return text(body.get("errorCode") or body.get("error_code"), most=100)


def error_in(answer: Answer) -> ProviderError:
    """The error that an answer of 400 or more means."""
    body = record(answer.json_or_none())
    code = code_in(body)
    message = body.get("message")
    known = error_for_status(answer.status, retry_after=answer.headers.get("retry-after"))
    wait = number(body.get("retryAfterSeconds"), least=0)
    return known.described(
        kind=meaning(code),
        code=code,
        said=(text(message) or "; ".join(texts(message)))[:300],
        retry_after=None if wait is None else min(wait, LONGEST),
        remote_id=identity(body.get("generationId")),
    )


def job_in(answer: Answer, remote_id: str) -> RemoteJob:
    """The job in the answer to a poll. Raises ProviderError("provider") where there is none."""
    body = record(answer.json())
    if not text(body.get("status"), most=40):
        raise no_status("sync.so")
    wait = retry_after_seconds(answer.headers.get("retry-after"))
    return job_from(body, remote_id, look_again_after=wait)


def job_from(
    body: dict[str, Any], remote_id: str, *, look_again_after: float | None = None
) -> RemoteJob:
    word = text(body.get("status"), most=40)
    state = STATES.get(word.upper(), "running")
    clip = _clip_from(body) if state == "succeeded" else None
    if clip and not clip.file:
        state = "partial"
    percent = number(body.get("progress_percent"), least=0, most=100)
    return RemoteJob(
        remote_id=remote_id,
        state=state,
        word=word,
        progress=None if percent is None else percent / 100,
        clips=(clip,) if clip else None,
        failure=_failure_in(body) if state in ("failed", "rejected") else None,
        look_again_after=look_again_after,
        created_at=moment(body.get("createdAt")),
        raw=body,
    )


def jobs_in(told: list[Any]) -> list[RemoteJob]:
    """Those of a list that have an id."""
    named = [(identity(item.get("id")), item) for item in records(told)]
    return [job_from(item, remote_id) for remote_id, item in named if remote_id]


def _clip_from(body: dict[str, Any]) -> RemoteClip:
    file = _file_in(body)
    extra = {
        name: address
        for name in ("synthesizedAudioUrl", "segmentOutputUrl")
        if (address := web_address(body.get(name)))
    }
    return RemoteClip(
        remote_id=ONLY_CLIP,
        state="completed" if file else "generating",
        title=text(body.get("outputFileName"), most=255),
        duration=number(body.get("outputDuration"), least=0, most=1e6),
        file=file,
        extra=extra,
    )


def _file_in(body: dict[str, Any]) -> RemoteFile | None:
    """Later answers call it outputMediaUrl, and keep outputUrl as another name for it."""
    url = web_address(body.get("outputMediaUrl")) or web_address(body.get("outputUrl"))
    return RemoteFile.for_now(url, seconds=URL_LASTS)


def _failure_in(body: dict[str, Any]) -> Failure:
    code = code_in(body)
    return Failure(
        message=sentence(body.get("error")),
        code=code,
        may_help_to_repeat=may_help_to_repeat(code),
    )


def cost_in(value: Any) -> Cost | None:
    """From the list that /v2/analyze/cost answers, or the one object of its successor."""
    parts = records(value) or [record(value)]
    for name, unit in (("estimatedGenerationCost", "USD"), ("estimatedCredits", "credits")):
        amounts = [number(part.get(name), least=0) for part in parts]
        known = [amount for amount in amounts if amount is not None]
        if known:
            return Cost(amount=sum(known), unit=unit, is_estimate=True)
    return None


def catalogue_in(value: Any) -> dict[str, Failure]:
    """What GET /v2/errors answers, by code."""
    entries = ((text(entry.get("code"), most=100), entry) for entry in records(value))
    return {
        code: Failure(
            message=text(entry.get("message"), most=400),
            code=code,
            suggestion=text(entry.get("suggestion"), most=400),
        )
        for code, entry in entries
        if code
    }
