"""What sync.so is sent for an order, and which of its jobs may have come of one."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import replace
from typing import Any

from clipboard.providers.errors import ProviderError
from clipboard.providers.model import Order
from clipboard.providers.options import nested
from clipboard.providers.reading import number, record, records, text
from clipboard.providers.signed import unsigned

KEY = re.compile(r"[A-Za-z0-9._~-]{1,128}")
KEPT = ("model", "dubParams", "segments", "options", "outputFileName", "projectId")
ANY = "https://any"
FOR_SOUND = {"dub": {"dubParams"}, "parts": {"segments"}}


def headers_for(order: Order) -> dict[str, str]:
    """The idempotency key, made to fit where it holds what sync.so doesn't take."""
    key = order.idempotency_key
    if key and not KEY.fullmatch(key):
        key = hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()
    return {"Idempotency-Key": key} if key else {}


def body_for(order: Order) -> dict[str, Any]:
    """The body of POST /v2/generate.

    Raises ProviderError("input") for what the service would refuse.
    """
    chosen = nested(order.options)
    sound = text(chosen.get("sound"))
    left_out = {"dubParams", "segments"} - FOR_SOUND.get(sound, set())
    body = {name: chosen[name] for name in KEPT if name in chosen and name not in left_out}
    sounds = _sounds(sound, chosen, order.sound)
    body["input"] = sounds if order.file else [_video(order), *sounds]
    if sound == "parts":
        _check_parts(body, sounds)
    if order.webhook_url:
        body["webhookUrl"] = order.webhook_url
    return body


def wrong_in(options: dict[str, Any]) -> dict[str, str]:
    """What of these options the service would refuse, by name; the clip and an earlier voice are
    taken for given."""
    try:
        body_for(Order(options=options, address=ANY, sound=ANY))
    except ProviderError as error:
        return {"segments" if error.code == "parts" else "sound": error.message}
    return {}


def form_for(order: Order) -> dict[str, Any]:
    """The same as a form with the clip's file in it: `data` and `files` of a Call."""
    fields = {
        name: value if isinstance(value, str) else json.dumps(value)
        for name, value in body_for(order).items()
    }
    return {"data": fields, "files": {"video": ("clip.mp4", order.file, "video/mp4")}}


def _video(order: Order) -> dict[str, Any]:
    if order.asset:
        return {"type": "video", "assetId": order.asset}
    if order.address:
        return {"type": "video", "url": order.address}
    raise _wrong("sync.so needs the clip at a public address.", "no_video")


def _sounds(sound: str, chosen: dict[str, Any], take: str) -> list[dict[str, Any]]:
    audio = record(chosen.get("audio"))
    if sound == "address":
        return [{"type": "audio", "url": _needed(audio.get("url"))}]
    if sound == "asset":
        return [{"type": "audio", "assetId": _needed(audio.get("assetId"))}]
    if sound == "text":
        said = record(chosen.get("text"))
        _needed(said.get("voiceId"))
        _needed(said.get("script"))
        return [{"type": "text", "provider": {"name": "elevenlabs", **said}}]
    if sound == "take":
        return [{"type": "audio", "url": _needed(take)}]
    if sound == "parts":
        return records(chosen.get("sounds"))
    if sound == "dub":
        _needed(record(chosen.get("dubParams")).get("targetLang"))
        return []
    raise _wrong("Choose what the lips follow.", "no_sound")


def _needed(value: Any) -> str:
    found = text(value)
    if not found:
        raise _wrong("Fill in what belongs to the sound you chose.", "no_sound")
    return found


def _check_parts(body: dict[str, Any], sounds: list[dict[str, Any]]) -> None:
    known = {name for sound in sounds if (name := text(sound.get("refId")))}
    parts = records(body.get("segments"))
    wanted = [text(record(part.get("audioInput")).get("refId")) for part in parts]
    if not parts or not known.issuperset(wanted):
        raise _wrong("Every part needs the refId of one of the sounds.", "parts")
    if not all(_is_span(part) for part in parts):
        raise _wrong("Every part needs a startTime and a later endTime, in seconds.", "parts")


def _is_span(part: dict[str, Any]) -> bool:
    start, end = number(part.get("startTime"), least=0), number(part.get("endTime"))
    return start is not None and end is not None and start < end


def may_be_of(order: Order, job: dict[str, Any]) -> bool:
    """Whether a listed job (as told) may have come of this order: the same model and the same
    clip, and nothing that says otherwise. Addresses are compared without their queries, which
    hold signatures. A clip that was sent along has an address there that we can't know.
    """
    went_along = not (order.address or order.asset)
    try:
        sent = body_for(replace(order, sound=ANY, file=went_along))
    except ProviderError:
        return False
    theirs = records(job.get("input"))
    videos = _of_kind("video", sent["input"])
    sounds = [item for item in sent["input"] if item not in videos]
    return (
        text(job.get("model")) == text(sent.get("model"))
        and (went_along or any(_is_same(videos[0], item) for item in _of_kind("video", theirs)))
        and _agree(_marks(sent), _marks(job))
        and (order.options.get("sound") == "take" or _sounds_agree(sounds, theirs))
    )


def _sounds_agree(ours: list[dict[str, Any]], theirs: list[dict[str, Any]]) -> bool:
    for sound in ours:
        alike = _of_kind(text(sound.get("type")), theirs)
        if alike and not any(_agree(_identity(sound), _identity(other)) for other in alike):
            return False
    return True


def _of_kind(kind: str, items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [item for item in items if text(item.get("type")).lower() == kind]


def _is_same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    pairs = zip(_identity(one), _identity(other), strict=True)
    return any(ours and ours == theirs for ours, theirs in pairs)


def _agree(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    pairs = zip(one, other, strict=True)
    return all(ours == theirs for ours, theirs in pairs if ours and theirs)


def _marks(body: dict[str, Any]) -> tuple[str, ...]:
    dub = record(body.get("dubParams"))
    return tuple(
        text(found)
        for found in (body.get("webhookUrl"), body.get("projectId"), dub.get("targetLang"))
    )


def _identity(item: dict[str, Any]) -> tuple[str, ...]:
    provider, url = record(item.get("provider")), text(item.get("url"))
    return (
        text(item.get("assetId")),
        unsigned(url).partition("?")[0] if url else "",
        text(provider.get("voiceId")),
        text(provider.get("script")),
    )


def _wrong(message: str, code: str) -> ProviderError:
    return ProviderError("input", message, code=code)
