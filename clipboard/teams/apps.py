from __future__ import annotations

from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps


class TeamsConfig(AppConfig):
    name = "clipboard.teams"
    default = True

    def ready(self) -> None:
        from . import checks  # noqa: F401 (registers them)


class SiteConfig(admin_apps.AdminConfig):
    """Django's admin app, with our site in the place of its own."""

    default = False
    default_site = "clipboard.teams.site.Site"
