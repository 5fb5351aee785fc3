"""Each service's reading verbs, with the answers that they get where nothing is wrong."""

from __future__ import annotations

from clipboard.providers.library import Upload
from clipboard.providers.model import Order
from clipboard.providers.registry import PROVIDERS
from tests.providers import (
    recorded_reelbot,
    recorded_reka,
    recorded_scalereach,
    recorded_sync,
    recorded_vizard,
)

PAGE = "https://www.youtube.com/watch?v=wVXAFlueS9Y"
ORDER = Order(address=PAGE, title="A talk", duration=61)
VERSION = Order(
    address=recorded_sync.VIDEO,
    options={"model": "lipsync-2", "sound": "address", "audio.url": recorded_sync.SOUND},
    idempotency_key="k",
)
TAKE = Order(
    address=recorded_sync.VIDEO, options={"model": "lipsync-2", "sound": "take", "take": "g-1"}
)
reka, scalereach, reelbot, sync, vizard = (
    PROVIDERS[name] for name in ("reka", "scalereach", "reelbot", "sync", "vizard")
)
REKA_VIDEO = {
    "video_id": recorded_reka.NUMBER,
    "url": recorded_reka.SIGNED,
    "indexing_status": "indexed",
    "metadata": {"width": 1920, "height": 1080, "video_name": "a.mp4", "duration": 61.5},
    "group_id": "g",
}
REKA_GROUP = {"id": "g", "name": "Talks"}
IN_STORE = Order(asset=recorded_reka.NUMBER)
SCALEREACH_DONE = recorded_scalereach.STATUS | {
    "video": recorded_scalereach.STATUS["video"] | {"status": "completed"}
}
SCALEREACH_CLIPS = {
    "videoId": "v",
    "clips": [recorded_scalereach.CLIP, recorded_scalereach.WAITING],
    "count": 2,
}
VIDEOS = [recorded_scalereach.TAKEN["video"]]
SYNC_COST = [{"estimatedGenerationCost": 0.5, "estimatedFrameCount": 300}]

# name: (begin, the answers one after another, of which the last is repeated)
VERBS = {
    "reka": {
        "greet": (lambda: reka.greet(), [{"items": [recorded_reka.DONE]}]),
        "submit": (lambda: reka.submit(ORDER), [recorded_reka.QUEUED]),
        "submit a video in store": (
            lambda: reka.submit(IN_STORE),
            [{"results": [REKA_VIDEO]}, recorded_reka.QUEUED],
        ),
        "poll": (lambda: reka.poll("abc"), [recorded_reka.DONE]),
        "find": (
            lambda: reka.find(ORDER),
            [{"items": [recorded_reka.DONE]}, {"items": []}, recorded_reka.DONE],
        ),
        "refresh": (lambda: reka.refresh("abc", "0"), [recorded_reka.DONE]),
        "delete": (lambda: reka.delete("abc", with_input=True), [{"success": True}]),
        "upload": (
            lambda: reka.library.upload(Upload(name="a.mp4", address=PAGE)),
            [{"video_id": recorded_reka.NUMBER, "status": "upload_initiated"}],
        ),
        "look": (lambda: reka.library.look(["abc"]), [{"results": [REKA_VIDEO]}]),
        "browse": (lambda: reka.library.browse(), [{"results": [REKA_VIDEO]}]),
        "groups": (lambda: reka.library.groups(), [{"groups": [REKA_GROUP]}]),
        "create a group": (lambda: reka.library.create_group("Talks"), [REKA_GROUP]),
        "move": (lambda: reka.library.move(["abc"], "g"), [{"moved": 1}]),
    },
    "scalereach": {
        "greet": (lambda: scalereach.greet(), [recorded_scalereach.WORKSPACES]),
        "submit": (lambda: scalereach.submit(ORDER), [recorded_scalereach.TAKEN]),
        "poll": (lambda: scalereach.poll("abc"), [SCALEREACH_DONE, SCALEREACH_CLIPS]),
        "poll early": (lambda: scalereach.poll("abc"), [recorded_scalereach.STATUS]),
        "clips": (lambda: scalereach.clips("abc"), [SCALEREACH_CLIPS]),
        "find": (lambda: scalereach.find(ORDER), [recorded_scalereach.WORKSPACES, VIDEOS]),
        "refresh": (lambda: scalereach.refresh("abc", "clip_abc123"), [SCALEREACH_CLIPS]),
        "favourite": (
            lambda: scalereach.favourite("abc", "clip_abc123", on=True),
            [SCALEREACH_CLIPS, {"clip": recorded_scalereach.CLIP | {"favorited": True}}],
        ),
        "delete": (lambda: scalereach.delete("abc"), [{"message": "Deleted"}]),
        "estimate": (
            lambda: scalereach.estimate(Order(address=PAGE)),
            [{"valid": True, "videoInfo": recorded_scalereach.TAKEN["videoInfo"]}],
        ),
    },
    "reelbot": {
        "greet": (lambda: reelbot.greet(), [recorded_reelbot.QUEUED]),
        "submit": (lambda: reelbot.submit(ORDER), [{"projectId": "abc", "status": "queued"}]),
        "poll": (lambda: reelbot.poll("abc"), [recorded_reelbot.DONE, recorded_reelbot.FILE]),
        "poll early": (lambda: reelbot.poll("abc"), [recorded_reelbot.QUEUED]),
        "poll a failed one": (lambda: reelbot.poll("abc"), [recorded_reelbot.FAILED]),
        "refresh": (lambda: reelbot.refresh("abc", "output"), [recorded_reelbot.FILE]),
    },
    "sync": {
        "greet": (lambda: sync.greet(), [[recorded_sync.DONE]]),
        "submit": (lambda: sync.submit(VERSION), [recorded_sync.RUNNING]),
        "submit a take": (lambda: sync.submit(TAKE), [recorded_sync.DONE, recorded_sync.RUNNING]),
        "poll": (lambda: sync.poll("g-1"), [recorded_sync.DONE]),
        "poll a failed one": (
            lambda: sync.poll("g-1"),
            [recorded_sync.FAILED, recorded_sync.CATALOGUE],
        ),
        "wait": (lambda: sync.wait("g-1", seconds=5), [recorded_sync.DONE]),
        "find": (lambda: sync.find(VERSION), [[recorded_sync.RUNNING, recorded_sync.DONE]]),
        "refresh": (lambda: sync.refresh("g-1", "output"), [recorded_sync.DONE]),
        "delete": (lambda: sync.delete("g-1"), [recorded_sync.DONE]),
        "estimate": (lambda: sync.estimate(VERSION), [SYNC_COST]),
        "catalogue": (lambda: sync.catalogue(), [recorded_sync.CATALOGUE]),
    },
    "vizard": {
        "greet": (lambda: vizard.greet(), [recorded_vizard.DONE]),
        "submit": (lambda: vizard.submit(ORDER), [recorded_vizard.TAKEN]),
        "poll": (lambda: vizard.poll("1"), [recorded_vizard.DONE]),
        "refresh": (lambda: vizard.refresh("1", "14529453"), [recorded_vizard.DONE]),
    },
}
