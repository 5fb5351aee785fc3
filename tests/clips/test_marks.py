"""Favourites in step with ScaleReach, whose mark is one and a toggle."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from clipboard.clips import tasks
from clipboard.clips.models import Clip, Errand
from clipboard.review.models import Favourite
from tests import factories
from tests.clips.at_sandbox import (
    SCALEREACH_KEY,
    Killed,
    due,
    fault,
    go_on,
    make_order,
    make_video,
    words,
)

pytestmark = pytest.mark.django_db

TOGGLE = "POST /api/clips/"


@pytest.fixture
def job(scalereach, clock):
    job = make_order(scalereach, make_video(scalereach.team))
    go_on()
    clock.skip(20)
    go_on()
    job.refresh_from_db()
    assert job.state == "succeeded"
    return job


@pytest.fixture
def clip(job):
    return job.clips.order_by("pk").first()


@pytest.fixture
def there(sandbox):
    """Whether the clip is marked there now."""

    def look(clip):
        return sandbox.world("scalereach", SCALEREACH_KEY).get("clip", clip.remote_id)["favorited"]

    return look


@pytest.fixture
def toggle_there(sandbox):
    """Somebody clicks at ScaleReach's own site."""

    def click(clip):
        url = f"{sandbox.base_url('scalereach')}/api/clips/{clip.remote_id}/favorite"
        headers = {"Authorization": f"Bearer {SCALEREACH_KEY}"}
        assert httpx.post(url, headers=headers).status_code == 200

    return click


def click(client, clip, on):
    return client.post(reverse("favourite", args=[clip.pk]), {"on": str(int(on))})


def speak():
    due(Errand)
    tasks.speak_now()


def marks():
    return Errand.objects.filter(kind="favourite")


def known_there(clip):
    return Clip.objects.values_list("is_favourite_there", flat=True).get(pk=clip.pk)


def test_a_favourite_is_passed_on_and_taken_back(editor_client, clip, there):
    click(editor_client, clip, on=True)
    assert not there(clip), "a click waits for nobody"
    speak()
    assert (there(clip), known_there(clip), marks().count()) == (True, True, 0)

    click(editor_client, clip, on=False)
    speak()
    assert (there(clip), known_there(clip)) == (False, False)


def test_a_click_costs_one_write_more_and_speaks_to_nobody(
    editor_client, clip, sandbox, django_assert_max_num_queries
):
    sandbox.close()
    with django_assert_max_num_queries(14):
        assert click(editor_client, clip, on=True).status_code == 302
    assert marks().get().clip == clip
    assert Favourite.objects.get().clip == clip


def test_quick_clicks_end_in_the_last_wish(editor_client, clip, there):
    for on in (True, False, True, False, True):
        click(editor_client, clip, on=on)
    assert marks().count() == 1
    speak()
    assert there(clip)

    for on in (False, True, False):
        click(editor_client, clip, on=on)
    speak()
    assert not there(clip)


def test_a_click_while_it_is_being_passed_on_is_passed_on_too(
    editor_client, clip, there, monkeypatch
):
    def clicked_meanwhile(*args, **kwargs):
        result = ask(*args, **kwargs)
        monkeypatch.undo()
        click(editor_client, clip, on=False)
        return result

    from clipboard.clips import errands

    ask = errands.ask
    click(editor_client, clip, on=True)
    monkeypatch.setattr(errands, "ask", clicked_meanwhile)
    due(Errand)
    tasks.speak_now()
    speak()

    assert (there(clip), marks().count()) == (False, 0)


def test_it_stays_marked_as_long_as_anybody_holds_it(editor_client, client, team, clip, there):
    colleague = factories.make_member(team=team)
    for user in (colleague, factories.make_member(team=team)):
        Favourite.objects.put(user=user, clip_id=clip.pk, on=True)
    click(editor_client, clip, on=True)
    speak()
    click(editor_client, clip, on=False)
    speak()
    assert there(clip)


@pytest.mark.parametrize("does", [{"hang_up": "after"}, {"raw": "<html>"}, {"cut": 0.5}])
def test_a_toggle_whose_answer_is_lost_is_looked_at_before_it_is_repeated(
    editor_client, sandbox, clip, there, does
):
    for_clip = {"matches": TOGGLE, "provider": "scalereach", "key": SCALEREACH_KEY}
    fault(sandbox, does, **for_clip)
    click(editor_client, clip, on=True)
    speak()
    assert there(clip)
    if marks().exists():
        assert marks().get().next_action_at > timezone.now() + timedelta(seconds=25)
    speak()
    assert (there(clip), known_there(clip), marks().count()) == (True, True, 0)


def test_whoever_is_killed_after_the_toggle_leaves_it_toggled_once(editor_client, clip, there):
    def look(execute, sql, params, many, context):
        if sql.startswith('UPDATE "clips_clip"'):
            raise Killed
        return execute(sql, params, many, context)

    click(editor_client, clip, on=True)
    with connection.execute_wrapper(look), pytest.raises(Killed):
        speak()
    assert there(clip)

    Errand.objects.update(lease_until=timezone.now())
    speak()
    assert (there(clip), known_there(clip), marks().count()) == (True, True, 0)


@pytest.mark.parametrize("does", [{"hang_up": "before"}, {"status": 500}, {"status": 429}])
def test_a_toggle_that_was_not_done_is_done_later(
    editor_client, sandbox, scalereach, clip, there, does
):
    fault(sandbox, does, matches=TOGGLE, provider="scalereach", key=SCALEREACH_KEY)
    click(editor_client, clip, on=True)
    speak()
    assert not there(clip)
    assert marks().exists()
    type(scalereach).objects.update(paused_until=None)
    speak()
    assert (there(clip), marks().count()) == (True, 0)


def test_a_change_there_arrives_and_is_shown_as_the_providers(
    editor_client, job, clip, there, toggle_there
):
    toggle_there(clip)
    assert not known_there(clip)

    speak()

    assert known_there(clip)
    assert not Favourite.objects.exists(), "it is nobody's of ours"
    assert f"“{clip.title}” is marked as a favourite at ScaleReach." in words(job)
    page = editor_client.get(reverse("clip_detail", args=[clip.pk])).content.decode()
    assert "Favourite at ScaleReach" in page

    toggle_there(clip)
    speak()
    assert known_there(clip) is False
    assert words(job)[-1] == f"“{clip.title}” is no longer a favourite at ScaleReach."


def test_what_is_taken_back_there_takes_nobodys_favourite_away(
    editor_client, clip, there, toggle_there
):
    click(editor_client, clip, on=True)
    speak()
    toggle_there(clip)
    speak()
    speak()

    assert (there(clip), known_there(clip)) == (False, False)
    assert Favourite.objects.count() == 1
    page = editor_client.get(reverse("clip_detail", args=[clip.pk])).content.decode()
    assert "No longer a favourite at ScaleReach" in page

    click(editor_client, clip, on=False)
    click(editor_client, clip, on=True)
    speak()
    assert there(clip), "the next change here goes there again"


def test_a_change_of_ours_not_passed_on_yet_wins(editor_client, job, clip, there, toggle_there):
    toggle_there(clip)
    click(editor_client, clip, on=True)
    click(editor_client, clip, on=False)
    Errand.objects.filter(kind="favourite").update(next_action_at=None)
    speak_looks = Errand.objects.filter(kind="look")
    speak_looks.update(next_action_at=timezone.now())
    tasks.speak_now()
    assert not known_there(clip), "it is not taken over meanwhile"

    Errand.objects.update(next_action_at=timezone.now())
    tasks.speak_now()
    assert not there(clip)


def test_a_clip_that_is_gone_there_is_left_in_peace(editor_client, sandbox, clip):
    sandbox.world("scalereach", SCALEREACH_KEY).drop("clip", clip.remote_id)
    click(editor_client, clip, on=True)
    speak()
    assert marks().count() == 0
    assert Favourite.objects.count() == 1


def test_a_key_that_is_refused_is_told_and_the_wish_is_kept(
    editor_client, sandbox, scalereach, clip, there
):
    fault(sandbox, {"status": 401}, matches="GET", provider="scalereach", key=SCALEREACH_KEY)
    click(editor_client, clip, on=True)
    speak()
    scalereach.refresh_from_db()
    assert scalereach.trouble
    assert marks().get().state == "waiting"

    scalereach.write_check("It works.", passed=True)
    tasks.speak_now()
    assert there(clip)


def test_clips_of_others_ask_for_nothing(editor_client, team):
    reka = factories.make_remote_job(account=factories.make_account(team=team, provider="reka"))
    for job in (None, reka):
        click(editor_client, factories.make_clip(team=team, job=job), on=True)
    assert not Errand.objects.exists()


def test_a_person_has_it_looked_at_now(editor_client, job, clip, toggle_there):
    toggle_there(clip)
    Errand.objects.update(next_action_at=timezone.now() + timedelta(hours=1))
    answer = editor_client.post(reverse("job_poll", args=[job.pk]), headers={"HX-Request": "true"})
    assert "ScaleReach is asked now." in answer["HX-Trigger"]
    tasks.speak_now()
    assert known_there(clip)
