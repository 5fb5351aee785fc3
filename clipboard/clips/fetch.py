"""Getting a recording's bytes onto this disk, whole and hashed, with progress on its row."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes, urlsplit

from django.conf import settings

from clipboard import engine
from clipboard.clips.models import Lease, Source
from clipboard.media.models import Upload
from clipboard.media.uploads import printable
from clipboard.providers.download import DiskFull, download, suggested_name
from clipboard.providers.errors import ProviderError

PIECE = 1024 * 1024
FETCH_SECONDS = 6 * 3600.0
WRITE_SECONDS = 0.5
RESERVE_BYTES = 512 * 1024**2
# Stage → where it begins and ends on the bar. What is already here skips the first.
STAGES = {
    "fetching": (0.0, 0.5),
    "hashing": (0.5, 0.6),
    "probing": (0.6, 0.65),
    "previews": (0.65, 0.8),
    "proxy": (0.8, 1.0),
}


class Refused(Exception):
    """The recording cannot be had or used, now or later; the text says what to do."""


class NotNow(Exception):
    """Something that may pass; the text says what, `after` in how many seconds to try again."""

    def __init__(self, sentence: str, *, after: float | None = None) -> None:
        super().__init__(sentence)
        self.after = after


class Watch:
    """Tells the row how far the work is, and the work when to stop."""

    def __init__(self, source: Source, lease: Lease) -> None:
        self.lease = lease
        self.should_stop = lease.should_stop
        self.skipped = 0.5 if source.origin == Source.Origin.UPLOAD else 0.0
        self.written_at = 0.0

    def enter(self, stage: str) -> None:
        self.stage, self.written_at = stage, 0.0
        self.progress(0)

    def progress(self, fraction: float) -> None:
        """`fraction` is of this stage. Raises Cancelled if the row is not ours any more."""
        if time.monotonic() - self.written_at < WRITE_SECONDS:
            return
        self.written_at = time.monotonic()
        begin, end = STAGES[self.stage]
        whole = begin + (end - begin) * min(1.0, fraction)
        shown = max(0.0, (whole - self.skipped) / (1 - self.skipped))
        self.write(stage=self.stage, progress=round(shown, 3))

    def write(self, **fields: Any) -> None:
        if not self.lease.write(**fields):
            raise engine.Cancelled


def source_folder(source: Source) -> Path:
    """Everything of one source; derived from its row, so that a killed try is found again."""
    return Path(settings.MEDIA_ROOT) / "sources" / f"{source.created_at:%Y/%m}" / str(source.pk)


def fetch(source: Source, watch: Watch) -> tuple[Path, str]:
    """The complete file, and its SHA-256 if fetching it told."""
    kept = next(source_folder(source).glob("recording.*"), None)
    if kept:
        return kept, ""
    if source.origin == Source.Origin.UPLOAD:
        part = uploaded_part(source)
        if part is None or not part.exists():
            raise Refused(LOST)
        return part, ""
    incoming = source_folder(source) / "incoming"
    if incoming.exists():
        return incoming, ""
    watch.enter("fetching")
    incoming.parent.mkdir(parents=True, exist_ok=True)
    try:
        if source.origin == Source.Origin.URL:
            return incoming, fetch_url(source, incoming, watch)
        return incoming, fetch_path(source, incoming, watch)
    except DiskFull as error:
        raise NotNow(NO_ROOM, after=60) from error


def uploaded_part(source: Source) -> Path | None:
    """Without asking for the upload's row, which is gone when someone removes the source."""
    return Upload(pk=source.upload_id).path if source.upload_id else None


def fetch_url(source: Source, to: Path, watch: Watch) -> str:
    def on_progress(received: int, total: int | None) -> None:
        watch.progress(received / total if total else 0)

    try:
        done = download(
            source.origin_url,
            to,
            max_bytes=settings.IMPORT_MAX_GB * 10**9,
            deadline=FETCH_SECONDS,
            on_progress=on_progress,
            should_stop=watch.should_stop,
        )
    except ProviderError as error:
        if error.retryable:
            raise NotNow(error.message, after=error.retry_after) from error
        raise Refused(error.message) from error
    if done.file_name != suggested_name("", ""):
        watch.write(title=(done.file_name.rpartition(".")[0] or done.file_name)[:255])
    return done.sha256


def fetch_path(source: Source, to: Path, watch: Watch) -> str:
    """Copy, hashing on the way: the file's owner may move it as soon as we have it."""
    # Names on disk are bytes; not all of them are words.
    path = Path(os.fsdecode(unquote_to_bytes(urlsplit(source.origin_url).path)))
    digest = hashlib.sha256()
    part = to.with_name("incoming.part")
    try:
        size = path.stat().st_size
        if shutil.disk_usage(to.parent).free < size + RESERVE_BYTES:
            raise DiskFull
        with path.open("rb") as original, part.open("wb") as copy:
            copy_file(original.read, size, watch, digest.update, copy.write)
            copy.flush()
            os.fsync(copy.fileno())
    except DiskFull:
        raise
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise DiskFull from error
        raise Refused(
            f"{printable(path.name)} cannot be read; check that it exists and may be read."
        ) from error
    put_in_place(part, to)
    return digest.hexdigest()


def hash_file(path: Path, watch: Watch) -> str:
    watch.enter("hashing")
    digest = hashlib.sha256()
    with path.open("rb") as file:
        copy_file(file.read, path.stat().st_size, watch, digest.update)
    return digest.hexdigest()


def copy_file(
    read: Callable[[int], bytes], size: int, watch: Watch, *to: Callable[[bytes], Any]
) -> None:
    done = 0
    while piece := read(PIECE):
        for take in to:
            take(piece)
        done += len(piece)
        if watch.should_stop():
            raise engine.Cancelled
        watch.progress(done / max(size, done))  # it may have grown since


def put_in_place(file: Path, final: Path) -> None:
    """Rename so that it lasts: the row that names it is committed afterwards."""
    os.replace(file, final)
    directory = os.open(final.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


LOST = "The uploaded file is no longer here; upload it again."
NO_ROOM = "The disk is nearly full; remove recordings you no longer need, then try again."
