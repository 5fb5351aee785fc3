"""Many conversations at once, over connections that are kept: they go on in a thread of their own
while the caller's writes down what has been told."""

from __future__ import annotations

import asyncio
import logging
import resource
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from queue import Empty, SimpleQueue
from typing import Any, Generic, Self, TypeAlias, TypeVar

from clipboard.providers.errors import ProviderError
from clipboard.providers.port import Call, Steps
from clipboard.providers.speak import Connection, carry_out_async

MOST = 1000
LULL = 0.02  # seconds

logger = logging.getLogger(__name__)

T = TypeVar("T")
Name = TypeVar("Name")
Outcome: TypeAlias = "T | ProviderError"
Charge: TypeAlias = Callable[[Call], None]


class Crowd(Generic[Name, T]):
    """To use in a `with` block, at whose end whoever has not answered yet is left.

    Every conversation has a name, by which its outcome is told. An error stands in the result's
    place; nothing is repeated. No more than `most` should be `waiting`.
    """

    def __init__(self) -> None:
        self.waiting = 0
        self.most = most_at_once()
        self._told: SimpleQueue[tuple[Name, Outcome[T]]] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._opened: Future[None] = Future()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._thread and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._enough.set)
            self._thread.join()

    def ask(
        self,
        connection: Connection,
        several: Iterable[tuple[Name, Steps[T]]],
        *,
        charge: Charge = lambda call: None,
    ) -> None:
        """Begin; `charge` is as for `carry_out`, but called in the other thread."""
        if self._thread is None:  # most have nobody to ask, and need no HTTP library
            self._thread = threading.Thread(target=self._run, daemon=True)
            self._thread.start()
            self._opened.result()
        begun = list(several)
        self.waiting += len(begun)
        self._loop.call_soon_threadsafe(self._begin, connection, begun, charge)

    def answers(self, *, within: float) -> list[tuple[Name, Outcome[T]]]:
        """What is told in so many seconds, or until there is a lull."""
        told: list[tuple[Name, Outcome[T]]] = []
        end = time.monotonic() + within
        while self.waiting:
            left = max(0, min(end - time.monotonic(), LULL if told else within))
            try:
                told.append(self._told.get(block=left > 0, timeout=left))
            except Empty:
                if not (self._thread and self._thread.is_alive()):
                    self.waiting = 0  # nobody will ever answer
                break
            self.waiting -= 1
        return told

    # --- In the thread ----------------------------------------------------------------------------

    def _run(self) -> None:
        try:
            asyncio.run(self._stay())
        except Exception as error:
            if self._opened.done():
                raise
            self._opened.set_exception(error)

    async def _stay(self) -> None:
        from clipboard.providers.outbound_async import open_async_client

        self._loop, self._enough = asyncio.get_running_loop(), asyncio.Event()
        self._going: set[asyncio.Task[None]] = set()
        async with open_async_client(connections=self.most) as self._client:
            self._opened.set_result(None)
            await self._enough.wait()
            for task in self._going:
                task.cancel()
            await asyncio.gather(*self._going, return_exceptions=True)

    def _begin(
        self, connection: Connection, several: list[tuple[Name, Steps[T]]], charge: Charge
    ) -> None:
        for name, steps in several:
            task = self._loop.create_task(self._carry_out(name, steps, connection, charge))
            self._going.add(task)
            task.add_done_callback(self._going.discard)

    async def _carry_out(
        self, name: Name, steps: Steps[T], connection: Connection, charge: Charge
    ) -> None:
        outcome: Any
        try:
            outcome = await carry_out_async(steps, connection, self._client, charge=charge)
        except ProviderError as error:
            outcome = error
        except Exception:
            # One answer that we stumble over must not keep all the others from being heard.
            logger.exception("An answer of %s could not be read", connection.provider.title)
            outcome = ProviderError("provider", NOT_READ, code="not_read")
        self._told.put((name, outcome))


def most_at_once() -> int:
    """Half of the files that this process may have open are left for others."""
    allowed, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return MOST if allowed < 0 else min(MOST, allowed // 2)


NOT_READ = "The service's answer can't be read; the log says more."
