"""Create the first team with its owner. Safe to run twice."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from clipboard.teams.models import Membership, found_team


class Command(BaseCommand):
    help = "Create the first team and its owner if nobody is here yet."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--team", default="My team")
        parser.add_argument("--email", default="owner@localhost")

    def handle(self, *args: Any, team: str, email: str, **options: Any) -> None:
        if not Membership.objects.exists():
            found_team(team_name=team, owner_email=email)
