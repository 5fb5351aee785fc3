"""sync.so's POST /v2/generate: checks, idempotency, concurrency."""

from __future__ import annotations

import hashlib
import json
import re
import uuid
from typing import Any

from clipboard.sandbox import sync_webhook
from clipboard.sandbox.sync_jobs import body_of, stage_of
from clipboard.sandbox.sync_says import refused
from clipboard.sandbox.vendor import Ask, Reply, parsed

MODELS = ("sync-3", "lipsync-2", "lipsync-2-pro", "lipsync-1.9.0-beta", "react-1")
MODES = ("bounce", "loop", "cut_off", "silence", "remap")
IDEMPOTENCY_KEY = re.compile(r"[A-Za-z0-9._~-]{1,128}")
KEPT_FOR = 24 * 3600  # seconds; assumed
AT_ONCE, AT_ONCE_FREE = 15, 1
SOUNDS = ("audio", "text")
SIGHTS = ("video", "image")
UPLOADS = {"video": ".mp4", "audio": ".wav", "image": ".webp"}
WEEK = 7 * 24 * 3600


def generate(ask: Ask) -> Reply:
    asked = asked_for(ask)
    key = ask.headers.get("idempotency-key", "")
    if key and not IDEMPOTENCY_KEY.fullmatch(key):
        return refused(400, "Idempotency-Key must be 1-128 characters", "INVALID_IDEMPOTENCY_KEY")
    with ask.world.memory.lock:  # two requests with one key make one generation
        before = made_before(ask, key) if key else None
        if before is None:
            if refusal := wrong_with(ask, asked) or too_many(ask):
                return refusal
            job = taken(ask, asked, key)
    if before is not None:
        return replay(ask, before, asked)
    sync_webhook.send_when_done(ask, job)
    return Reply(201, body_of(ask, job))


def asked_for(ask: Ask) -> dict[str, Any]:
    """The body, from JSON or from a form whose nested fields are JSON and whose media are files."""
    fields = ask.fields()
    if ask.kind != "multipart/form-data":
        return fields
    asked = {name: nested(value) for name, value in fields.items() if name not in UPLOADS}
    items = asked.get("input")
    asked["input"] = items if isinstance(items, list) else []
    for kind, suffix in UPLOADS.items():
        given = fields.get(kind)
        if isinstance(given, tuple):
            name = ask.outputs.keep(hashlib.sha256(given[1]).hexdigest()[:24] + suffix, given[1])
            asked["input"].append({"type": kind, "url": ask.address(name, seconds=WEEK)})
    return asked


def nested(value: Any) -> Any:
    """
    >>> nested('{"sync_mode": "loop"}'), nested("lipsync-2")
    ({'sync_mode': 'loop'}, 'lipsync-2')
    """
    if isinstance(value, str) and value[:1] in ("{", "["):
        return parsed(value)
    return value


def digest(asked: dict[str, Any]) -> str:
    """Of what is asked; the signature in an address of an upload is no part of it."""
    text = re.sub(r"\?expires=\d+&signature=\w+", "", json.dumps(asked, sort_keys=True))
    return hashlib.sha256(text.encode()).hexdigest()


def kept_under(ask: Ask, key: str) -> str:
    return hashlib.sha256(f"{ask.world.key}\n{key}".encode()).hexdigest()


def made_before(ask: Ask, key: str) -> dict[str, Any] | None:
    made = ask.world.get("idempotency", kept_under(ask, key))
    return made if made and ask.world.now - made["made"] <= KEPT_FOR else None


def replay(ask: Ask, made: dict[str, Any], asked: dict[str, Any]) -> Reply:
    """The same generation once more, or a refusal where the same key stood for another."""
    if made["digest"] != digest(asked):
        words = "The Idempotency-Key was used with a different request"
        return refused(409, words, "IDEMPOTENCY_KEY_MISMATCH")
    job = ask.world.get("generation", made["job"])
    if job is None:
        words = "The outcome of the earlier request is not known"
        code = "IDEMPOTENCY_OUTCOME_UNKNOWN"
        return refused(503, words, code, generationId=made["job"])
    return Reply(201, body_of(ask, job))


def wrong_with(ask: Ask, asked: dict[str, Any]) -> Reply | None:
    model, items = asked.get("model"), asked.get("input")
    if model not in MODELS:
        return refused(400, [f"model must be one of: {', '.join(MODELS)}"],
                       "generation_unsupported_model")  # fmt: skip
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        return invalid("input must be an array of objects")
    if problem := problem_of(asked, items):
        return invalid(problem)
    for item in items:
        address, asset = str(item.get("url") or ""), item.get("assetId")
        if "missing" in address:
            words = "The input could not be downloaded. Make sure that its URL is public."
            return refused(422, words, f"generation_input_{item['type']}_inaccessible")
        if asset and ask.world.get("asset", str(asset)) is None:
            return refused(404, "Asset not found", "asset_not_found")
    return None


def problem_of(asked: dict[str, Any], items: list[dict[str, Any]]) -> str:
    kinds = [item.get("type") for item in items]
    sights = sum(kind in SIGHTS for kind in kinds)
    sounds = sum(kind in SOUNDS for kind in kinds)
    is_free = asked.get("segments") or asked.get("dubParams")
    options = asked.get("options") or {}
    if sights + sounds != len(items) or sights != 1:
        return "input must hold exactly one video or image"
    if "image" in kinds and asked["model"] != "sync-3":
        return "image input needs the model sync-3"
    if not is_free and sounds != 1:
        return "input must hold exactly one audio or text"
    if not all(is_whole(item) for item in items):
        return "each input needs a url, an assetId, or a provider with voiceId and script"
    if not isinstance(options, dict) or options.get("sync_mode", "bounce") not in MODES:
        return f"options.sync_mode must be one of: {', '.join(MODES)}"
    if not is_share(options.get("temperature", 0)):
        return "options.temperature must be between 0 and 1"
    if len(str(asked.get("outputFileName") or "")) > 255:
        return "outputFileName must be at most 255 characters"
    return wrong_segments(asked.get("segments") or [], items)


def is_whole(item: dict[str, Any]) -> bool:
    if item["type"] != "text":
        return bool(item.get("url")) != bool(item.get("assetId"))
    provider = item.get("provider")
    return isinstance(provider, dict) and bool(provider.get("voiceId") and provider.get("script"))


def is_share(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value <= 1


def wrong_segments(segments: Any, items: list[dict[str, Any]]) -> str:
    known = [item.get("refId") for item in items]
    for segment in segments if isinstance(segments, list) else [None]:
        sound = segment.get("audioInput") if isinstance(segment, dict) else None
        if not isinstance(sound, dict) or sound.get("refId") not in known:
            return "each segment needs an audioInput whose refId is that of an input"
    return ""


def invalid(problem: str) -> Reply:
    return refused(400, [problem], "generation_input_validation_failed")


def too_many(ask: Ask) -> Reply | None:
    allowed = AT_ONCE_FREE if "free" in ask.world.key else AT_ONCE
    jobs = ask.world.all("generation")
    active = sum(stage_of(ask, job) in ("PENDING", "PROCESSING") for job in jobs)
    if active < allowed:
        return None
    return refused(
        429,
        "Concurrency limit reached",
        "concurrency_limit_reached",
        activeGenerations=active,
        concurrencyLimit=allowed,
        retryAfterSeconds=5,
        upgradeUrl="https://sync.so/billing",
    )


def taken(ask: Ask, asked: dict[str, Any], key: str) -> dict[str, Any]:
    names = ("model", "input", "options", "segments", "dubParams", "webhookUrl", "projectId")
    remote_id, wish = str(uuid.uuid4()), str(asked.get("outputFileName") or "")
    job = {name: asked.get(name) for name in names} | {
        "id": remote_id,
        "made": ask.world.now,
        "name": re.sub(r"[^\w-]", "", wish.replace(" ", "_"), flags=re.ASCII),
    }
    ask.world.put("generation", remote_id, job)
    ask.world.bill(remote_id, "generate", 1, "generations")
    if key:
        made = {"job": remote_id, "digest": digest(asked), "made": ask.world.now}
        ask.world.put("idempotency", kept_under(ask, key), made)
    return job
