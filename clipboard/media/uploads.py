"""Resumable uploads: how bytes get from a request onto the disk and stay there.

The part file is the truth about what has arrived; `Upload.offset` follows it after every fsync.
One writer at a time: whoever holds the file's lock.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import time
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings
from django.db import transaction
from django.db.models import F, Sum
from django.dispatch import Signal
from django.http import UnreadablePostError
from django.utils import timezone

from .models import Upload

PIECE = 1024 * 1024
SAVE_SECONDS = 2.0
RESERVE_BYTES = 1024**3

# Sent inside the transaction that marks the upload finished: what receivers write holds with it.
upload_finished = Signal()


class UploadRefused(Exception):
    """`status` is the HTTP status, `sentence` says what to do, `offset` is where to go on."""

    def __init__(self, status: int, sentence: str, *, offset: int | None = None) -> None:
        super().__init__(sentence)
        self.status, self.sentence, self.offset = status, sentence, offset


def most_bytes() -> int:
    return settings.UPLOAD_MAX_GB * 10**9


def start_upload(
    *, team: Any, user: Any, file_name: str, size: int, metadata: dict[str, str]
) -> Upload:
    """A new, empty part. Raises UploadRefused if there is no sense or no room for it."""
    check_size(size)
    folder().mkdir(parents=True, exist_ok=True)
    check_room(size)
    upload = Upload(
        team=team, user=user, file_name=printable(file_name), size=size, metadata=metadata
    )
    upload.path.open("xb").close()
    upload.save(force_insert=True)
    return upload


def check_size(size: int) -> None:
    if size <= 0:
        raise UploadRefused(400, "This file is empty; choose another one.")
    if size > most_bytes():
        raise UploadRefused(
            413,
            f"This file is larger than {settings.UPLOAD_MAX_GB} GB; cut it in parts, "
            "or ask an admin to raise UPLOAD_MAX_GB.",
        )


def check_room(size: int) -> None:
    """Room for this file beside what others have begun to send, and a reserve for the work."""
    missing = Upload.objects.filter(finished_at=None).aggregate(sum=Sum(F("size") - F("offset")))
    if shutil.disk_usage(folder()).free < size + (missing["sum"] or 0) + RESERVE_BYTES:
        raise UploadRefused(507, NO_ROOM)


def folder() -> Path:
    return Path(settings.MEDIA_ROOT) / "uploads"


def printable(name: str) -> str:
    """For display only; no path, no control or direction-changing character.

    >>> printable("C:\\\\talks\\\\Monday\\u202e.mp4")
    'Monday.mp4'
    """
    base = name.replace("\\", "/").rpartition("/")[2]
    kept = "".join(char for char in base if not unicodedata.category(char).startswith("C"))
    return kept.strip()[-255:] or "video"


def resume_upload(upload: Upload) -> int:
    """Bytes that are safely here. Finishes an upload whose last byte came just before a crash."""
    if upload.finished_at:
        return upload.size
    try:
        with locked(upload) as part:
            settle(upload, part)
    except UploadRefused as refusal:
        if refusal.status != 423:
            raise
    return upload.offset


def append(upload: Upload, *, offset: int, length: int, read: Callable[[int], bytes]) -> int:
    """Write what `read` gives, at most `length` bytes, behind `offset`; returns the new offset.

    Raises UploadRefused: 409 not where we are, 413 too much, 423 someone else is writing,
    507 disk full. When the sender vanishes, everything that came is kept.
    """
    if upload.finished_at:
        return check_offset(upload.size, offset)
    with locked(upload) as part:
        check_offset(settle(upload, part), offset)
        if offset + length > upload.size:
            raise UploadRefused(413, "That is more than was announced for this upload.")
        receive(upload, part, length, read)
        return settle(upload, part)


def check_offset(have: int, offset: int) -> int:
    if offset != have:
        raise UploadRefused(409, f"Go on at byte {have}.", offset=have)
    return have


@contextmanager
def locked(upload: Upload) -> Iterator[BinaryIO]:
    try:
        part = upload.path.open("r+b", buffering=0)
    except FileNotFoundError as error:
        raise UploadRefused(404, GONE) from error
    with part:
        try:
            fcntl.flock(part, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise UploadRefused(423, "This upload is being written by another tab.") from error
        yield part


def settle(upload: Upload, part: BinaryIO) -> int:
    """Make file and row agree, whatever happened before; the file is right."""
    have = part.seek(0, os.SEEK_END)
    if have != upload.offset:
        save(upload, part, have)
    if have >= upload.size:
        finish(upload)
    return have


def receive(upload: Upload, part: BinaryIO, length: int, read: Callable[[int], bytes]) -> None:
    left, saved_at = length, time.monotonic()
    while left and (piece := read_piece(read, min(PIECE, left))):
        write(part, piece)
        left -= len(piece)
        if time.monotonic() - saved_at > SAVE_SECONDS:
            saved_at = time.monotonic()
            save(upload, part, part.tell())


def read_piece(read: Callable[[int], bytes], size: int) -> bytes:
    try:
        return read(size)
    except UnreadablePostError:
        return b""  # the sender has gone


def write(part: BinaryIO, piece: bytes) -> None:
    view = memoryview(piece)
    try:
        while view:
            view = view[part.write(view) :]
    except OSError as error:
        raise UploadRefused(507, NO_ROOM) from error


def save(upload: Upload, part: BinaryIO, have: int) -> None:
    os.fsync(part.fileno())
    upload.offset, upload.touched_at = have, timezone.now()
    kept = Upload.objects.filter(pk=upload.pk).update(offset=have, touched_at=upload.touched_at)
    if not kept:
        raise UploadRefused(404, GONE)


def finish(upload: Upload) -> None:
    now = timezone.now()
    with transaction.atomic():
        whole = Upload.objects.filter(pk=upload.pk, finished_at=None)
        if whole.update(finished_at=now, offset=upload.size):
            upload.finished_at = now
            upload_finished.send(sender=Upload, upload=upload)


@transaction.atomic
def give_up(upload: Upload) -> None:
    """For its sender. Raises UploadRefused (410) once it is a recording."""
    unfinished = Upload.objects.select_for_update().filter(pk=upload.pk, finished_at=None)
    if not unfinished.exists():
        raise UploadRefused(410, "This upload is complete; remove the recording instead.")
    remove_upload(upload)


def remove_upload(upload: Upload) -> None:
    """Forget it. A request that is still writing notices at its next save."""
    Upload.objects.filter(pk=upload.pk).delete()
    upload.path.unlink(missing_ok=True)


def sweep_uploads(now: datetime) -> int:
    """Finish what is whole, forget what nobody has touched for UPLOAD_KEEP_HOURS; returns how many.

    A finished upload's row stays until its file has been taken away: its sender may still ask.
    """
    for upload in Upload.objects.filter(
        finished_at=None, touched_at__lt=now - timedelta(minutes=1)
    ):
        if upload.path.exists() and upload.path.stat().st_size >= upload.size:
            resume_upload(upload)
    long_ago = now - timedelta(hours=settings.UPLOAD_KEEP_HOURS)
    stale = [
        upload
        for upload in Upload.objects.filter(touched_at__lt=long_ago)
        if not upload.finished_at or not upload.path.exists()
    ]
    for upload in stale:
        remove_upload(upload)
    return len(stale) + sweep_parts_without_row(long_ago)


def sweep_parts_without_row(long_ago: datetime) -> int:
    old = [part for part in folder().glob("*.part") if part.stat().st_mtime < long_ago.timestamp()]
    known = {str(pk) for pk in Upload.objects.values_list("pk", flat=True)} if old else set()
    lost = [part for part in old if part.stem not in known]
    for part in lost:
        part.unlink(missing_ok=True)
    return len(lost)


NO_ROOM = "The disk is nearly full; remove recordings you no longer need, then try again."
GONE = "This upload is no longer here; choose the file again."
