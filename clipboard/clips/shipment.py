"""What leaves for a provider with an order: a link to the recording, the page that it stands on,
its number in the provider's own store, or the choices alone."""

from __future__ import annotations

import secrets
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from clipboard.clips.models import Account, Job
from clipboard.clips.webhook import webhook_url
from clipboard.providers.errors import ProviderError
from clipboard.providers.model import Order
from clipboard.providers.port import Provider


def order_of(job: Job, account: Account) -> Order:
    """Raises ProviderError("input") where the provider could not reach the recording."""
    by_upload = goes_by_upload(job, account.adapter)
    return Order(
        options=job.options,
        address="" if by_upload else address_of(job, account.adapter.takes),
        asset=job.copy.remote_id if by_upload and job.copy else "",
        title=job.source.title,
        duration=(job.clip or job.source).duration,
        idempotency_key=secrets.token_hex(16),
        webhook_url=webhook_url(account),
    )


def goes_by_upload(job: Job, adapter: Provider) -> bool:
    """Whether the file itself is sent: because that is wanted, or because no link can be. A
    recording goes to the provider's own store first, a clip goes along with the order."""
    stores = adapter.library is not None and "asset" in adapter.takes
    if not ("file" in adapter.takes if job.clip else stores):
        return False
    return job.wants_upload or not has_link(job, adapter.takes)


def has_link(job: Job, takes: frozenset[str]) -> bool:
    try:
        return bool(address_of(job, takes))
    except ProviderError:
        return False


def address_of(job: Job, takes: frozenset[str]) -> str:
    """Where the provider finds what it is to work on; "" where it takes no address."""
    link = job.source.origin_url if job.source.origin == job.source.Origin.URL else ""
    if "address" in takes and (ours := public_address((job.clip or job.source).file)):
        return ours
    if link and job.clip is None and takes & {"address", "page"}:
        return link
    if "address" in takes:
        raise ProviderError("input", NO_PUBLIC_ADDRESS, code="no_public_address")
    if "page" in takes:
        raise ProviderError("input", NO_PAGE, code="no_page")
    return ""


def public_address(file: Any) -> str:
    """Where others can fetch a stored file for a while: the storage's own address where that names
    a host, as that of an object store does, else one below PUBLIC_BASE_URL; "" without that."""
    address: str = file.storage.url(file.name)
    parts = urlsplit(address)
    if parts.netloc:
        return address if parts.scheme else f"https:{address}"
    return f"{settings.PUBLIC_BASE_URL}{address}" if settings.PUBLIC_BASE_URL else ""


NO_PAGE = "This provider takes a link to a YouTube page only; add the recording by such a link."
NO_PUBLIC_ADDRESS = (
    "This provider fetches the recording from us; set PUBLIC_BASE_URL to an address that it "
    "can reach, or use a provider that takes files."
)
