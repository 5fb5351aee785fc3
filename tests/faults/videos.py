"""The few videos that every schedule's outputs are made of, with what the engine found in them.

Each output has bytes of its own: the video, then a box that players pass over. So the engine need
look at a video once only, whatever the output is called; what it found is kept beside it.
"""

from __future__ import annotations

import hashlib
import pickle
import struct
from pathlib import Path
from typing import Any

from clipboard import engine
from tests import recordings
from tests.faults.mishaps import HTML

SECONDS = {"short": 3, "long": 7}
SMALL = [*recordings.BROWSERS, "-crf", "40", "-b:a", "24k"]
CUTS = (0.3, 0.6, 0.97)  # of the whole, where a connection breaks
BOX = struct.pack(">I4s", 40, b"free")


def prepare(folder: Path) -> None:
    """Make the videos and have the engine look at all that schedules may serve."""
    for name, seconds in SECONDS.items():
        file = folder / f"{name}.mp4"
        recordings.make(file, seconds=seconds, size="96x54", codecs=SMALL)
    videos = Videos(folder)
    file, out = folder / "served.mp4", folder / "pictures"
    parts = [part for video in videos.plain.values() for part in parts_of(video)]
    for content in [HTML.encode(), *parts]:
        file.write_bytes(content)
        try:
            out.mkdir(exist_ok=True)
            videos.make_previews(file, out, videos.probe(file))
        except engine.MediaError:
            pass
    (folder / "found.pickle").write_bytes(pickle.dumps(videos.found))


def parts_of(video: bytes) -> list[bytes]:
    whole = marked(video, "any")
    return [whole, *(whole[: int(len(whole) * cut)] for cut in CUTS)]


def marked(video: bytes, name: str) -> bytes:
    """The same video, with other bytes for each name."""
    return video + BOX + hashlib.sha256(name.encode()).digest()


class Videos:
    def __init__(self, folder: Path) -> None:
        self.plain = {name: (folder / f"{name}.mp4").read_bytes() for name in SECONDS}
        kept = folder / "found.pickle"
        self.found: dict[str, Any] = pickle.loads(kept.read_bytes()) if kept.exists() else {}
        self.probe_really, self.make_really = engine.probe, engine.make_previews

    def probe(self, path: Path, **more: Any) -> Any:
        """As engine.probe, which is asked about each video once."""
        key = f"probe {key_of(path)}"
        if key not in self.found:
            try:
                self.found[key] = self.probe_really(path)
            except engine.MediaError as error:
                self.found[key] = (error.code, error.sentence)
        if isinstance(self.found[key], tuple):
            raise engine.MediaError(*self.found[key])
        return self.found[key]

    def make_previews(self, path: Path, out: Path, probe: Any, **more: Any) -> Any:
        key = f"previews {key_of(path)}"
        if key not in self.found:
            made = self.make_really(path, out, probe)
            names = (made.poster, made.filmstrip)
            self.found[key] = (made, {name: (out / name).read_bytes() for name in names})
        made, pictures = self.found[key]
        for name, content in pictures.items():
            (out / name).write_bytes(content)
        return made


def key_of(path: Path) -> str:
    content = path.read_bytes()
    plain = content[:-40] if content[-40:-32] == BOX else content
    return hashlib.sha256(plain).hexdigest()
