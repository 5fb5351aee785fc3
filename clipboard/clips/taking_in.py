"""What became of a recording that was sent to a provider's own store, and what to do when it is
not known: nothing is sent again before the provider's list has been looked through."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any, TypeVar

from django.utils import timezone

from clipboard.clips.models import Account, Lease, RemoteCopy, note
from clipboard.clips.resolve import LISTED_WITHIN, NO_ANSWER
from clipboard.clips.spend import TRIES, charge, heed, pause_after
from clipboard.clips.submit import (
    FOUND_OUT_WITHIN,
    LOOK_UP_AFTER,
    is_ambiguous,
)
from clipboard.engine import Cancelled
from clipboard.providers.errors import ProviderError
from clipboard.providers.library import Library, RemoteAsset
from clipboard.providers.port import Steps
from clipboard.providers.speak import carry_out_alone

T = TypeVar("T")

FIRST_LOOK, SLOWEST_LOOK = 3.0, 60.0  # seconds between looks at what is being taken in
TAKEN_IN_WITHIN = timedelta(hours=3)
GIVEN_UP_AFTER = FOUND_OUT_WITHIN + TAKEN_IN_WITHIN


def find_out(copy: RemoteCopy, account: Account, library: Library, lease: Lease) -> None:
    if copy.state == RemoteCopy.State.SENDING:
        park(copy, NO_ANSWER, lease)
    elif copy.state == RemoteCopy.State.UNKNOWN:
        look_up(copy, account, library, lease)
    else:
        look_at(copy, account, library, lease)


def look_up(copy: RemoteCopy, account: Account, library: Library, lease: Lease) -> None:
    found = at_hand(ask(account, library.find(copy.name)))
    if found:
        adopt(copy, found[0], lease)
    elif copy.age < LISTED_WITHIN:
        park(copy, f"{account.title} does not list it yet.", lease)
    else:
        words = (
            f"{account.title} does not list the recording: it did not arrive, and is sent again."
        )
        note_all(copy, "trouble", words)
        lease.finish(state=RemoteCopy.State.WAITING, attempts=0, next_action_at=timezone.now())


def look_at(copy: RemoteCopy, account: Account, library: Library, lease: Lease) -> None:
    found = ask(account, library.look([copy.remote_id]))
    if found:
        follow(copy, found[0], lease)
    elif copy.age < LISTED_WITHIN:
        put_off(copy, lease, seconds=LOOK_UP_AFTER)
    else:
        fail(copy, lease, f"{account.title} has the recording no longer; try again.")


def at_hand(assets: list[RemoteAsset]) -> list[RemoteAsset]:
    """Those that are of use, what can be used at once before what is only being taken in."""
    good = [asset for asset in assets if asset.state != "failed"]
    return sorted(good, key=lambda asset: not asset.is_usable)


def is_done(asset: RemoteAsset) -> bool:
    """Whether it can be used, and the provider is not still at work on it."""
    return asset.is_usable and asset.state not in ("failed", "indexing")


def adopt(copy: RemoteCopy, asset: RemoteAsset, lease: Lease) -> None:
    """Its number is written whoever has the row by now: it is what nobody else can know."""
    state, told = RemoteCopy.State.TAKING, {"remote_id": asset.remote_id}
    if not lease.write(**told, state=state, sent_at=copy.sent_at or timezone.now()):
        lost = (RemoteCopy.State.SENDING, RemoteCopy.State.UNKNOWN)
        rows = RemoteCopy.objects.filter(pk=copy.pk, state__in=lost, remote_id="")
        rows.update(**told, state=state, next_action_at=timezone.now())
        raise Cancelled
    note_all(copy, "taken", f"The recording lies at {copy.account.title} as {asset.remote_id}.")
    follow(copy, asset, lease)


def follow(copy: RemoteCopy, asset: RemoteAsset, lease: Lease) -> None:
    """What is usable is used, unless the provider is still at work on it."""
    title = copy.account.title
    if asset.state == "failed":
        return fail(copy, lease, why_failed(title, asset))
    if is_done(asset):
        ready: dict[str, Any] = {
            "state": RemoteCopy.State.READY,
            "progress": 1,
            "error": "",
            "attempts": 0,
        }
        if lease.finish(**ready, wanted_at=None):
            copy.release()
        return
    if copy.age > TAKEN_IN_WITHIN:
        return fail(copy, lease, f"{title} did not finish taking the recording in; try again.")
    is_indexing = asset.state == "indexing"
    copy.tell(f"{title} is indexing it" if is_indexing else f"{title} is taking it in")
    wait = min(SLOWEST_LOOK, max(FIRST_LOOK, copy.age.total_seconds() / 10))
    put_off(copy, lease, seconds=wait)


def why_failed(title: str, asset: RemoteAsset) -> str:
    said = asset.failure.message if asset.failure else ""
    return f"{title} could not take the recording in. {said}".strip()


# --- When it goes wrong ---------------------------------------------------------------------------


def after_error(copy: RemoteCopy, account: Account, error: ProviderError, lease: Lease) -> None:
    was_sent = copy.state == RemoteCopy.State.SENDING
    if was_sent and is_ambiguous(error, account.adapter):
        return park(copy, error.message, lease)
    wait = heed(account, error)
    if error.kind in ("auth", "payment"):
        return fail(copy, lease, error.message)
    if error.kind == "rate":
        return again(copy, error.message, lease, seconds=wait)
    is_there = copy.state in (RemoteCopy.State.UNKNOWN, RemoteCopy.State.TAKING)
    if is_there and copy.age < GIVEN_UP_AFTER:
        return again(copy, error.message, lease, seconds=LOOK_UP_AFTER * 3)
    if (error.retryable or error.kind == "unknown") and copy.attempts < TRIES:
        wait = max(wait, pause_after(copy.attempts))
        return again(copy, error.message, lease, seconds=wait, counted=True)
    fail(copy, lease, error.message)


def park(copy: RemoteCopy, words: str, lease: Lease) -> None:
    """Nothing is sent again before the provider's list has been looked through."""
    if copy.age > GIVEN_UP_AFTER:
        return fail(copy, lease, words)
    wait = min(SLOWEST_LOOK, max(LOOK_UP_AFTER, copy.age.total_seconds()))
    due = timezone.now() + timedelta(seconds=wait)
    if copy.state == RemoteCopy.State.SENDING:
        title = copy.account.title
        note_all(copy, "trouble", f"{words} It is looked up at {title} before it is sent again.")
        copy.tell(f"Looking whether it came to {title}", error=words)
    lease.finish(state=RemoteCopy.State.UNKNOWN, error=words[:400], attempts=0, next_action_at=due)


def again(
    copy: RemoteCopy, words: str, lease: Lease, *, seconds: float, counted: bool = False
) -> None:
    """Nothing of it is there, or nothing was learned: later as before."""
    back = RemoteCopy.State.WAITING if copy.state == RemoteCopy.State.SENDING else copy.state
    if copy.state == RemoteCopy.State.SENDING:
        note_all(copy, "trouble", f"{words} It is tried again in {seconds:.0f} s.")
        copy.tell(f"To be uploaded to {copy.account.title}", error=words)
    lease.finish(
        state=back,
        error=words[:400],
        attempts=copy.attempts if counted else 0,
        next_action_at=timezone.now() + timedelta(seconds=seconds),
    )


def put_off(copy: RemoteCopy, lease: Lease, *, seconds: float) -> None:
    lease.finish(attempts=0, next_action_at=timezone.now() + timedelta(seconds=seconds))


def fail(copy: RemoteCopy, lease: Lease, words: str) -> None:
    copy.fail(words, lease=lease)


def ask(account: Account, steps: Steps[T]) -> T:
    return carry_out_alone(steps, account.connection(), charge=partial(charge, account))


def write(lease: Lease, **values: Any) -> None:
    if not lease.write(**values):
        raise Cancelled


def note_all(copy: RemoteCopy, kind: str, words: str) -> None:
    """On the timeline of every job that waits for it."""
    for job in copy.waiting_jobs():
        note(job, kind, words)
