"""What providers send by themselves: kept as it came, and no more than a hint to ask them now."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta

from django.conf import settings
from django.core import signing
from django.db import IntegrityError, transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone

from clipboard.clips.models import Account, Delivery, Job, note
from clipboard.lib.seal import CannotOpen
from clipboard.providers.errors import ProviderError
from clipboard.providers.speak import HIDDEN

SALT = "clipboard.clips.webhook"
KEPT_FOR = timedelta(days=30)
MOST_FORGED = 100  # kept for each account: whoever has its address can send any number


def webhook_url(account: Account) -> str:
    """Where this account's provider is to send its messages; "" where they could not be believed
    or could not arrive."""
    believable = account.adapter.has_webhooks and account.sealed_webhook_secret
    if not believable or not settings.PUBLIC_BASE_URL:
        return ""
    token = signing.Signer(salt=SALT).sign(str(account.pk))
    return settings.PUBLIC_BASE_URL + reverse("webhook_receive", args=[token])


def account_of(token: str) -> Account | None:
    try:
        pk = int(signing.Signer(salt=SALT).unsign(token))
    except (signing.BadSignature, ValueError):
        return None
    account = Account.objects.usable().filter(pk=pk).first()
    return account if account and account.adapter.has_webhooks else None


@transaction.atomic
def receive(account: Account, body: bytes, headers: Mapping[str, str]) -> bool:
    """Keep the message; whether it made a job due now. The same one twice does nothing more, so
    that what is kept and what it does must be one: else one kill would make it be missed."""
    remote_id, verdict = judge(account, body, headers)
    if not keep(account, body, verdict=verdict, remote_id=remote_id):
        return False
    if verdict != Delivery.Verdict.AUTHENTIC:
        return False
    return ask_now(account, remote_id)


def sweep_deliveries(now: datetime) -> int:
    """Forget what came long ago; returns how many. Sent once more, it would be too old to be
    believed."""
    return int(Delivery.objects.filter(received_at__lt=now - KEPT_FOR).delete()[0])


def judge(account: Account, body: bytes, headers: Mapping[str, str]) -> tuple[str, str]:
    """The job it speaks of, and whether it is the provider's own."""
    try:
        secret = account.webhook_secret()
    except CannotOpen:
        return "", Delivery.Verdict.UNCHECKED
    if not secret:
        return "", Delivery.Verdict.UNCHECKED
    try:
        remote_id = account.adapter.check_webhook(body, headers, secret)
    except ProviderError:
        return "", Delivery.Verdict.FORGED
    return remote_id[:255], Delivery.Verdict.AUTHENTIC


def keep(account: Account, body: bytes, *, verdict: str, remote_id: str) -> bool:
    """False: it came before, or there are enough of its kind."""
    digest = hashlib.sha256(body).hexdigest()
    same = Delivery.objects.filter(account=account, digest=digest, verdict=verdict)
    if same.update(times=F("times") + 1):
        return False
    others = Delivery.objects.filter(account=account).exclude(verdict=Delivery.Verdict.AUTHENTIC)
    if verdict != Delivery.Verdict.AUTHENTIC and others.count() >= MOST_FORGED:
        return False
    try:
        with transaction.atomic():
            Delivery.objects.create(
                account=account,
                digest=digest,
                body=without_secrets(account, body),
                verdict=verdict,
                remote_id=remote_id,
            )
    except IntegrityError:  # the same one at the same moment
        return False
    return True


def without_secrets(account: Account, body: bytes) -> bytes:
    """As it came, but for what nobody may read in our database, should the message repeat it."""
    try:
        secret = account.webhook_secret().encode()
        body = account.connection().without_key(body)
    except CannotOpen:
        return body
    return body.replace(secret, HIDDEN) if secret else body


def ask_now(account: Account, remote_id: str) -> bool:
    job = Job.objects.filter(account=account, remote_id=remote_id).exclude(remote_id="").first()
    if job is None:
        return False  # faster than our own commit, perhaps: the first poll is due soon
    made_due = Job.objects.open().filter(pk=job.pk).update(next_action_at=timezone.now())
    if made_due:
        note(job, "webhook", f"{account.adapter.title} sent a message: asked now.")
    return bool(made_due)
