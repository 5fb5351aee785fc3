"""Accounts at the sandbox, the sample recording and a job at each. Safe to run twice."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from clipboard.clips import demo, tasks
from clipboard.teams.models import Membership


class Command(BaseCommand):
    help = "Add what the demonstration shows (make demo calls it)."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.SANDBOX:
            raise CommandError("This is for the demonstration only: make demo.")
        owner = Membership.objects.select_related("user", "team").order_by("pk").first()
        if owner is None:
            raise CommandError("There is no team yet; run `manage.py setup` first.")
        is_complete = demo.set_up(team=owner.team, user=owner.user)
        tasks.look_later()
        if not is_complete and options["verbosity"]:
            self.stdout.write("The job at sync.so follows when there is a clip to change.")
