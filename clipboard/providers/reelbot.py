"""ReelBot: makes one video out of material that lies in its own library.

Contract: help.reelbot.space, developer API (Generate Video, Check Status, Download Video, Rate
Limits, Error Handling). What a successful generate answers is not public: only `projectId` is read.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import quote

from clipboard.providers.answer import Answer
from clipboard.providers.errors import Kind, ProviderError, error_for_status, no_status
from clipboard.providers.model import (
    Cost,
    Failure,
    JobState,
    Order,
    RemoteClip,
    RemoteFile,
    RemoteJob,
    Submitted,
)
from clipboard.providers.options import Option
from clipboard.providers.port import Allowance, Budget, Call, Pace, Provider, Steps
from clipboard.providers.reading import (
    identity,
    moment,
    number,
    record,
    sentence,
    text,
    web_address,
)
from clipboard.providers.retry import seconds_until

STATES: dict[str, JobState] = {
    "queued": "queued",
    "processing": "running",
    "completed": "partial",
    "failed": "failed",
}
KINDS: dict[str, Kind] = {
    "UNAUTHORIZED": "auth",
    "QUOTA_EXCEEDED": "payment",
    "RATE_LIMITED": "rate",
    "NOT_FOUND": "missing",
    "OUTPUT_NOT_FOUND": "missing",
    "VIDEO_NOT_READY": "conflict",
    "KEY_LIMIT_REACHED": "conflict",
    "SERVICE_UNAVAILABLE": "provider",
}
NO_PROJECT = {"NOT_FOUND", "INVALID_PROJECT_ID"}
ONLY_CLIP = "output"
PRICE = Cost(amount=1, unit="credits")  # for each video that is made (Rate Limits)
SIGNED_SECONDS = 3600  # by its pages; each answer says so too
BAD_TRIMS = "Give each key a startTime and a later endTime, in seconds."
SOUND, LOOK = "Music and own voice-over", "Trims and look"


class ReelBot(Provider):
    name = "reelbot"
    title = "ReelBot"
    base_url = "https://reelbot.space"
    key_hint = "rb_live_ and 40 characters"
    makes = "video"
    takes = frozenset({"keys"})
    budgets = (
        Budget(name="generate", calls=10, seconds=3600),
        Budget(name="status", calls=60, seconds=60),
        Budget(name="download", calls=30, seconds=3600),
    )
    poll_budgets = frozenset({"status", "download"})
    can_estimate = True
    not_taken = frozenset({"SERVICE_UNAVAILABLE", "CONFIG_ERROR"})
    # A video takes minutes; its file may have to wait for an hour's limit of downloads.
    pace = Pace(first=5, slowest=15, deadline=1800 + 3600)
    options = (
        Option(
            name="videoType",
            label="Kind",
            kind="choice",
            choices=(("narrated", "Narrated"), ("cinematic", "Cinematic")),
            is_required=True,
        ),
        Option(name="topic", label="Topic", kind="text", most=500, is_required=True),
        Option(
            name="brollKeys",
            label="Footage",
            kind="list",
            least=1,
            most=20,
            is_required=True,
            help="Keys in your ReelBot library, one a line, such as users/…/b-roll/sea.mp4.",
        ),
        Option(
            name="script",
            label="Script",
            kind="long_text",
            most=5000,
            needed_when=("videoType", "narrated"),
        ),
        Option(name="voiceId", label="Voice", kind="text", help="An Amazon Polly voice: joanna."),
        Option(
            name="scriptDuration",
            label="Length",
            kind="whole",
            default=30,
            least=1,
            unit="s",
        ),
        Option(
            name="aspectRatio",
            label="Shape",
            kind="choice",
            default="9:16",
            choices=(("9:16", "9:16"), ("16:9", "16:9"), ("1:1", "1:1")),
        ),
        Option(
            name="voiceoverKey",
            label="Own voice-over",
            kind="text",
            group=SOUND,
            help="A key in your library, instead of a voice.",
        ),
        Option(name="voiceoverSpeechMarksKey", label="Its speech marks", kind="text", group=SOUND),
        Option(
            name="musicKey",
            label="Music",
            kind="text",
            group=SOUND,
            help="A key in your library.",
        ),
        Option(
            name="assetTrimSettings",
            label="Trims",
            kind="json",
            group=LOOK,
            help='{"key": {"startTime": 0, "endTime": 4.5}}, in seconds.',
        ),
        Option(name="captionSize", label="Caption size", kind="text", default="medium", group=LOOK),
        Option(name="tone", label="Tone", kind="text", default="professional", group=LOOK),
        Option(name="brandPreset", label="Brand preset", kind="text", group=LOOK),
    )

    def headers(self, key: str) -> dict[str, str]:
        return {"X-API-Key": key}

    def error_from(self, answer: Answer) -> ProviderError:
        body = record(answer.json_or_none())
        code = text(body.get("code"), most=60)
        known = error_for_status(answer.status, retry_after=answer.headers.get("retry-after"))
        kind = KINDS.get(code, known.kind)
        return known.described(
            kind=kind,
            code=code,
            said=text(body.get("message"), most=300),
            retry_after=wait_told(answer, body, known) if kind == "rate" else None,
        )

    def allowance_from(self, answer: Answer) -> Allowance | None:
        left = number(answer.headers.get("x-ratelimit-remaining"), least=0)
        if left is None:
            return None
        resets = moment(answer.headers.get("x-ratelimit-reset"))
        return Allowance(left=int(left), resets_in=seconds_until(resets))

    def wrong_with(self, options: dict[str, Any]) -> dict[str, str]:
        is_spoken = options.get("voiceId") or options.get("voiceoverKey")
        if options.get("videoType") == "narrated" and not is_spoken:
            return {"voiceId": "Choose a voice, or give your own voice-over."}
        trims = options.get("assetTrimSettings", {})
        good = isinstance(trims, dict) and all(map(is_trim, trims.values()))
        return {} if good else {"assetTrimSettings": BAD_TRIMS}

    def greet(self) -> Steps[str]:
        """There is no call for it: a project that cannot exist is asked for. Only ReelBot's own
        word that there is none proves a key: any other server knows nothing of it either."""
        try:
            answer = yield Call("GET", "/api/v1/video/status/connection-test", budget="status")
        except ProviderError as error:
            if error.code not in NO_PROJECT:
                raise
        else:
            if not job_from("", record(answer.json())).word:
                raise no_status(self.title)
        return "The key is accepted."

    def submit(self, order: Order) -> Steps[Submitted]:
        answer = yield Call("POST", "/api/v1/video/generate", budget="generate", json=order.options)
        body = record(answer.json())
        project = identity(body.get("projectId"))
        if not project:
            raise ProviderError("unknown", "ReelBot took the order but gave no number for it.")
        return Submitted(remote_id=project, word=text(body.get("status"), most=40), raw=body)

    def poll(self, remote_id: str) -> Steps[RemoteJob]:
        answer = yield Call("GET", f"/api/v1/video/status/{quote(remote_id, '')}", budget="status")
        job = job_from(remote_id, record(answer.json()))
        if not job.word:
            raise no_status(self.title)
        if job.state != "partial":
            return job
        try:
            return with_file(job, (yield from self._file(remote_id)))
        except ProviderError as error:
            if error.kind == "rate":  # the file is there; its address can be had later
                return replace(job, look_again_after=error.retry_after)
            if error.code != "OUTPUT_NOT_FOUND":
                raise
            return with_file(job, None)

    def refresh(self, remote_id: str, clip_id: str) -> Steps[RemoteFile | None]:
        try:
            return (yield from self._file(remote_id))
        except ProviderError as error:
            if error.kind == "missing":
                return None
            raise

    def estimate(self, order: Order) -> Steps[Cost | None]:
        yield from ()
        return PRICE

    def _file(self, remote_id: str) -> Steps[RemoteFile]:
        path = f"/api/v1/video/download/{quote(remote_id, '')}"
        answer = yield Call("GET", path, budget="download")
        body = record(answer.json())
        url = web_address(body.get("downloadUrl"))
        assumed = RemoteFile.for_now(url, seconds=SIGNED_SECONDS)
        if assumed is None:
            raise ProviderError("provider", "ReelBot's answer holds no address.", code="no_address")
        until = moment(body.get("expiresAt"))
        return RemoteFile(url=url, expires_at=until) if until else assumed


def is_trim(value: Any) -> bool:
    """
    >>> is_trim({"startTime": 0, "endTime": 4.5}), is_trim({"startTime": 5}), is_trim(3)
    (True, False, False)
    """
    told = record(value)
    start, end = number(told.get("startTime"), least=0), number(told.get("endTime"))
    return start is not None and end is not None and start < end


def wait_told(answer: Answer, body: dict[str, Any], known: ProviderError) -> float | None:
    """Seconds from `Retry-After`, else until the moment that the body or a header names."""
    if known.retry_after is not None:
        return known.retry_after
    named = record(body.get("details")).get("resetAt") or answer.headers.get("x-ratelimit-reset")
    return seconds_until(moment(named))


def job_from(remote_id: str, body: dict[str, Any]) -> RemoteJob:
    word = text(body.get("status"), most=40)
    state = STATES.get(word.lower(), "running")
    return RemoteJob(
        remote_id=remote_id,
        state=state,
        word=word,
        stage=text(body.get("message"), most=200),
        failure=Failure(message=sentence(body.get("error"))) if state == "failed" else None,
        created_at=moment(body.get("createdAt")),
        raw=body,
    )


def with_file(job: RemoteJob, file: RemoteFile | None) -> RemoteJob:
    clip = RemoteClip(remote_id=ONLY_CLIP, state="completed" if file else "failed", file=file)
    return replace(job, state="succeeded" if file else "expired", clips=(clip,), cost=PRICE)
