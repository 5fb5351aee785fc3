"""Real MP4 files for jobs to put out, behind signed addresses that really run out."""

from __future__ import annotations

import hashlib
import hmac
import threading
import urllib.request
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from clipboard import engine

LONGEST_SOURCE = 2 * 1024**3
HEIGHT = 480


class Outputs:
    """`folder` holds what was made; `fallback` is cut where a source cannot be had."""

    def __init__(
        self, folder: Path, *, fallback: Path, secret: bytes, now: Callable[[], float]
    ) -> None:
        self.folder, self.fallback, self.now = folder, fallback, now
        self._secret = secret
        self._making = threading.Lock()
        folder.mkdir(parents=True, exist_ok=True)

    # --- Addresses ----------------------------------------------------------------------------

    def address(self, origin: str, name: str, *, seconds: float) -> str:
        """A signed address of a file below `origin` (scheme and host), good for so many seconds."""
        until = int(self.now() + seconds)
        return f"{origin}/files/{name}?expires={until}&signature={self.sign(name, until)}"

    def sign(self, name: str, until: int) -> str:
        return hmac.new(self._secret, f"{name}:{until}".encode(), hashlib.sha256).hexdigest()

    def admits(self, name: str, expires: str, signature: str) -> bool:
        """Whether that address is ours and has not run out."""
        if not expires.isdigit() or int(expires) < self.now():
            return False
        return hmac.compare_digest(self.sign(name, int(expires)), signature)

    # --- Files --------------------------------------------------------------------------------

    def clip(self, source_url: str, *, start: float, end: float, aspect: str = "9:16") -> str:
        """The name of a file with that range of the source; made on first use, then kept.

        A source that cannot be had (a YouTube page, say) is played by the sample recording, its
        ranges folded into its length.
        """
        key = hashlib.sha256(f"{source_url}|{start}|{end}|{aspect}".encode()).hexdigest()[:24]
        name = f"{key}.mp4"
        with self._making:  # one at a time: whoever asks again finds it
            if not (self.folder / name).exists():
                self.cut(self.source(source_url), name, start=start, end=end, aspect=aspect)
        return name

    def cut(self, source: Path, name: str, *, start: float, end: float, aspect: str) -> None:
        probe = engine.probe(source)
        length = min(end - start, probe.duration)
        first = start % max(0.001, probe.duration - length) if start else 0.0
        spec = engine.RenderSpec(
            start=first,
            end=first + length,
            aspect=aspect,
            height=HEIGHT,
        )
        work = self.folder / f"{name}.work"
        work.mkdir(exist_ok=True)
        made = engine.render(source, work, spec)
        (work / made.file).replace(self.folder / name)

    def keep(self, name: str, content: bytes) -> Path:
        """Store an upload."""
        file = self.folder / name
        file.write_bytes(content)
        return file

    def source(self, url: str) -> Path:
        """The recording at that address, fetched once. Only our own addresses are asked, so that
        nobody can send the sandbox elsewhere."""
        if urlsplit(url).hostname not in ("127.0.0.1", "localhost"):
            return self.fallback
        name = hashlib.sha256(url.partition("?")[0].encode()).hexdigest()[:24]
        file = self.folder / f"source-{name}"
        if not file.exists():
            try:
                with urllib.request.urlopen(url, timeout=30) as answer:  # noqa: S310
                    file.write_bytes(answer.read(LONGEST_SOURCE))
            except OSError:
                return self.fallback
        return file
