"""Vizard: finds clips in a recording, by address or on a page.

Contract: docs.vizard.ai (Minimum Setup, Advanced Options, Response, Retrieve Output Videos, Rate
Limit, Pricing). Every answer has the HTTP status 200; its `code` tells what it means.
"""

from __future__ import annotations

import json
import math
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote, urlsplit

from clipboard.providers.answer import Answer
from clipboard.providers.errors import (
    SENTENCES,
    Kind,
    ProviderError,
    error_for_status,
    no_status,
    unsure,
)
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
from clipboard.providers.pages import youtube_id
from clipboard.providers.port import Budget, Call, Pace, Provider, Steps, file_in
from clipboard.providers.reading import (
    identity,
    number,
    record,
    records,
    score,
    sentence,
    text,
    texts,
    web_address,
)

PROCESSING, DONE = "1000", "2000"
KINDS: dict[str, Kind] = {
    "4001": "auth",
    "4002": "provider",
    "4003": "rate",
    "4004": "input",
    "4005": "input",
    "4006": "input",
    "4007": "payment",
    "4008": "input",
    "4009": "input",
    "4010": "input",
}
WHY = {
    "4002": "Vizard failed to make clips.",
    "4004": "Vizard doesn't take this video format.",
    "4005": "Vizard can't read this video.",
    "4007": "The Vizard account has too few minutes left.",
    "4008": "Vizard couldn't download the video.",
    "4009": "Vizard doesn't accept the video's address.",
    "4010": "Vizard couldn't tell the spoken language: choose it.",
}
ABOUT_THE_CALL = {"4001", "4003", "4006"}  # when asking after a job; the other codes speak of it
SIGNED_SECONDS = 3 * 3600
FILES = {".mp4": "mp4", ".mov": "mov", ".avi": "avi", ".3gp": "3gp", "": "mp4"}
PAGES = {
    "drive.google.com": 3,
    "vimeo.com": 4,
    "streamyard.com": 5,
    "tiktok.com": 6,
    "twitter.com": 7,
    "x.com": 7,
    "rumble.com": 8,
    "twitch.tv": 9,
    "loom.com": 10,
    "facebook.com": 11,
    "linkedin.com": 12,
}


class Vizard(Provider):
    name = "vizard"
    title = "Vizard"
    base_url = "https://elb-api.vizard.ai/hvizard-server-front/open-api/v1"
    takes = frozenset({"address", "page"})
    # Allowed are 3 a minute and 20 an hour: this keeps both.
    budgets = (Budget(name="create", calls=3, seconds=540),)
    pace = Pace(first=30, slowest=120, deadline=6 * 3600)
    can_estimate = True
    options = (
        Option(name="lang", label="Spoken language", kind="text", default="auto", most=10),
        Option(
            name="preferLength",
            label="Length of clips",
            kind="choice",
            default="0",
            choices=(
                ("0", "Automatic"),
                ("1", "Under 30 s"),
                ("2", "30 to 60 s"),
                ("3", "60 to 90 s"),
                ("4", "90 s to 3 min"),
                ("1,2", "Up to 60 s"),
                ("1,2,3", "Up to 90 s"),
                ("2,3", "30 to 90 s"),
            ),
        ),
        Option(
            name="ratioOfClip",
            label="Shape",
            kind="choice",
            default="1",
            choices=(("1", "9:16"), ("2", "1:1"), ("3", "4:5"), ("4", "16:9")),
        ),
        Option(name="maxClipNumber", label="At most", kind="whole", least=1, most=100),
        Option(
            name="keywords",
            label="Topics",
            kind="text",
            most=500,
            help="Only moments about these; there may be none.",
        ),
        Option(name="templateId", label="Template", kind="whole", least=1, help="Its number."),
        Option(name="subtitleSwitch", label="Captions", kind="switch", default=True),
        Option(name="headlineSwitch", label="Title at the start", kind="switch", default=True),
        Option(name="emojiSwitch", label="Emoji in captions", kind="switch", default=False),
        Option(name="highlightSwitch", label="Mark keywords", kind="switch", default=False),
        Option(name="autoBrollSwitch", label="B-roll", kind="switch", default=False),
        Option(name="removeSilenceSwitch", label="Cut silence", kind="switch", default=False),
    )

    def headers(self, key: str) -> dict[str, str]:
        return {"VIZARDAI_API_KEY": key}

    def error_from(self, answer: Answer) -> ProviderError:
        body = record(answer.json_or_none())
        known = error_for_status(answer.status, retry_after=answer.headers.get("retry-after"))
        code = code_of(body)
        return known.described(kind=KINDS.get(code), code=code, said=said_in(body))

    def greet(self) -> Steps[str]:
        answer = yield Call("GET", "/project/social-accounts")
        body = record(answer.json())
        if code_of(body) != DONE:
            raise error_in(body) if code_of(body) in KINDS else no_status(self.title)
        return "The key is accepted."

    def submit(self, order: Order) -> Steps[Submitted]:
        sent = request_for(order)
        try:
            answer = yield Call("POST", "/project/create", budget="create", json=sent)
            body = record(answer.json())
        except ProviderError as error:
            raise unsure(error) from error
        if code_of(body) in KINDS:
            raise error_in(body)
        remote_id = identity(body.get("projectId"))
        if code_of(body) != DONE or not remote_id:
            raise ProviderError("unknown", "Vizard's answer doesn't say whether it took the order.")
        return Submitted(remote_id=remote_id, word=DONE, cost=minutes(order), raw=body)

    def poll(self, remote_id: str) -> Steps[RemoteJob]:
        answer = yield Call("GET", f"/project/query/{quote(remote_id, '')}")
        return job_from(remote_id, record(answer.json()))

    def refresh(self, remote_id: str, clip_id: str) -> Steps[RemoteFile | None]:
        job = yield from self.poll(remote_id)
        return file_in(job, clip_id)

    def estimate(self, order: Order) -> Steps[Cost | None]:
        yield from ()
        return minutes(order)


def request_for(order: Order) -> dict[str, Any]:
    """Every declared option under its own name, as the numbers that Vizard wants."""
    body: dict[str, Any] = {"lang": "auto", **order.options, **place_of(order.address)}
    lengths = text(order.options.get("preferLength")) or "0"
    body["preferLength"] = [int(each) for each in lengths.split(",")]
    if "ratioOfClip" in body:
        body["ratioOfClip"] = int(body["ratioOfClip"])
    if order.title:
        body["projectName"] = order.title[:200]
    return {name: int(value) if isinstance(value, bool) else value for name, value in body.items()}


def place_of(address: str) -> dict[str, Any]:
    """Where the video is. Raises ProviderError("input") for a file that Vizard doesn't take.

    >>> place_of("https://youtu.be/wVXAFlueS9Y")
    {'videoUrl': 'https://youtu.be/wVXAFlueS9Y', 'videoType': 2}
    >>> place_of("https://clips.example/media/talk.MOV?s=1")
    {'videoUrl': 'https://clips.example/media/talk.MOV?s=1', 'videoType': 1, 'ext': 'mov'}
    """
    if youtube_id(address):
        return {"videoUrl": address, "videoType": 2}
    parts = urlsplit(address)
    host = f".{parts.hostname}"
    for site, number_of_site in PAGES.items():
        if host.endswith(f".{site}"):
            return {"videoUrl": address, "videoType": number_of_site}
    ext = FILES.get(PurePosixPath(parts.path).suffix.lower())
    if ext is None:
        raise ProviderError("input", "Vizard takes MP4, MOV, AVI and 3GP files only.", code="4004")
    return {"videoUrl": address, "videoType": 1, "ext": ext}


def job_from(remote_id: str, body: dict[str, Any]) -> RemoteJob:
    """Raises ProviderError for a code that speaks of the call and not of the job."""
    code = code_of(body)
    if code in ABOUT_THE_CALL:
        raise error_in(body)
    if code in KINDS:
        failure = Failure(message=WHY.get(code) or sentence(said_in(body)), code=code)
        return RemoteJob(remote_id=remote_id, state="failed", word=code, failure=failure, raw=body)
    if not code:
        raise no_status("Vizard")
    if code != DONE:
        return RemoteJob(remote_id=remote_id, state="running", word=code, raw=body)
    if not isinstance(body.get("videos"), list):
        raise ProviderError("provider", "Vizard's list of clips can't be read.", code="shape")
    videos = enumerate(records(body["videos"]))
    named = {identity(video.get("videoId")) or f"#{place}": video for place, video in videos}
    clips = tuple(clip_from(remote_id, video) for remote_id, video in named.items())
    state: JobState = "succeeded" if all(clip.file for clip in clips) else "partial"
    return RemoteJob(remote_id=remote_id, state=state, word=code, clips=clips, raw=body)


def clip_from(remote_id: str, item: dict[str, Any]) -> RemoteClip:
    file = RemoteFile.for_now(web_address(item.get("videoUrl")), seconds=SIGNED_SECONDS)
    raw_score = text(item.get("viralScore"), most=40)
    milliseconds = number(item.get("videoMsDuration"), least=0)
    return RemoteClip(
        remote_id=remote_id,
        state="completed" if file else "generating",
        title=text(item.get("title"), most=255),
        reason=text(item.get("viralReason"), most=2000),
        transcript=text(item.get("transcript")),
        score=score(item.get("viralScore"), scale=(0, 10)),
        raw_score=raw_score,
        scale="0-10" if raw_score else "",
        duration=milliseconds / 1000 if milliseconds else None,
        file=file,
        extra=extra_of(item),
    )


def extra_of(item: dict[str, Any]) -> dict[str, Any]:
    kept = {
        "topics": list(texts(unpacked(item.get("relatedTopic")))),
        "editor": web_address(item.get("clipEditorUrl")),
    }
    return {name: value for name, value in kept.items() if value}


def unpacked(value: Any) -> Any:
    """What a string of JSON holds; anything else as it is.

    >>> unpacked('["AI", "work"]'), unpacked(["AI"]), unpacked("AI")
    (['AI', 'work'], ['AI'], None)
    """
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return None


def code_of(body: dict[str, Any]) -> str:
    return text(body.get("code"), most=10)


def said_in(body: dict[str, Any]) -> str:
    return text(body.get("errMsg"), most=300) or text(body.get("message"), most=300)


def error_in(body: dict[str, Any]) -> ProviderError:
    """The error that an answer's `code` means. Failed projects are charged: people repeat them."""
    code = code_of(body)
    kind = KINDS[code]
    words = WHY.get(code) or SENTENCES[kind]
    error = ProviderError(kind, words, code=code, retryable=kind == "rate")
    return error.described(said=said_in(body), retry_after=60 if kind == "rate" else None)


def minutes(order: Order) -> Cost | None:
    """Charged by length (docs.vizard.ai, Pricing); how it is rounded isn't told."""
    if order.duration is None:
        return None
    return Cost(amount=math.ceil(order.duration / 60), unit="minutes", is_estimate=True)
