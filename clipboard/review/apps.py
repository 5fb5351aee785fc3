from __future__ import annotations

from django.apps import AppConfig


class ReviewConfig(AppConfig):
    name = "clipboard.review"

    def ready(self) -> None:
        from .counting import TRIGGERS
        from .farewell import connect

        TRIGGERS.connect(self)
        connect()
