"""What sync.so takes for a generation: it tells prices beforehand, and none with its jobs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from clipboard.providers.errors import ProviderError
from clipboard.providers.model import Cost, RemoteJob
from clipboard.providers.port import Call, Steps
from clipboard.providers.reading import record, text
from clipboard.providers.sync_answers import cost_in

PATIENCE = 10.0  # seconds; nothing depends on it


def by_order(body: dict[str, Any], *, seconds: float | None) -> Steps[Cost | None]:
    """For the body of an order; where that way is closed, for its length."""
    try:
        answer = yield Call("POST", "/v2/analyze/cost", budget="status", json=body)
    except ProviderError as error:
        if error.kind != "missing" and error.code not in ("400", "405", "422"):
            raise
        return (yield from by_length(text(body.get("model")), seconds))
    return cost_in(answer.json())


def by_length(model: str, seconds: float | None) -> Steps[Cost | None]:
    if not seconds:
        return None
    body, path = {"model": model, "duration": seconds}, "/v2/generations/estimate"
    try:
        answer = yield Call("POST", path, budget="status", json=body, deadline=PATIENCE)
    except ProviderError as error:
        if error.kind == "missing" or error.code == "cost_estimate_unavailable":
            return None
        raise
    return cost_in(answer.json())


def priced(job: RemoteJob) -> Steps[RemoteJob]:
    """A finished job with about what it cost; nothing of it is worth failing for."""
    lengths = [clip.duration for clip in job.clips or ()]
    if job.state != "succeeded" or not any(lengths):
        return job
    model = text(record(job.raw).get("model"), most=60)
    try:
        cost = yield from by_length(model, lengths[0])
    except ProviderError:
        return job
    return replace(job, cost=cost)
