"""Everything that our forms offer is taken by the services as we play them, and arrives."""

from __future__ import annotations

import json

import pytest

from clipboard.clips.forms.choices import choices_form, shown
from clipboard.providers.model import Order
from clipboard.providers.options import nested
from clipboard.providers.registry import PROVIDERS

PAGE = "https://www.youtube.com/watch?v=wVXAFlueS9Y"
TALK = "https://me.example/talk.mp4"
NARRATED = {
    "videoType": "narrated",
    "topic": "the sea",
    "brollKeys": "users/7/b-roll/sea.mp4\nshared/b-roll/gulls.mp4",
    "script": "It was a calm day.\nThen it was not.",
    "voiceId": "joanna",
}
CINEMATIC = {"videoType": "cinematic", "topic": "the sea", "brollKeys": "shared/b-roll/sea.mp4"}
LIPS = {"model": "lipsync-2", "sound": "address", "audio.url": "https://me.example/a.wav"}
SPOKEN = {"model": "sync-3", "sound": "text", "text.voiceId": "v", "text.script": "Hello."}
DUBBED = {"model": "sync-3", "sound": "dub", "dubParams.targetLang": "es"}
CASES = [
    ("reka", {}, ""),
    ("scalereach", {}, ""),
    ("reelbot", NARRATED, ""),
    ("reelbot", CINEMATIC, ""),
    ("sync", LIPS, "text. dubParams. sounds segments audio. take sound"),
    ("sync", SPOKEN, "dubParams. sounds segments audio. take sound"),
    ("sync", DUBBED, "text. sounds segments audio. take sound"),
]
KEYS = {"reka": "reka", "scalereach": "sr_live_", "reelbot": "rb_live_", "sync": "sk-"}
KEPT_AS = {"reka": "clips", "scalereach": "video", "reelbot": "project", "sync": "generation"}
ALONE = {"generation_config.source_end_time": {"generation_config.source_start_time": "5"}}
VALUES = {
    "video_urls": "https://me.example/second.mp4",
    "assetTrimSettings": '{"shared/b-roll/sea.mp4": {"startTime": 0, "endTime": 4.5}}',
    "voiceoverKey": "users/7/voice.mp3",
    "projectId": "550e8400-e29b-41d4-a716-446655440000",
    "generation_config.min_duration_seconds": "5",
    "generation_config.source_end_time": "60",
    "config.timeframeEnd": "60",
    "config.clipDurationMin": "10",
    "options.active_speaker_detection.coordinates": "[10, 20]",
    "options.active_speaker_detection.bounding_boxes": "[[1, 2, 3, 4], null]",
}


def values_of(option):
    """Each value of a choice; one that fits of anything else, as a browser sends it."""
    if option.kind == "choice":
        return [value for value, _ in option.choices]
    if option.name in VALUES:
        return [VALUES[option.name]]
    if option.kind == "switch":
        return ["1", "0"]
    if option.kind in ("whole", "number"):
        return [f"{next(n for n in (option.most, option.least, 7) if n is not None):g}"]
    return ["#FF7E4F"] if option.kind == "colour" else ["seaside"]


@pytest.mark.parametrize(
    ("name", "given", "left_out"), CASES, ids=[f"{name}-{len(given)}" for name, given, _ in CASES]
)
def test_every_choice_is_taken_and_arrives(asking, sandbox, name, given, left_out):
    adapter, out = PROVIDERS[name], tuple(left_out.split()) or ("-",)
    ask, number = asking(name, KEYS[name]), 0
    for option in adapter.options:
        if option.name in given or option.name.startswith(out):
            continue
        for value in values_of(option):
            number += 1
            key = f"{KEYS[name]}{number}-0123456789"  # a fresh account: some take ten orders a day
            form = choices_form(adapter)(given | ALONE.get(option.name, {}) | {option.name: value})
            if option.name == "workspaceId":
                continue  # must be the key's own: test_scalereach.py
            assert form.is_valid(), (option.name, form.errors)
            options = form.options()
            address = PAGE if name == "scalereach" else TALK

            ask(adapter.submit(Order(address=address, options=options)), key=key)

            (kept,) = sandbox.world(name, key).all(KEPT_AS[name])
            assert arrived(kept, option, options[option.name]), (option.name, value, kept)
    assert number >= len(adapter.options) / 2


def arrived(kept, option, value):
    """Whether what the service keeps of the order holds this value where it belongs."""
    if option.name == "outputFileName":
        return shown(option.kind, value) in json.dumps(kept)
    place = kept.get("asked", kept)
    if option.name == "video_urls":
        return set(value) <= set(kept["video_urls"])
    if option.name == "projectId":
        return value in json.dumps(kept)
    if option.name.startswith("text."):
        place = next(item for item in place["input"] if item["type"] == "text")["provider"]
        return place[option.name.removeprefix("text.")] == value
    wanted = nested({option.name: value})
    while isinstance(wanted, dict) and len(wanted) == 1 and option.kind != "json":
        ((part, wanted),) = wanted.items()
        place = place[part]
    if option.kind == "json":
        for part in option.name.split("."):
            place = place[part]
        return place == value
    return place == wanted or str(place) == str(wanted)
