"""sync.so's API as its pages tell it (Create, Get, List, Delete, Download, Estimate Cost, Error
Codes, Idempotent Requests, Concurrency, Webhooks), and assets as far as a generation needs them.

Its snapshots disagree: a held answer of 55 s or of 10, `outputUrl` alone or also `outputMediaUrl`.
A key that holds "later" gets the later one. One with "free" may run a single generation at once.
Not public, and assumed: what another body under the same idempotency key is answered. For trying
things out: an address that holds "missing" can't be fetched, one with "broken" fails, a script or
prompt with "forbidden" is rejected.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil

from clipboard.sandbox import sync_account as account
from clipboard.sandbox import sync_create as create
from clipboard.sandbox import sync_jobs as jobs
from clipboard.sandbox.sync_says import refused
from clipboard.sandbox.vendor import Ask, Reply, Vendor

LIMITS = {"generate": (60, 60), "other": (600, 60)}
JOB = r"/v2/generations/(?P<id>[^/]+)"
ASSET = r"/v2/assets/(?P<id>[^/]+)"


class Sync(Vendor):
    name = "sync"

    def __init__(self) -> None:
        self.routes = (
            ("POST", "/v2/generate", create.generate, "generate"),
            ("POST", "/v2/generate/estimate-cost", account.estimate, "other"),
            ("POST", "/v2/generations/estimate", account.estimate, "other"),
            ("POST", "/v2/analyze/cost", account.analyse_cost, "other"),
            ("GET", r"/v2/generate/(?P<id>[^/]+)", jobs.get, "other"),
            ("GET", "/v2/generations", jobs.listed, "other"),
            ("GET", JOB, jobs.get, "other"),
            ("DELETE", JOB, jobs.delete, "other"),
            ("GET", f"{JOB}/download", jobs.download, "other"),
            ("GET", "/v2/errors", account.errors, "public"),
            ("GET", "/v2/models", account.models, "other"),
            ("GET", "/v2/assets", account.assets, "other"),
            ("POST", "/v2/assets", account.add_asset, "other"),
            ("GET", ASSET, account.look_at_asset, "other"),
            ("DELETE", ASSET, account.delete_asset, "other"),
            ("GET", "/v2/batch(?:/[^/]+)?", account.batch, "other"),
            ("POST", "/v2/batch", account.batch, "other"),
            ("GET", "/v2/organizations/webhook/secret", account.webhook_secret, "other"),
        )

    def key_of(self, headers: Mapping[str, str]) -> str:
        return headers.get("x-api-key", "")

    def refuse_key(self, key: str) -> Reply | None:
        if not key:
            return refused(401, "Either Cookie or x-api-key header must be provided")
        if "bad" in key:
            return Reply(401, {"message": "Unauthorized", "statusCode": 401})
        return None

    def limit(self, ask: Ask, budget: str) -> tuple[Reply | None, dict[str, str]]:
        """No header tells of it."""
        if budget == "public":
            return None, {}
        calls, seconds = LIMITS[budget]
        taken = ask.world.take(budget, calls=calls, seconds=seconds)
        if taken.is_allowed:
            return None, {}
        words = f"Rate limit exceeded, try again in {ceil(taken.resets_in)} s"
        return refused(429, words, "rate_limit_exceeded"), {}

    def malformed(self) -> Reply:
        return refused(400, "The body is not valid JSON")

    def not_found(self) -> Reply:
        return refused(404, "Cannot find this path")
