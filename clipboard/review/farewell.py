"""When a person is deleted, favourites of theirs go; providers that mark favourites hear of it."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from django.db.models.signals import pre_delete

from clipboard.clips.marks import pass_on
from clipboard.clips.models import Clip
from clipboard.clips.tasks import ask_later


def connect() -> None:
    pre_delete.connect(pass_on_all, sender=get_user_model(), dispatch_uid="favourites_go")


def pass_on_all(instance: Any, **_: Any) -> None:
    """What is marked there because of this person is looked at anew: whether anybody else holds it
    is read when it is said, after the deletion, with which this is committed or not at all."""
    marked = Clip.objects.filter(favourites__user=instance, is_favourite_there=True)
    passed_on = [pass_on(clip) for clip in marked.select_related("job__account")]
    if any(passed_on):
        ask_later()
