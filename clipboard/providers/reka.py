"""Reka: finds clips in recordings that it fetches itself, or that lie in its own store.

Contract: docs.reka.ai, Vision (Create Clips, Get Clip Status, List Clips, Delete Clip, Rate Limits)
and its OpenAPI document. Not public, and assumed: which error deleting a running job gives.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from clipboard.providers import reka_answers as answers
from clipboard.providers.answer import Answer
from clipboard.providers.errors import NO_RECORDING, ProviderError, unsure
from clipboard.providers.model import Order, RemoteFile, RemoteJob, Submitted
from clipboard.providers.options import nested, out_of_order
from clipboard.providers.port import (
    Allowance,
    Budget,
    Call,
    Pace,
    Provider,
    Steps,
    file_in,
)
from clipboard.providers.reading import (
    all_named,
    identity,
    number,
    record,
    text,
    web_address,
)
from clipboard.providers.reka_options import DEFAULT_PROMPT, OPTIONS, ORDERED
from clipboard.providers.reka_videos import RekaVideos
from clipboard.providers.signed import unsigned

DAY = 24 * 3600
HOUR = 3600
PAGE = 20  # the service's own; how many it would give at most isn't public
MOST_PAGES = 50
MOST_LOOKED_AT = 40
LONG_AGO = datetime.min.replace(tzinfo=UTC)
VIDEOS = RekaVideos()


class Reka(Provider):
    name = "reka"
    title = "Reka"
    base_url = "https://vision-agent.api.reka.ai"
    takes = frozenset({"address", "page", "asset"})
    options = OPTIONS
    ordered = ORDERED
    budgets = (
        Budget(name="clips", calls=10, seconds=DAY),
        Budget(name="upload", calls=50, seconds=DAY),
    )
    pace = Pace(first=30, slowest=120, deadline=4 * HOUR)
    library = VIDEOS
    can_look_up = True
    can_delete = True
    can_delete_input = True

    def headers(self, key: str) -> dict[str, str]:
        return {"X-Api-Key": key}

    def error_from(self, answer: Answer) -> ProviderError:
        return answers.error_from(answer)

    def allowance_from(self, answer: Answer) -> Allowance | None:
        return answers.allowance_from(answer)

    def greet(self) -> Steps[str]:
        listed_in((yield Call("GET", "/v1/clips", params={"offset": 0, "limit": 1})))
        return "The key is accepted."

    def submit(self, order: Order) -> Steps[Submitted]:
        body = body_of(order.options)
        body["video_urls"] = yield from recordings_of(order)
        try:
            answer = yield Call("POST", "/v1/clips", budget="clips", json=body, deadline=60)
        except ProviderError as error:
            raise unsure(error) from None
        said = record(answer.json_or_none())
        remote_id = identity(said.get("id")) or identity(said.get("job_id"))
        if not remote_id:
            raise ProviderError("unknown", "Reka took the order but gave no number for it.")
        word = text(said.get("status"), most=40)
        state = answers.STATES.get(word.lower(), "queued")
        return Submitted(remote_id=remote_id, state=state, word=word, raw=said)

    def poll(self, remote_id: str) -> Steps[RemoteJob]:
        answer = yield Call("GET", path_of(remote_id))
        return answers.job_from(remote_id, answer.json())

    def find(self, order: Order) -> Steps[list[RemoteJob]]:
        """Jobs over the same recordings with the same prompt, each looked at for when it was made.

        Raises ProviderError where there are more than can be looked at: the list is in no order
        that we know of, and what was left out may be the very one.
        """
        urls, prompt = (yield from recordings_of(order)), text(order.options.get("prompt"))
        listed = yield from every_job()
        alike = [item for item in listed if may_be(item, urls, prompt)]
        if len(alike) > MOST_LOOKED_AT:
            raise too_many()
        found: list[RemoteJob] = []
        gone: set[str] = set()
        for item in alike:
            remote_id = identity(item.get("id"))
            try:
                job = yield from self.poll(remote_id)
            except ProviderError as error:
                if error.kind != "missing":
                    raise
                gone.add(remote_id)
                continue
            if may_be(record(job.raw), urls, prompt):
                found.append(job)
        if gone and any(identity(item["id"]) in gone for item in (yield from every_job())):
            raise not_shown()  # listed still: it may be the very one
        return sorted(found, key=lambda job: job.created_at or LONG_AGO, reverse=True)

    def refresh(self, remote_id: str, clip_id: str) -> Steps[RemoteFile | None]:
        try:
            job = yield from self.poll(remote_id)
        except ProviderError as error:
            if error.kind == "missing":
                return None
            raise
        return file_in(job, clip_id)

    def delete(self, remote_id: str, *, with_input: bool = False) -> Steps[None]:
        """`with_input`: the recording that lies in Reka's store too."""
        body = {"delete_input_video": True} if with_input else None
        try:
            answer = yield Call("DELETE", path_of(remote_id), json=body)
        except ProviderError as error:
            if error.kind == "missing":
                return
            if error.kind != "input" or (yield from self.poll(remote_id)).is_terminal:
                raise
            raise ProviderError(
                "conflict", "Reka deletes a job only when it has ended.", code=error.code
            ) from None
        if record(answer.json_or_none()).get("success") is False:
            raise ProviderError("provider", "Reka says it deleted nothing.", code="not_deleted")


def path_of(remote_id: str) -> str:
    return f"/v1/clips/{quote(remote_id, '')}"


def body_of(options: dict[str, Any]) -> dict[str, Any]:
    """The request but for its recordings. Raises ProviderError for what contradicts itself."""
    for name, sentence in out_of_order(OPTIONS, options, ORDERED).items():
        raise ProviderError("input", sentence, code=name.rpartition(".")[2])
    body = nested({name: value for name, value in options.items() if name != "video_urls"})
    picture = record(body.get("rendering_config"))
    if lines := number(picture.get("resolution")):
        picture["resolution"] = int(lines)
    return body


def recordings_of(order: Order) -> Steps[list[str]]:
    """The addresses to send; that of a recording in Reka's store is asked for, since it expires."""
    address = order.address
    if order.asset:
        address = yield from address_in_store(order.asset)
    found = [address, *order.options.get("video_urls", ())]
    if not any(found):
        raise ProviderError("input", "Reka needs the address of a recording.", code="no_address")
    return [url for url in found if url]


def address_in_store(asset_id: str) -> Steps[str]:
    assets = yield from VIDEOS.look([asset_id])
    if not assets:
        raise ProviderError(
            "missing", "Reka has this recording no longer; upload it again.", code=NO_RECORDING
        )
    if assets[0].file is None:
        raise ProviderError(
            "conflict", "Reka is still taking this recording in.", code="not_yet_there"
        )
    return assets[0].file.url


def every_job() -> Steps[list[dict[str, Any]]]:
    """All jobs that Reka lists. Raises ProviderError where these are too many.

    A page may be shorter than asked for, and one may repeat what moved while the list was read; so
    the end is a page with nothing on it.
    """
    jobs: dict[str, dict[str, Any]] = {}
    offset = 0
    for _ in range(MOST_PAGES):
        answer = yield Call("GET", "/v1/clips", params={"offset": offset, "limit": PAGE})
        items = listed_in(answer)
        if not items:
            return list(jobs.values())
        jobs |= {identity(item["id"]): item for item in items}
        offset += len(items)
    raise too_many()


def not_shown() -> ProviderError:
    return ProviderError(
        "provider", "Reka lists a job that it says it does not have.", code="not_shown"
    )


def too_many() -> ProviderError:
    return ProviderError(
        "provider", "Reka lists more jobs than can be looked through.", code="too_many"
    )


def listed_in(answer: Answer) -> list[dict[str, Any]]:
    """What is listed, all of it with ids. Raises ProviderError."""
    said = answer.json()
    items = said if isinstance(said, list) else record(said).get("items")
    if not isinstance(items, list) or not all_named(items):
        raise answers.nonsense()
    return items


def may_be(item: dict[str, Any], urls: list[str], prompt: str) -> bool:
    """Whether a job may have come of an order; what isn't told doesn't speak against it."""
    told = item.get("video_urls")
    told = told[:50] if isinstance(told, list) else []
    theirs = [found for url in told if (found := web_address(url))]
    if theirs and sorted(map(unsigned, theirs)) != sorted(map(unsigned, urls)):
        return False
    said = text(item.get("prompt"))
    return not said or same_words(said, prompt or DEFAULT_PROMPT)


def same_words(one: str, other: str) -> bool:
    return one.casefold().split() == other.casefold().split()
