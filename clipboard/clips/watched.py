"""A file on its way out: how much of it has gone is told, and whoever is told may stop it."""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from clipboard.clips.models import Job, Lease
from clipboard.engine import Cancelled
from clipboard.providers.errors import ProviderError
from clipboard.providers.model import Order, Submitted
from clipboard.providers.port import Call
from clipboard.providers.speak import Connection, carry_out

TICK_SECONDS = 0.5
SILENCE = 120.0  # seconds for which a provider may say nothing when a file has gone over


class WatchedFile(io.FileIO):
    """Tells now and then what part of it was read, 0 to 1."""

    def __init__(self, path: str | Path, on_look: Callable[[float], None]) -> None:
        super().__init__(path)
        self.size = Path(path).stat().st_size
        self.taken = 0
        self._on_look = on_look
        self._next = 0.0

    @property
    def is_whole(self) -> bool:
        return self.taken >= self.size

    def read(self, size: int | None = -1, /) -> bytes:
        piece = super().read(-1 if size is None else size) or b""
        self.taken = self.tell()
        if time.monotonic() >= self._next:
            self.look_around()
        return piece

    def look_around(self) -> None:
        self._next = time.monotonic() + TICK_SECONDS
        self._on_look(self.taken / max(1, self.size))


def send_along(
    job: Job,
    order: Order,
    connection: Connection,
    lease: Lease,
    spend: Callable[[Call], None],
    last_look: Callable[[], None],
) -> Submitted:
    """Order with the clip's own file; both callables as for `carry_out`. Raises Cancelled."""
    from clipboard.providers.outbound import open_client  # only who speaks needs an HTTP library

    def look(part: float) -> None:
        if lease.should_stop() or not lease.write(progress=part):
            raise Cancelled

    file: Any = job.clip and job.clip.file
    if not file:
        raise ProviderError("input", "The clip has no file here any more.", code="no_file")
    with (
        WatchedFile(file.path, look) as watched,
        open_client(idle=SILENCE, while_waiting=watched.look_around) as client,
    ):
        steps = connection.provider.submit(replace(order, file=watched))
        return carry_out(steps, connection, client, charge=spend, last_look=last_look)
