"""A person who is deleted holds no clip as a favourite any more, at the provider neither."""

from __future__ import annotations

import pytest
from django.urls import reverse

from clipboard.clips import tasks
from clipboard.clips.models import Clip, Errand
from clipboard.review.models import Favourite
from clipboard.teams.models import User
from tests import factories
from tests.clips.at_sandbox import SCALEREACH_KEY, due, go_on, make_order, make_video

pytestmark = pytest.mark.django_db


@pytest.fixture
def clips(scalereach, team, clock):
    """Of one job there: one marked by somebody alone, one by two people, one by nobody."""
    job = make_order(scalereach, make_video(team))
    go_on()
    clock.skip(20)
    go_on()
    return list(job.clips.order_by("pk")[:3])


@pytest.fixture
def marked(clips, editor_client, editor, team):
    other = factories.make_member(team=team)
    for clip in clips[:2]:
        editor_client.post(reverse("favourite", args=[clip.pk]), {"on": "1"})
    Favourite.objects.put(user=other, clip_id=clips[1].pk, on=True)
    speak()
    assert known(clips) == [True, True, False]
    return other


def speak():
    due(Errand)
    tasks.speak_now()


def known(clips):
    seen = dict(Clip.objects.values_list("pk", "is_favourite_there"))
    return [bool(seen[clip.pk]) for clip in clips]


def there(sandbox, clips):
    world = sandbox.world("scalereach", SCALEREACH_KEY)
    return [world.get("clip", clip.remote_id)["favorited"] for clip in clips]


def test_what_nobody_else_holds_is_taken_back_there(sandbox, clips, marked, editor):
    editor.delete()
    speak()

    assert there(sandbox, clips) == known(clips) == [False, True, False]
    assert not Errand.objects.filter(kind="favourite").exists()


def test_it_holds_for_several_people_at_once(sandbox, clips, marked, editor):
    User.objects.filter(pk__in=[editor.pk, marked.pk]).delete()
    speak()

    assert there(sandbox, clips) == known(clips) == [False, False, False]
