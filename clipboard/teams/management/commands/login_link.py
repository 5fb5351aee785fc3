"""Print a fresh one-time sign-in link."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from clipboard.teams.links import sign_in_address
from clipboard.teams.models import LoginLink, User


class Command(BaseCommand):
    help = "Print a one-time sign-in link for EMAIL, or for the first owner."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", nargs="?")

    def handle(self, *args: Any, email: str | None, **options: Any) -> None:
        people = User.objects.filter(is_active=True).order_by("pk")
        person = (people.filter(email__iexact=email) if email else people).first()
        if person is None:
            raise CommandError(
                f"Nobody here has the address {email}; add them in the admin site first."
                if email
                else "Nobody is here yet; run `make run` once, or `manage.py setup`."
            )
        self.stdout.write(sign_in_address(LoginLink.issue(person)))
