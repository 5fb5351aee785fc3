"""Seal every provider's key anew with the first of PROVIDER_SECRETS."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from clipboard.clips.models import Account, Job
from clipboard.clips.models.account import seal
from clipboard.lib.seal import CannotOpen, new_secret
from clipboard.lib.wording import plural

SEALED = ("sealed_key", "sealed_webhook_secret")


class Command(BaseCommand):
    help = "Seal every provider's key anew with the first of PROVIDER_SECRETS."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--new", action="store_true", help="only print a new secret")

    def handle(self, *args: Any, new: bool, **options: Any) -> None:
        if new:
            print(new_secret())
            return
        lost = [account for account in Account.objects.all() if not renewed(account, *SEALED)]
        for job in Job.objects.exclude(sealed_order=""):
            renewed(job, "sealed_order")  # one that is lost waits for a person's word
        print(f"{plural(Account.objects.count() - len(lost), 'key')} sealed with the first secret.")
        if lost:
            names = ", ".join(f"{account} ({account.team})" for account in lost)
            raise CommandError(
                f"None of PROVIDER_SECRETS opens the key of {names}; enter the key again."
            )


def renewed(row: Account | Job, *fields: str) -> bool:
    """Only where nobody has entered another key meanwhile."""
    for field in fields:
        sealed = getattr(row, field)
        if not sealed:
            continue
        try:
            fresh = seal().renew(sealed)
        except CannotOpen:
            return False
        type(row).objects.filter(pk=row.pk, **{field: sealed}).update(**{field: fresh})
    return True
