"""The port: what an adapter must be able to do so that the product can work with a service.

An adapter does no input or output. Its verbs are generators that yield `Call`s and are given
`Answer`s (`speak.py` carries them out, one at a time or thousands at once), so that a recorded
answer is all that a test needs:

    def poll(self, remote_id: str) -> Steps[RemoteJob]:
        answer = yield Call("GET", f"/v1/clips/{quote(remote_id)}", budget="status")
        return job_from(answer.json())

An answer that means failure is thrown into the generator as the ProviderError that `error_from`
made of it; a verb that knows better may catch it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, TypeVar

from clipboard.providers.answer import Answer
from clipboard.providers.errors import ProviderError, error_for_status
from clipboard.providers.library import Library
from clipboard.providers.model import (
    Cost,
    Order,
    RemoteClip,
    RemoteFile,
    RemoteJob,
    Submitted,
)
from clipboard.providers.options import Option, out_of_order

T = TypeVar("T")
GENERAL = "status"  # the budget of whatever has none of its own
Steps = Generator["Call", Answer, T]
Makes = Literal[
    "clips",  # finds several in a recording
    "video",  # makes one video out of material at the service
    "version",  # makes another version of one clip
]


@dataclass(frozen=True, kw_only=True)
class Budget:
    """At most `calls` in any `seconds`, for the whole account. Polls are taken from "status".

    A service that says "slow down" to a call of it rests it alone; of "status", which most calls
    are taken from, the whole account.
    """

    name: str
    calls: int
    seconds: int


@dataclass(frozen=True, kw_only=True)
class Allowance:
    """What the service says of the budget that a call was taken from: `resets_in` is in seconds."""

    limit: int | None = None
    left: int | None = None
    resets_in: float | None = None


@dataclass(frozen=True, kw_only=True)
class Pace:
    """How often to ask after a job (seconds), and after how long to give it up.

    The interval grows from `first` to `slowest` with the age of the job.
    """

    first: float
    slowest: float
    deadline: float


@dataclass(frozen=True)
class Call:
    """One request. `path` is below the account's base URL, its parts already quoted.

    `json`, `data`, `files` and `params` are httpx.Request's. `budget` names the budget that it is
    taken from. `with_key` is False for what the service tells anybody; only such an answer may be
    used again, for `keep_for` seconds.
    """

    method: str
    path: str
    budget: str = ""
    json: Any = None
    data: Mapping[str, Any] | None = None
    files: Any = None
    params: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    with_key: bool = True
    deadline: float = 30.0
    keep_for: float = 0.0


class Provider(ABC):
    """One service. Subclasses set the facts, write all abstract verbs, and of the others those that
    its facts say it has."""

    name: ClassVar[str]  # in addresses and rows: "reka"
    title: ClassVar[str]  # as people know it: "Reka"
    base_url: ClassVar[str]
    key_hint: ClassVar[str] = ""  # what a key looks like, for the form
    makes: ClassVar[Makes] = "clips"
    # What it can be given: "address" (a public URL), "page" (a YouTube or similar page),
    # "asset" (something uploaded there before), "file" (one sent along with the order), "keys"
    # (material named in the options).
    takes: ClassVar[frozenset[str]] = frozenset({"address"})
    options: ClassVar[tuple[Option, ...]] = ()
    ordered: ClassVar[tuple[tuple[str, str], ...]] = ()  # options: the second is never less
    clip_filters: ClassVar[tuple[Option, ...]] = ()  # what `clips` can be asked for, if it can
    budgets: ClassVar[tuple[Budget, ...]] = ()
    poll_budgets: ClassVar[frozenset[str]] = frozenset({"status"})  # what `poll` may take from
    calls_a_poll: ClassVar[int] = 1  # at most, from any one of these
    pace: ClassVar[Pace]
    library: ClassVar[Library | None] = None  # where recordings can be put before any job
    not_taken: ClassVar[frozenset[str]] = frozenset()  # codes of faults before anything was begun
    can_look_up: ClassVar[bool] = False  # `find` tells what became of an unanswered submission
    can_delete: ClassVar[bool] = False
    deletes_running: ClassVar[bool] = False  # else only a job that has ended
    can_delete_input: ClassVar[bool] = False  # `with_input` means something
    can_delete_clips: ClassVar[bool] = False  # one by one
    can_favourite: ClassVar[bool] = False
    can_estimate: ClassVar[bool] = False
    has_webhooks: ClassVar[bool] = False
    sends_idempotency_key: ClassVar[bool] = False
    idempotency_lasts: ClassVar[float] = 0  # seconds; a submission repeated later may be a new one

    @abstractmethod
    def headers(self, key: str) -> dict[str, str]:
        """What proves who we are."""

    def error_from(self, answer: Answer) -> ProviderError:
        """The error that an answer with a status of 400 or more means."""
        return error_for_status(answer.status, retry_after=answer.headers.get("retry-after"))

    def allowance_from(self, answer: Answer) -> Allowance | None:
        """What any answer tells of the call's budget: it counts what others do with the key too.
        The account's page shows it."""
        return None

    def wrong_with(self, options: dict[str, Any]) -> dict[str, str]:
        """What can't be ordered like this, by the option's name, and what to do: told on the form,
        before anything is sent. Each option by itself has been checked."""
        return out_of_order(self.options, options, self.ordered)

    @abstractmethod
    def greet(self) -> Steps[str]:
        """The cheapest call that proves the key; returns a sentence on what was found."""

    def prepare(self, order: Order) -> Steps[Order]:
        """The order with what must be asked for first, so that it can be sent again unchanged."""
        yield from ()
        return order

    @abstractmethod
    def submit(self, order: Order) -> Steps[Submitted]:
        """Order a job. Raises ProviderError; of kind "unknown" when it may have been taken."""

    @abstractmethod
    def poll(self, remote_id: str) -> Steps[RemoteJob]:
        """The job as it is now, with its clips as soon as there are any."""

    def clips(self, remote_id: str, **filters: Any) -> Steps[tuple[RemoteClip, ...]]:
        """The job's clips, those alone that pass `clip_filters` as the service applies them."""
        raise NotImplementedError

    def find(self, order: Order) -> Steps[list[RemoteJob]]:
        """Jobs at the service that may have come of this order, newest first."""
        raise NotImplementedError

    @abstractmethod
    def refresh(self, remote_id: str, clip_id: str) -> Steps[RemoteFile | None]:
        """A fresh address of that clip's file; None if the service has it no longer."""

    def delete(self, remote_id: str, *, with_input: bool = False) -> Steps[None]:
        """Delete the job and what came of it there. Raises ProviderError("conflict") too early."""
        raise NotImplementedError

    def delete_clip(self, remote_id: str, clip_id: str) -> Steps[None]:
        """Delete that clip of the job there, and nothing else; safe to run twice."""
        raise NotImplementedError

    def favourite(self, remote_id: str, clip_id: str, *, on: bool) -> Steps[None]:
        """Make the service's favourite mark what ours is; safe to run twice."""
        raise NotImplementedError

    def estimate(self, order: Order) -> Steps[Cost | None]:
        """What it would cost, asked before anything is spent; None if it cannot be known."""
        raise NotImplementedError

    def check_webhook(self, body: bytes, headers: Mapping[str, str], secret: str) -> str:
        """The remote id that an authentic message speaks of. Raises ProviderError("auth")."""
        raise NotImplementedError


def file_in(job: RemoteJob, clip_id: str) -> RemoteFile | None:
    """What `refresh` returns of a job: as `file_among`, where its clips are told at all."""
    if job.clips is None and not job.is_terminal:
        raise _not_made()
    return file_among(job.clips or (), clip_id)


def file_among(clips: Sequence[RemoteClip], clip_id: str) -> RemoteFile | None:
    """The file of that clip, None where it is gone or could not be made. Raises ProviderError while
    the service makes it (again): it is not gone."""
    clip = next((clip for clip in clips if clip.remote_id == clip_id), None)
    if clip and clip.file is None and clip.state != "failed":
        raise _not_made()
    return clip.file if clip else None


def _not_made() -> ProviderError:
    return ProviderError("provider", "The service is making this clip's file.", code="not_made")
