"""The one error that everything speaking to an outside service raises."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Literal

from clipboard.lib.redact import redact
from clipboard.providers.retry import LONGEST, seconds_until

Kind = Literal[
    "auth",  # the key or the link isn't accepted
    "payment",  # a plan, a quota or a balance
    "rate",  # too many requests; `retry_after` where it was told
    "input",  # what was asked for can't be done, now or later
    "missing",  # not there, or no longer
    "conflict",  # not in this state; later perhaps
    "provider",  # the service answered with a fault or with nonsense
    "network",  # no answer, and nothing can have happened
    "unknown",  # the request may or may not have been carried out: look up, never just repeat
]
NO_RECORDING = "no_recording"  # what lay in the service's own store is there no longer
REFUSED = "refused"  # by our own guard: nothing left us
RETRYABLE: frozenset[Kind] = frozenset({"rate", "conflict", "provider", "network"})

KIND_OF_STATUS: dict[int, Kind] = {
    401: "auth",
    402: "payment",
    403: "auth",
    404: "missing",
    408: "network",
    409: "conflict",
    410: "missing",
    425: "network",
    429: "rate",
}
SENTENCES: dict[Kind, str] = {
    "auth": "The service refused access. Check the key, or get a fresh link.",
    "payment": "The service wants a payment or a bigger plan first.",
    "rate": "The service asks us to slow down.",
    "input": "The service doesn't accept this request.",
    "missing": "The service says there is nothing at this address (any more).",
    "conflict": "The service can't do this at the moment.",
    "provider": "The service has a fault. Try again later.",
    "network": "The service didn't answer in time. Try again later.",
    "unknown": "The service gave an answer we don't understand.",
}


class ProviderError(Exception):
    """What went wrong outside, in words fit for a page: `message` never holds a key or a URL.

    `retryable` says whether the same request may be sent again; `retry_after` is in seconds, at
    most a day whatever was told; `code` is the service's own word for it, or ours (`refused`,
    `dns`, `tls`, `too_large` ...).
    `remote_id`: with "unknown", the job that the service says may have come of the request.
    `body` is the beginning of its answer; redact it before anyone sees it. `budget` is the one that
    the refused call was taken from.
    """

    body = b""
    budget = ""

    def __init__(
        self,
        kind: Kind,
        message: str,
        *,
        code: str = "",
        retryable: bool | None = None,
        retry_after: float | None = None,
        remote_id: str = "",
    ) -> None:
        super().__init__(kind, message)
        self.kind = kind
        self.message = message
        self.code = code
        self.retryable = kind in RETRYABLE if retryable is None else retryable
        self.retry_after = None if retry_after is None else min(retry_after, LONGEST)
        self.remote_id = remote_id

    def __str__(self) -> str:
        return self.message

    def described(
        self,
        *,
        kind: Kind | None = None,
        code: str = "",
        said: str = "",
        retry_after: float | None = None,
        remote_id: str = "",
    ) -> ProviderError:
        """The same with what the service's own body tells better than its status.

        What it `said` stands behind our sentence, redacted: services repeat what they were sent.
        """
        kind = kind or self.kind
        ours = SENTENCES[kind] if kind != self.kind else self.message
        told = f" It says: “{redact(said)}”" if said else ""
        return ProviderError(
            kind,
            ours + told,
            code=code or self.code,
            retryable=self.retryable if kind == self.kind else kind in RETRYABLE,
            retry_after=self.retry_after if retry_after is None else retry_after,
            remote_id=remote_id or self.remote_id,
        )

    def saying(self, message: str) -> ProviderError:
        """The same in other words, with the answer that it came of, whatever was asked since."""
        told = ProviderError(
            self.kind,
            message,
            code=self.code,
            retryable=self.retryable,
            retry_after=self.retry_after,
            remote_id=self.remote_id,
        )
        told.body, told.budget = self.body, self.budget
        return told


def no_status(title: str) -> ProviderError:
    """For an answer that doesn't say how a job is: an unknown word means running, none does not."""
    return ProviderError("provider", f"{title}'s answer tells no status.", code="no_status")


def unsure(error: ProviderError) -> ProviderError:
    """What a failed submission leaves open: after a fault of the service it may have been taken.

    Other kinds stay as they are: a refusal is a refusal.
    """
    if error.kind != "provider":
        return error
    return ProviderError(
        "unknown", f"{error.message} The order may have been taken.", code=error.code
    )


def refuses_request(error: ProviderError) -> bool:
    """Whether the service refused what it was asked, not who asked: it accepts the key.

    What never left us ("refused" by our own guard, a "header" that can't be sent) proves nothing.
    """
    return error.kind in ("missing", "input") and error.code not in (REFUSED, "header")


def error_for_status(status: int, *, retry_after: str | None = None) -> ProviderError:
    """The error for an HTTP status other than success, its `Retry-After` header understood."""
    kind = _kind_of(status)
    return ProviderError(
        kind,
        SENTENCES[kind],
        code=str(status),
        retryable=kind in RETRYABLE and not 300 <= status < 400,
        retry_after=retry_after_seconds(retry_after),
    )


def retry_after_seconds(value: str | None, *, now: datetime | None = None) -> float | None:
    """Seconds from a `Retry-After` header (RFC 9110 10.2.3: seconds or a date), at most a day; None
    for nonsense.

    >>> retry_after_seconds("120"), retry_after_seconds("-5"), retry_after_seconds("soon")
    (120.0, None, None)
    >>> retry_after_seconds("Wed, 01 Jan 2025 00:01:00 GMT", now=datetime(2025, 1, 1, tzinfo=UTC))
    60.0
    """
    text = (value or "").strip()
    if re.fullmatch(r"[0-9]{1,9}", text):
        return min(LONGEST, float(text))
    try:
        moment = parsedate_to_datetime(text)
        aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return seconds_until(aware, now=now)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def _kind_of(status: int) -> Kind:
    if status in KIND_OF_STATUS:
        return KIND_OF_STATUS[status]
    if 400 <= status < 500:
        return "input"
    if 300 <= status < 400 or status >= 500:
        return "provider"
    return "unknown"
