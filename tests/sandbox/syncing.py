"""An order of a version at sync.so."""

from __future__ import annotations

from clipboard.providers.model import Order

KEY = "sk-0123456789"
OPTIONS = {"model": "lipsync-2", "sound": "address", "audio.url": "https://me.example/a.wav"}
CLIP = "https://me.example/clip.mp4"
BODY = {
    "model": "lipsync-2",
    "input": [{"type": "video", "url": CLIP}, {"type": "audio", "url": "https://me.example/a.wav"}],
}


def order(*, address=CLIP, options=None, **more):
    return Order(address=address, options=OPTIONS | (options or {}), **more)
