from __future__ import annotations

from django.apps import AppConfig


class ClipsConfig(AppConfig):
    name = "clipboard.clips"

    def ready(self) -> None:
        from .counting import TRIGGERS

        TRIGGERS.connect(self)
