"""sync.so's prices, error codes, models, assets, and the secret of its webhooks."""

from __future__ import annotations

import uuid
from math import ceil
from typing import Any

from clipboard.sandbox.sync_create import MODELS, wrong_with
from clipboard.sandbox.sync_jobs import length_of
from clipboard.sandbox.sync_says import catalogue, refused
from clipboard.sandbox.sync_webhook import secret_of
from clipboard.sandbox.vendor import Ask, Reply, iso

USD_A_SECOND = {"sync-3": 0.133, "lipsync-2-pro": 0.083}
USD_OTHERWISE = 0.05
FPS = 30


def price(model: str, seconds: float) -> float:
    return round(USD_A_SECOND.get(model, USD_OTHERWISE) * seconds, 4)


def analyse_cost(ask: Ask) -> Reply:
    """For the body of an order; an array."""
    asked = ask.fields()
    if refusal := wrong_with(ask, asked):
        return refusal
    seconds = length_of(ask, asked)
    part = {
        "estimatedFrameCount": ceil(seconds * FPS),
        "estimatedGenerationCost": price(asked["model"], seconds),
    }
    return Reply(200, [part])


def estimate(ask: Ask) -> Reply:
    """For a length; one object."""
    asked = ask.fields()
    seconds, fps = asked.get("duration"), asked.get("fps") or FPS
    if not isinstance(seconds, (int, float)) or not isinstance(fps, (int, float)) or seconds <= 0:
        return refused(400, ["duration must be a positive number"])
    if asked.get("model") not in MODELS:
        return refused(422, "No price is known for this model", "cost_estimate_unavailable")
    body = {
        "estimatedFrameCount": ceil(seconds * fps),
        "estimatedGenerationCost": price(asked["model"], seconds),
        "estimatedCredits": None,
    }
    return Reply(200, body)


def errors(ask: Ask) -> Reply:
    return Reply(200, catalogue())


def models(ask: Ask) -> Reply:
    kinds = {name: "react" if name.startswith("react") else "lipsync" for name in MODELS}
    return Reply(200, [
        {"id": name, "name": name, "type": kind, "version": "1.0.0", "description": None}
        for name, kind in kinds.items()
    ])  # fmt: skip


def batch(ask: Ask) -> Reply:
    """Batches are for larger plans than any key here has."""
    return refused(403, "Batches are part of the Scale plan", "plan_feature_unavailable")


def webhook_secret(ask: Ask) -> Reply:
    return Reply(200, {"secret": secret_of(ask.world.key)})


# --- Assets ---------------------------------------------------------------------------------------


def assets(ask: Ask) -> Reply:
    """Newest first, a page at a time: `cursor` is the id of the last one seen."""
    kinds, name, limit = ask.listed("types"), ask.param("searchQuery").lower(), ask.param("limit")
    if limit and not (limit.isdecimal() and len(limit) < 4 and 1 <= int(limit) <= 100):
        return refused(400, ["limit must be between 1 and 100"])
    found = [
        asset
        for asset in ask.world.all("asset")
        if (not kinds or asset["type"] in kinds) and name in asset["name"].lower()
    ]
    ids = [asset["id"] for asset in found]
    begins = ids.index(ask.param("cursor")) + 1 if ask.param("cursor") in ids else 0
    page = found[begins : begins + int(limit or 100)]
    more = len(found) > begins + len(page)
    body = {
        "items": [told(asset) for asset in page],
        "nextCursor": page[-1]["id"] if more else None,
        "totalCount": len(found),
    }
    return Reply(200, body)


def add_asset(ask: Ask) -> Reply:
    asked = ask.fields()
    url = asked.get("url")
    if not isinstance(url, str) or not url.startswith(("https://", "http://")):
        return refused(400, ["url must be a URL"])
    kind, name = str(asked.get("type") or "VIDEO").upper(), str(asked.get("name") or "asset")
    asset = {"id": str(uuid.uuid4()), "url": url, "type": kind, "name": name}
    ask.world.put("asset", asset["id"], asset | {"made": ask.world.now})
    return Reply(201, told(asset | {"made": ask.world.now}))


def look_at_asset(ask: Ask) -> Reply:
    asset = ask.world.get("asset", ask.parts["id"])
    return no_asset() if asset is None else Reply(200, told(asset))


def delete_asset(ask: Ask) -> Reply:
    asset = ask.world.get("asset", ask.parts["id"])
    if asset is None:
        return no_asset()
    ask.world.drop("asset", asset["id"])
    return Reply(200, told(asset))


def no_asset() -> Reply:
    return refused(404, "Asset not found", "asset_not_found")


def told(asset: dict[str, Any]) -> dict[str, Any]:
    made = iso(asset["made"])
    return {name: asset[name] for name in ("id", "url", "type", "name")} | {
        "createdAt": made,
        "updatedAt": made,
        "visibility": "ORGANIZATION",
    }
