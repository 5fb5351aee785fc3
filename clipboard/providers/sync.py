"""sync.so: makes another version of one clip, its lips following another sound.

Contract: sync.so/docs, API reference (Create, Get, List and Delete Generation, Estimate Cost, List
Error Codes), guides on idempotent requests, error handling, webhooks and dubbing. Its snapshots
disagree, so both are taken: a held answer of 55 s or of 10, prices as a list or as one object,
`outputUrl` or `outputMediaUrl`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from clipboard.providers import sync_webhook
from clipboard.providers.answer import Answer
from clipboard.providers.errors import ProviderError, unsure
from clipboard.providers.model import Cost, Failure, Order, RemoteFile, RemoteJob, Submitted
from clipboard.providers.port import Budget, Call, Pace, Provider, Steps, file_in
from clipboard.providers.reading import all_named, identity, record, text, web_address
from clipboard.providers.sync_answers import (
    STATES,
    catalogue_in,
    error_in,
    job_from,
    job_in,
    jobs_in,
)
from clipboard.providers.sync_options import OPTIONS
from clipboard.providers.sync_prices import by_length, by_order, priced
from clipboard.providers.sync_request import body_for, form_for, headers_for, may_be_of, wrong_in

PAGE = 100
MOST_PAGES = 5
CATALOGUE_LASTS = 3600.0
LONGEST_WAIT = 55.0
HELD = 10.0  # seconds; what the later of its pages allow
WAIT_MARGIN = 15.0
FILE_SECONDS = 3600.0


class Sync(Provider):
    name = "sync"
    title = "sync.so"
    base_url = "https://api.sync.so"
    makes = "version"
    takes = frozenset({"address", "asset", "file"})
    options = OPTIONS
    budgets = (
        Budget(name="generate", calls=60, seconds=60),
        Budget(name="status", calls=600, seconds=60),
    )
    calls_a_poll = 4  # with progress; else held back; else neither; then what it cost
    pace = Pace(first=5, slowest=30, deadline=7200)
    can_look_up = True
    can_delete = True
    can_estimate = True
    has_webhooks = True
    sends_idempotency_key = True
    idempotency_lasts = 86_400  # not public; a cautious guess

    def headers(self, key: str) -> dict[str, str]:
        return {"x-api-key": key}

    def error_from(self, answer: Answer) -> ProviderError:
        return error_in(answer)

    def wrong_with(self, options: dict[str, Any]) -> dict[str, str]:
        return wrong_in(options)

    def greet(self) -> Steps[str]:
        yield from self.listed(limit=1)
        return "The key is accepted."

    def submit(self, order: Order) -> Steps[Submitted]:
        order = yield from self.prepare(order)
        call = Call(
            "POST",
            "/v2/generate",
            budget="generate",
            headers=headers_for(order),
            deadline=FILE_SECONDS if order.file else 60,
            **(form_for(order) if order.file else {"json": body_for(order)}),
        )
        try:
            answer = yield call
        except ProviderError as error:
            return (yield from self._not_taken(error, order))
        body = record(answer.json_or_none())
        remote_id = identity(body.get("id"))
        if not remote_id:
            raise ProviderError("unknown", "sync.so took the order but gave no number for it.")
        return _submitted(job_from(body, remote_id))

    def prepare(self, order: Order) -> Steps[Order]:
        """With the sound that an earlier job spoke under an address that is still good."""
        earlier = identity(order.options.get("take"))
        if order.options.get("sound") != "take" or not earlier or order.sound:
            return order
        try:
            answer = yield Call("GET", _path(earlier), budget="status")
            take = web_address(record(answer.json()).get("synthesizedAudioUrl"))
        except ProviderError as error:
            if error.kind not in ("missing", "input"):
                raise
            take = ""
        if not take:
            raise ProviderError("input", "That job has no voice to use again.", code="no_take")
        return replace(order, sound=take)

    def _not_taken(self, error: ProviderError, order: Order) -> Steps[Submitted]:
        if error.kind == "unknown" and error.remote_id:
            return _submitted((yield from self._job_named_in(error)))
        if error.kind == "provider" and not order.idempotency_key:
            raise unsure(error) from error
        if error.kind in ("input", "payment") and not error.code.isdigit():
            advice = (yield from self._advice(error.code)).suggestion
            if advice:
                raise error.saying(f"{error.message} Its advice: “{advice}”") from error
        raise error

    def _job_named_in(self, error: ProviderError) -> Steps[RemoteJob]:
        """What the same idempotency key made before, if it can be seen."""
        try:
            return (yield from self.poll(error.remote_id))
        except ProviderError:
            raise error from None

    def poll(self, remote_id: str) -> Steps[RemoteJob]:
        path = _path(remote_id)
        try:
            answer = yield Call("GET", path, budget="status", params={"include": "progress"})
        except ProviderError as error:
            # Progress comes from another machine there than the rest; it may be the one missing. It
            # can't be told then, so that nothing is lost by an answer that is held back.
            if error.code.startswith("controller_"):
                return (yield from self.wait(remote_id, seconds=HELD))
            if error.kind != "input":
                raise
            answer = yield Call("GET", path, budget="status")
        return (yield from self._explained(job_in(answer, remote_id)))

    def wait(self, remote_id: str, *, seconds: float) -> Steps[RemoteJob]:
        """As `poll` without progress, the answer held back until the job is done or `seconds` are
        over: the service takes `wait` or `include=progress`, not both. It saves the polls between.
        Its Retry-After is no word on how soon a job is worth a look.
        """
        held = min(max(seconds, 1), LONGEST_WAIT)
        call = Call(
            "GET",
            _path(remote_id),
            budget="status",
            params={"wait": "true", "timeout": f"{held:g}"},
            deadline=held + WAIT_MARGIN,
        )
        try:
            answer = yield call
        except ProviderError as error:
            if error.kind != "input":
                raise
            answer = yield Call("GET", _path(remote_id), budget="status")
        job = yield from self._explained(job_in(answer, remote_id))
        return replace(job, look_again_after=None)

    def find(self, order: Order) -> Steps[list[RemoteJob]]:
        """Raises ProviderError where it may be in what can't be read, or where there is none in a
        list too long to be read whole: it would say that nothing was taken."""
        found: dict[str, RemoteJob] = {}
        is_whole, cursor = False, ""
        for _ in range(MOST_PAGES):
            told = yield from self._page(limit=PAGE, cursor=cursor)
            if not all_named(told):
                raise _no_list()
            fresh = [job for job in jobs_in(told) if job.remote_id not in found]
            found |= {job.remote_id: job for job in fresh}
            is_whole = len(told) < PAGE
            if is_whole or not fresh:  # nothing new: the cursor isn't heeded
                break
            cursor = fresh[-1].remote_id
        jobs = [job for job in found.values() if may_be_of(order, record(job.raw))]
        if not jobs and not is_whole:
            raise ProviderError(
                "provider", "sync.so lists more jobs than can be looked through.", code="too_many"
            )
        return sorted(jobs, key=_age)

    def listed(
        self,
        *,
        limit: int = PAGE,
        cursor: str = "",
        states: Sequence[str] = (),
        ids: Sequence[str] = (),
    ) -> Steps[list[RemoteJob]]:
        """One page of the account's jobs, newest first; `cursor` is the last page's last id.

        `states` are the service's own words. Raises ProviderError if the answer isn't a list: it
        must not look as if there were no jobs.
        """
        wanted = {"status": ",".join(states), "ids": ",".join(ids), "cursor": cursor}
        told = yield from self._page(limit=limit, **wanted)
        jobs = jobs_in(told)
        if told and not jobs:
            raise _no_list()
        return jobs

    def _page(self, *, limit: int, **wanted: str) -> Steps[list[Any]]:
        params = {"limit": str(limit), **{name: value for name, value in wanted.items() if value}}
        answer = yield Call("GET", "/v2/generations", budget="status", params=params)
        told = answer.json()
        if not isinstance(told, list):
            raise _no_list()
        return told

    def refresh(self, remote_id: str, clip_id: str) -> Steps[RemoteFile | None]:
        try:
            answer = yield Call("GET", _path(remote_id), budget="status")
        except ProviderError as error:
            if error.kind == "missing":
                return None
            raise
        return file_in(job_in(answer, remote_id), clip_id)

    def delete(self, remote_id: str, *, with_input: bool = False) -> Steps[None]:
        """What was uploaded there stays: it may belong to other jobs."""
        try:
            yield Call("DELETE", f"/v2/generations/{quote(remote_id, '')}", budget="status")
        except ProviderError as error:
            if error.kind != "missing":
                raise

    def estimate(self, order: Order) -> Steps[Cost | None]:
        if not (order.address or order.asset):  # the clip itself is to be sent, but not for this
            return (yield from by_length(text(order.options.get("model")), order.duration))
        body = body_for((yield from self.prepare(order)))
        return (yield from by_order(body, seconds=order.duration))

    def catalogue(self) -> Steps[dict[str, Failure]]:
        """What its error codes mean and what it advises, by code; needs no key."""
        answer = yield Call(
            "GET", "/v2/errors", with_key=False, deadline=10, keep_for=CATALOGUE_LASTS
        )
        return catalogue_in(answer.json())

    def _explained(self, job: RemoteJob) -> Steps[RemoteJob]:
        return (yield from priced((yield from self._advised(job))))

    def _advised(self, job: RemoteJob) -> Steps[RemoteJob]:
        failure = job.failure
        if failure is None or not failure.code:
            return job
        known = yield from self._advice(failure.code)
        message = failure.message or known.message
        return replace(job, failure=replace(failure, message=message, suggestion=known.suggestion))

    def _advice(self, code: str) -> Steps[Failure]:
        """What the catalogue says of that code; nothing of it is worth failing for."""
        try:
            known = yield from self.catalogue()
        except ProviderError:
            return Failure()
        return known.get(code, Failure())

    def check_webhook(self, body: bytes, headers: Mapping[str, str], secret: str) -> str:
        return sync_webhook.check(body, headers, secret)


def _path(remote_id: str) -> str:
    return f"/v2/generate/{quote(remote_id, '')}"


def _submitted(job: RemoteJob) -> Submitted:
    state = job.state if job.word.upper() in STATES else "queued"
    return Submitted(remote_id=job.remote_id, state=state, word=job.word, raw=job.raw)


def _no_list() -> ProviderError:
    return ProviderError("provider", "sync.so's list of jobs can't be read.", code="not_a_list")


def _age(job: RemoteJob) -> float:
    return -job.created_at.timestamp() if job.created_at else 0.0
