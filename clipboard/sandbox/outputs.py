"""Real MP4 files for jobs to put out, behind signed addresses that really run out.

What a job promises is only written down (a recipe beside the file's place); it is made when
somebody first fetches it, so that thousands of jobs cost nothing.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import shutil
import threading
import wave
from collections.abc import Callable
from functools import cache
from http.client import HTTPException
from math import inf
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from clipboard import engine
from clipboard.sandbox.nearby import ask, is_nearby

PIECE = 1024**2
HEIGHT = 480
LENGTH_OTHERWISE = 60.0  # seconds, where not even the sample can be read
KNOWN: dict[str, engine.Probe | None] = {}  # by the SHA-256 of the content


class Outputs:
    """`folder` holds what was made; `fallback` is cut where a source cannot be had.

    No address lives longer than `longest` seconds, whatever a vendor says of it.
    """

    def __init__(
        self,
        folder: Path,
        *,
        fallback: Path,
        secret: bytes,
        now: Callable[[], float],
        longest: float = inf,
    ) -> None:
        self.folder, self.fallback, self.now = folder, fallback, now
        self.longest = longest
        self._secret = secret
        self._making = threading.RLock()
        folder.mkdir(parents=True, exist_ok=True)

    # --- Addresses ----------------------------------------------------------------------------

    def address(self, origin: str, name: str, *, seconds: float) -> str:
        """A signed address of a file below `origin` (scheme and host), good for so many seconds."""
        until = int(self.now() + min(seconds, self.longest))
        return f"{origin}/files/{name}?expires={until}&signature={self.sign(name, until)}"

    def sign(self, name: str, until: int) -> str:
        return hmac.new(self._secret, f"{name}:{until}".encode(), hashlib.sha256).hexdigest()

    def admits(self, name: str, expires: str, signature: str) -> bool:
        """Whether that address is ours and has not run out."""
        if not expires.isdigit() or int(expires) < self.now():
            return False
        return hmac.compare_digest(self.sign(name, int(expires)), signature)

    # --- What may be fetched ------------------------------------------------------------------

    def clip(self, source_url: str, *, start: float, end: float, aspect: str = "9:16") -> str:
        """The name of a file with that range of the source.

        A source that cannot be had (a YouTube page, say) is played by the sample recording, its
        ranges folded into its length.
        """
        return self.promise(
            ".mp4", what="clip", source=source_url, start=start, end=end, aspect=aspect
        )

    def picture(self, source_url: str, *, at: float, aspect: str = "9:16") -> str:
        """The name of a still of the source, as WebP."""
        return self.promise(".webp", what="picture", source=source_url, at=at, aspect=aspect)

    def copy(self, source_url: str) -> str:
        """The name of the source itself."""
        return self.promise(".mp4", what="copy", source=source_url)

    def sound(self, words: str) -> str:
        """The name of a WAV that stands for those words being spoken."""
        return self.promise(".wav", what="sound", words=words)

    def promise(self, suffix: str, **recipe: Any) -> str:
        text = json.dumps(recipe, sort_keys=True)
        name = hashlib.sha256(text.encode()).hexdigest()[:24] + suffix
        note = self.folder / f"{name}.json"
        if not note.exists():
            note.write_text(text)
        return name

    def keep(self, name: str, content: bytes | memoryview) -> str:
        """Store an upload; returns its name."""
        (self.folder / Path(name).name).write_bytes(content)
        return Path(name).name

    def file(self, name: str) -> Path | None:
        """The file of that name, made now if it was only promised; None for a name of nothing."""
        file = self.folder / Path(name).name
        note = self.folder / f"{file.name}.json"
        with self._making:  # one at a time: whoever asks again finds it
            if not file.is_file() and note.is_file():
                self.make(json.loads(note.read_text()), file)
        return file if file.is_file() else None

    def drop(self, name: str) -> None:
        for file in (self.folder / name, self.folder / f"{name}.json"):
            file.unlink(missing_ok=True)

    # --- Making -------------------------------------------------------------------------------

    def make(self, recipe: dict[str, Any], file: Path) -> None:
        if recipe["what"] == "sound":
            return hum(file, seconds=1 + len(recipe["words"]) / 15)
        source = self.source(recipe["source"])
        draft = file.with_name(f"draft-{file.name}")
        if recipe["what"] == "copy":
            shutil.copyfile(source, draft)
        elif recipe["what"] == "picture":
            at = min(recipe["at"], length_of(source) / 2)
            engine.still(source, at, draft, aspect=recipe["aspect"])
        else:
            self.cut(source, draft, recipe["start"], recipe["end"], recipe["aspect"])
        draft.replace(file)

    def cut(self, source: Path, out: Path, start: float, end: float, aspect: str) -> None:
        duration = length_of(source)
        length = min(end - start, duration)
        room = duration - length
        first = start if start <= room else start % max(0.001, room)
        spec = engine.RenderSpec(start=first, end=first + length, aspect=aspect, height=HEIGHT)
        work = out.with_suffix(".work")
        work.mkdir(exist_ok=True)
        (work / engine.render(source, work, spec).file).replace(out)
        shutil.rmtree(work)

    def length(self, url: str) -> float:
        """How long the recording at that address is, in seconds."""
        return length_of(self.source(url)) or LENGTH_OTHERWISE

    def source(self, url: str) -> Path:
        """The recording at that address, fetched once, where it lies on this machine."""
        if not is_nearby(url):
            return self.fallback
        path = urlsplit(url).path
        if path.startswith("/files/") and (ours := self.file(path)):
            return ours if length_of(ours) else self.fallback
        name = hashlib.sha256(url.partition("?")[0].encode()).hexdigest()[:24]
        file = self.folder / f"source-{name}"
        if not file.exists():
            try:
                self.fetch(url, file)
            except (OSError, HTTPException):
                return self.fallback
        return file if length_of(file) else self.fallback

    def fetch(self, url: str, file: Path) -> None:
        """Whole or not at all, piece by piece: recordings are larger than memory. Raises OSError
        and HTTPException."""
        draft = file.with_name(f"draft-{file.name}-{secrets.token_hex(4)}")
        try:
            with ask(url, seconds=30) as answer, draft.open("wb") as out:
                shutil.copyfileobj(answer, out, PIECE)
            if answer.length:
                raise ConnectionAbortedError
            draft.replace(file)
        finally:
            draft.unlink(missing_ok=True)


@cache
def length_of(file: Path) -> float:
    """In seconds; 0 for what is no video."""
    found = looked_at(file)
    return found.duration if found else 0.0


def looked_at(file: Path) -> engine.Probe | None:
    """What the engine says of it, asked once for the same content; None for what is no video."""
    try:
        with file.open("rb") as content:
            digest = hashlib.file_digest(content, "sha256").hexdigest()
    except OSError:
        return None
    if digest not in KNOWN:
        try:
            KNOWN[digest] = engine.probe(file)
        except engine.MediaError:
            KNOWN[digest] = None
    return KNOWN[digest]


def hum(file: Path, *, seconds: float) -> None:
    """A soft square tone: 8 kHz, 8 bits, mono."""
    with wave.open(str(file), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(1)
        sound.setframerate(8000)
        sound.writeframes((bytes([124] * 20) + bytes([132] * 20)) * int(200 * seconds))
