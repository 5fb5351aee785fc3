"""Bringing a recording into a provider's own store, so that a job can be fed from there.

It is uploaded at most once: the intention is written first, and after an answer that never came the
provider's list is looked through before anything is sent again.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django.db import transaction
from django.utils import timezone

from clipboard.clips.models import Account, Lease, RemoteCopy
from clipboard.clips.spend import KEY_LOST, charge, why_not
from clipboard.clips.taking_in import (
    adopt,
    after_error,
    ask,
    at_hand,
    fail,
    find_out,
    is_done,
    note_all,
    put_off,
    write,
)
from clipboard.clips.watched import WatchedFile
from clipboard.engine import Cancelled
from clipboard.lib.seal import CannotOpen
from clipboard.lib.wording import percent
from clipboard.providers.errors import ProviderError
from clipboard.providers.library import Library, RemoteAsset, Upload
from clipboard.providers.speak import carry_out

TICK_SECONDS = 0.5
TURN_SECONDS = 5.0  # until it is tried again where as many are on their way as may be


class Unwanted(Exception):
    """Nobody waits for it any more."""


def send_copy(copy: RemoteCopy, *, lease: Lease) -> None:
    """Upload a claimed recording, unless it is there already. Raises Cancelled."""
    speak(copy, lease, upload_once)


def ask_about_copy(copy: RemoteCopy, *, lease: Lease) -> None:
    """Find out what became of a claimed upload, or how far its taking in is."""
    speak(copy, lease, find_out)


def speak(copy: RemoteCopy, lease: Lease, do: Callable[..., None]) -> None:
    account = copy.account
    if account.is_disabled or account.trouble:
        return fail(copy, lease, why_not(account))
    if not copy.is_wanted:
        lease.finish()
        return
    try:
        do(copy, account, store_of(account), lease)
    except CannotOpen:
        fail(copy, lease, KEY_LOST)
    except ProviderError as error:
        after_error(copy, account, error, lease)


def store_of(account: Account) -> Library:
    library = account.adapter.library
    if library is None:
        raise ProviderError("input", f"{account.title} takes no files.", code="no_library")
    return library


# --- Sending --------------------------------------------------------------------------------------


def upload_once(copy: RemoteCopy, account: Account, library: Library, lease: Lease) -> None:
    if is_full(copy, account, library):
        return put_off(copy, lease, seconds=TURN_SECONDS)
    if copy.source is None or not copy.source.file:
        return fail(copy, lease, "The recording is not here any more.")
    if copy.remote_id:
        if done := taken_in_since(copy, account, library):
            return adopt(copy, done, lease)
        # What could not be used there makes room for the next.
        ask(account, library.delete([copy.remote_id]))
        write(lease, remote_id="")
    elif found := at_hand(ask(account, library.find(copy.name))):
        return adopt(copy, found[0], lease)
    if not takes_place(copy, account, library, lease):
        return put_off(copy, lease, seconds=TURN_SECONDS)
    note_all(copy, "sent", f"The recording is uploaded to {account.title} first.")
    send_file(copy, account, library, lease)


def taken_in_since(copy: RemoteCopy, account: Account, library: Library) -> RemoteAsset | None:
    """What was given up, for want of a key say, may be of use by now: it is not sent twice."""
    try:
        found = ask(account, library.look([copy.remote_id]))
    except ProviderError as error:
        if error.kind != "missing":
            raise
        return None
    return next((asset for asset in found if is_done(asset)), None)


def is_full(copy: RemoteCopy, account: Account, library: Library) -> bool:
    others = RemoteCopy.objects.filter(account=account, state=RemoteCopy.State.SENDING)
    on_their_way = others.under_lease(now=timezone.now()).exclude(pk=copy.pk)
    return on_their_way.count() >= library.uploads_at_once


@transaction.atomic
def takes_place(copy: RemoteCopy, account: Account, library: Library, lease: Lease) -> bool:
    """Write that it is sent, unless others have begun meanwhile and as many as may be are on their
    way. Raises Cancelled."""
    Account.objects.select_for_update().filter(pk=account.pk).first()
    if is_full(copy, account, library):
        return False
    write(lease, state=RemoteCopy.State.SENDING, sent_at=timezone.now(), progress=0, error="")
    return True


def send_file(copy: RemoteCopy, account: Account, library: Library, lease: Lease) -> None:
    from clipboard.providers.outbound import open_client  # only who speaks needs an HTTP library

    source: Any = copy.source
    with WatchedFile(source.file.path, partial(watch, copy, lease)) as file:
        kind = source.content_type or "video/mp4"
        steps = library.upload(Upload(name=copy.name, file=file, content_type=kind))
        try:
            with open_client(idle=library.silence, while_waiting=file.look_around) as client:
                spend = partial(charge, account)
                asset = carry_out(steps, account.connection(), client, charge=spend)
        except Unwanted:
            stopped(lease, is_whole=file.is_whole)
        else:
            adopt(copy, asset, lease)


def watch(copy: RemoteCopy, lease: Lease, fraction: float) -> None:
    """Keep the lease, say how far it is, and stop where nobody waits for it. Raises Cancelled."""
    if lease.should_stop():
        raise Cancelled
    if not copy.is_wanted:
        raise Unwanted
    if not fraction or percent(fraction) != percent(copy.progress):
        write(lease, progress=fraction)
        copy.tell(f"Uploading to {copy.account.title}", progress=fraction)


def stopped(lease: Lease, *, is_whole: bool) -> None:
    """A part of a file is no upload; the whole of it may have arrived."""
    state = RemoteCopy.State.UNKNOWN if is_whole else RemoteCopy.State.WAITING
    lease.finish(state=state, progress=0, attempts=0)
