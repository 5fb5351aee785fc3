"""What providers say, in one language: whatever a service calls it, the rest of us reads this.

Nothing here is trusted further than its type: texts may be hostile, and are bounded, not cleaned.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, Self

JobState = Literal[
    "queued",
    "running",
    "partial",  # the service is done with the job, but some of its clips have no file yet
    "succeeded",
    "failed",
    "rejected",  # the service would not even begin
    "cancelled",
    "expired",  # it was there once; the service has cleared it away
]
TERMINAL: frozenset[JobState] = frozenset(
    {"succeeded", "failed", "rejected", "cancelled", "expired"}
)
ClipState = Literal["detected", "generating", "completed", "failed"]


@dataclass(frozen=True, kw_only=True)
class RemoteFile:
    """Where a file can be had. `expires_at`: None for an address that lasts; where the service does
    not tell, the contract's cautious guess."""

    url: str
    expires_at: datetime | None = None

    @classmethod
    def for_now(cls, url: str, *, seconds: float) -> Self | None:
        """A file whose address was signed just now for that long; None without an address."""
        if not url:
            return None
        ends = datetime.now(UTC) + timedelta(seconds=seconds)
        return cls(url=url, expires_at=ends)


@dataclass(frozen=True, kw_only=True)
class Cost:
    """What a job takes from the account: `unit` is "USD", "credits" or "minutes"."""

    amount: float
    unit: str
    is_estimate: bool = False


@dataclass(frozen=True, kw_only=True)
class Failure:
    """Why a job or a clip failed, as far as the service says."""

    message: str = ""
    code: str = ""
    suggestion: str = ""
    may_help_to_repeat: bool = False  # said to people where the service advises nothing


@dataclass(frozen=True, kw_only=True)
class RemoteClip:
    """One clip. `remote_id` is its identity within the job and never an address.

    `ranges` are (start, end) in seconds of the source: several, one, or none known. `score` is
    0 to 100, or None: not scored is not zero. `raw_score` and `scale` (such as "0-10") are as told.
    """

    remote_id: str
    state: ClipState
    title: str = ""
    reason: str = ""
    caption: str = ""  # the text to post with it
    transcript: str = ""
    hashtags: tuple[str, ...] = ()  # without "#"
    score: float | None = None
    raw_score: str = ""
    scale: str = ""
    ranges: tuple[tuple[float, float], ...] = ()
    duration: float | None = None  # seconds
    aspect: str = ""
    file: RemoteFile | None = None
    poster: RemoteFile | None = None
    is_favourite: bool | None = None
    failure: Failure | None = None
    extra: dict[str, Any] = field(default_factory=dict)  # hooks, emotions … as told


@dataclass(frozen=True, kw_only=True)
class RemoteJob:
    """A job as the service sees it now.

    `word` is the service's own status. `clips` None: not asked, or not told; () is a true zero.
    `progress` is 0 to 1 where it is told; it may go back.
    """

    remote_id: str
    state: JobState
    word: str = ""
    stage: str = ""
    progress: float | None = None
    clips: tuple[RemoteClip, ...] | None = None
    failure: Failure | None = None
    cost: Cost | None = None
    created_at: datetime | None = None  # by the service's clock, where it tells
    look_again_after: float | None = None  # seconds, where the service tells
    raw: Any = None  # the answer itself; redact before anyone sees it

    @property
    def is_terminal(self) -> bool:
        return self.state in TERMINAL


@dataclass(frozen=True, kw_only=True)
class Submitted:
    """What a service said when it took a job."""

    remote_id: str
    state: JobState = "queued"
    word: str = ""
    cost: Cost | None = None
    raw: Any = None


@dataclass(frozen=True, kw_only=True)
class Order:
    """What to submit.

    `options` are the adapter's declared options, checked and typed; those left at "the service's
    default" are absent. `address` is a public (signed, expiring) URL of the recording, or of the
    clip for a transform; for a service that takes pages, the page to watch it on. `asset` is its id
    at the service where it was put there before. `sound` is the address of a sound that lies at the
    service, once `prepare` has asked for it. `file` is an open binary file to send along.
    """

    options: dict[str, Any] = field(default_factory=dict)
    address: str = ""
    asset: str = ""
    sound: str = ""
    title: str = ""
    duration: float | None = None  # seconds
    idempotency_key: str = ""
    webhook_url: str = ""
    file: Any = None
