"""Fresh addresses of clips' files: asked for once, however many notice at once that the old one
is dead, and not again for a while whatever the answer was."""

from __future__ import annotations

import time
from functools import partial

from django.utils import timezone

from clipboard.clips.models import REFRESH_PAUSE, REFRESH_SECONDS, Account, Download
from clipboard.clips.spend import SLOW_DOWN, charge, heed, why_not
from clipboard.lib.seal import CannotOpen
from clipboard.providers.errors import Kind, ProviderError
from clipboard.providers.model import RemoteFile
from clipboard.providers.speak import carry_out_alone

DEAD: tuple[Kind, ...] = ("auth", "missing", "input")  # what an address says that has run out
LOOK_AGAIN = 0.05  # seconds


def freshen(row: Download) -> None:
    """Give the row a fresh address. Raises ProviderError and CannotOpen where there is none."""
    account = row.clip.job.account
    if account is None:
        raise ProviderError("input", ACCOUNT_GONE)
    if resting := why_it_rests(account):
        raise ProviderError("rate", resting, retry_after=REFRESH_PAUSE.total_seconds())
    if row.claim_refresh():
        ask(row, account)
    else:
        wait_for_other(row)


def why_it_rests(account: Account) -> str:
    if account.is_disabled or account.trouble:
        return why_not(account)
    return SLOW_DOWN.format(account.title) if account.rests_for else ""


def ask(row: Download, account: Account) -> None:
    try:
        file = asked(row, account)
    except (ProviderError, CannotOpen) as error:
        row.end_refresh(expires_at=timezone.now())
        if isinstance(error, ProviderError):
            heed(account, error)
        raise
    row.end_refresh(url=file.url, expires_at=file.expires_at)


def asked(row: Download, account: Account) -> RemoteFile:
    steps = account.adapter.refresh(row.clip.job.remote_id, row.clip.remote_id)
    line, pay = account.connection(), partial(charge, account)
    file = carry_out_alone(steps, line, charge=pay, hurry=REFRESH_SECONDS)
    if file is None:
        raise ProviderError("input", f"{account.adapter.title} does not have this file any more.")
    return file


def wait_for_other(row: Download) -> None:
    """Somebody asks already, or has just done so: take what they were told."""
    dead = row.url
    until = time.monotonic() + REFRESH_SECONDS
    while True:
        row.refresh_from_db(fields=["url", "expires_at", "refreshed_at", "refreshing_until"])
        if row.url != dead:
            return
        if row.refreshing_until is None or time.monotonic() > until:
            wait = REFRESH_PAUSE.total_seconds()
            raise ProviderError("conflict", NONE_FRESHER, retry_after=wait)
        time.sleep(LOOK_AGAIN)


ACCOUNT_GONE = "The account that this clip came from is gone, and its address has run out."
NONE_FRESHER = "The provider gives no working address of this file at the moment."
