"""Fetches a file to disk: whole and hashed, or not at all."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import re
import secrets
import shutil
import time
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.message import Message
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from clipboard.providers.errors import ProviderError, error_for_status

if TYPE_CHECKING:
    from clipboard.providers.outbound import Incoming

RESERVE_BYTES = 512 * 1024 * 1024
CHECK_SECONDS = 0.5
IDLE_SECONDS = 60.0
SLOW_SECONDS, LEAST_RATE = 120.0, 8 * 1024  # bytes a second: whoever sends fewer holds up others
TOO_SLOW = "The file comes too slowly; try again later."
NAME_LENGTH = 120
PAGES = {
    "application/json",
    "application/xhtml+xml",
    "application/xml",
    "text/html",
    "text/xml",
}


class DownloadStopped(Exception):
    """`should_stop` said so."""


class DiskFull(OSError):
    """Not enough room for the file and the work on it: waiting and freeing space help."""

    def __init__(self) -> None:
        super().__init__(errno.ENOSPC, "There isn't enough free disk space for this file.")


@dataclass(frozen=True)
class Downloaded:
    """`size` in bytes, `sha256` in hex; `content_type` and `file_name` are what the other side
    says: for display only, empty type if it says nothing."""

    path: Path
    size: int
    sha256: str
    content_type: str
    file_name: str


def download(
    url: str,
    to: Path,
    *,
    max_bytes: int,
    deadline: float,
    on_progress: Callable[[int, int | None], None] = lambda received, total: None,
    should_stop: Callable[[], bool] = lambda: False,
    reserve: int = RESERVE_BYTES,
) -> Downloaded:
    """Stream `url` into `to` within `deadline` seconds; `to` appears complete or not at all.

    `on_progress(received, total or None)` and `should_stop()` are called about twice a second,
    also while the server is silent (every second then). What comes more slowly than LEAST_RATE is
    given up after SLOW_SECONDS (code "slow"). Asks for room for the file twice over
    plus `reserve` bytes. Raises ProviderError, DownloadStopped, DiskFull or another OSError;
    its temporary file is gone then. Fewer bytes than Content-Length promises are an error, more
    are left unread. Without Content-Length a cut body can't be told from a whole one: probe it.
    """
    # httpx is a third of what a process loads; most never fetch anything.
    from clipboard.providers.outbound import open_client

    watch = _Watch(on_progress, should_stop)
    with (
        open_client(idle=IDLE_SECONDS, while_waiting=watch.tick) as client,
        client.stream("GET", url, deadline=deadline, max_bytes=max_bytes) as incoming,
    ):
        _check_answer(incoming)
        watch.total = incoming.length
        with _temporary(to) as (temporary, file):
            digest = _save(incoming, file, to.parent, watch, reserve)
            _put_in_place(temporary, to)
    disposition = incoming.headers.get("content-disposition", "")
    return Downloaded(
        path=to,
        size=watch.received,
        sha256=digest,
        content_type=_content_type(incoming),
        file_name=suggested_name(disposition, incoming.url.path),
    )


class _Watch:
    """Counts, and speaks to the caller now and then."""

    def __init__(
        self, on_progress: Callable[[int, int | None], None], should_stop: Callable[[], bool]
    ) -> None:
        self.received = 0
        self.total: int | None = None
        self._on_progress = on_progress
        self._should_stop = should_stop
        self._next = 0.0
        self._began = time.monotonic()

    def add(self, size: int) -> bool:
        """Count; whether it was time to look around."""
        self.received += size
        if time.monotonic() < self._next:
            return False
        self.tick()
        return True

    def tick(self) -> None:
        self._next = time.monotonic() + CHECK_SECONDS
        if self._should_stop():
            raise DownloadStopped
        lasted = time.monotonic() - self._began
        if lasted > SLOW_SECONDS and self.received < LEAST_RATE * lasted:
            raise ProviderError("network", TOO_SLOW, code="slow")
        self._on_progress(self.received, self.total)

    def finish(self) -> None:
        self._on_progress(self.received, self.received)


def _check_answer(incoming: Incoming) -> None:
    if incoming.status != 200:
        raise error_for_status(incoming.status, retry_after=incoming.headers.get("retry-after"))
    if is_page(incoming):
        raise ProviderError(
            "input",
            "That link leads to a web page, not to a file. Paste the address of the file itself.",
            code="page",
        )


def _save(incoming: Incoming, file: BinaryIO, folder: Path, watch: _Watch, reserve: int) -> str:
    digest = hashlib.sha256()
    chunks = incoming.chunks()
    _check_room(folder, watch, reserve)
    for chunk in chunks:
        file.write(chunk)
        digest.update(chunk)
        if watch.add(len(chunk)):
            _check_room(folder, watch, reserve)
    if not watch.received:
        raise ProviderError("provider", "The file is empty.", code="empty")
    file.flush()
    os.fsync(file.fileno())
    watch.finish()
    return digest.hexdigest()


def _check_room(folder: Path, watch: _Watch, reserve: int) -> None:
    """What is still to come, and as much again for the work on it, must fit beside the reserve."""
    total = watch.received if watch.total is None else watch.total
    if shutil.disk_usage(folder).free < 2 * total - watch.received + reserve:
        raise DiskFull


@contextlib.contextmanager
def _temporary(to: Path) -> Iterator[tuple[Path, BinaryIO]]:
    to.parent.mkdir(parents=True, exist_ok=True)
    # A name of its own per attempt: two workers on one clip can't mix their bytes.
    temporary = to.with_name(f".{to.name[:100]}.{secrets.token_hex(8)}.part")
    try:
        with temporary.open("xb") as file:
            yield temporary, file
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT} and not isinstance(error, DiskFull):
            raise DiskFull from error
        raise
    finally:
        temporary.unlink(missing_ok=True)


def _put_in_place(temporary: Path, to: Path) -> None:
    temporary.replace(to)
    folder = os.open(to.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def is_page(incoming: Incoming) -> bool:
    """Whether it says of itself that it is a text to read, so no file that we want."""
    return _content_type(incoming) in PAGES


def _content_type(incoming: Incoming) -> str:
    return incoming.headers.get("content-type", "").partition(";")[0].strip().lower()[:100]


def suggested_name(content_disposition: str, url_path: str) -> str:
    """A name to show, from the header (RFC 6266) or else the URL: never a path, never unprintable.

    >>> suggested_name('attachment; filename="../../etc/Café talk.mp4"', "/x")
    'Café talk.mp4'
    >>> suggested_name("", "/media/My talk.mp4"), suggested_name("", "/")
    ('My talk.mp4', 'video')
    """
    return _printable(_named_in_header(content_disposition)) or _printable(url_path) or "video"


def _named_in_header(content_disposition: str) -> str:
    message = Message()
    try:
        message["Content-Disposition"] = content_disposition
        return message.get_filename() or ""
    except (ValueError, LookupError, TypeError):  # hostile charsets and continuations
        return ""


def _printable(name: str) -> str:
    base = re.split(r"[/\\]", name)[-1]
    # Categories C* are control, direction-changing, private and lone-surrogate characters.
    kept = "".join(
        " " if char.isspace() else char
        for char in unicodedata.normalize("NFC", base)
        if char.isspace() or not unicodedata.category(char).startswith("C")
    )
    tidy = " ".join(kept.split()).lstrip(". ")
    stem, dot, suffix = tidy.rpartition(".")
    if dot and len(suffix) <= 10:
        return f"{stem[: NAME_LENGTH - len(suffix) - 1]}.{suffix}" if stem else suffix
    return tidy[:NAME_LENGTH]
