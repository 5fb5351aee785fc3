from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.core import checks
from django.db.models.signals import pre_delete


class ClipsConfig(AppConfig):
    name = "clipboard.clips"

    def ready(self) -> None:
        from clipboard.clips.checks import check_queue
        from clipboard.clips.counting import TRIGGERS
        from clipboard.media.uploads import upload_finished

        checks.register(check_queue)
        TRIGGERS.connect(self)
        upload_finished.connect(take_upload, dispatch_uid="clips.take_upload")
        pre_delete.connect(clear_team, sender="teams.Team", dispatch_uid="clips.clear_team")


def take_upload(*, upload: Any, **_: Any) -> None:
    """Inside the transaction that finishes the upload: both hold or neither."""
    from clipboard.clips import ingest, tasks

    ingest.add_upload(upload)
    tasks.look_later()


def clear_team(*, instance: Any, **_: Any) -> None:
    """A team goes with everything of its own, files included, wherever it is deleted."""
    from clipboard.clips.remove import remove_recordings

    remove_recordings(of=instance)
