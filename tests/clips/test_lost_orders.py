"""Whose a job is that a provider lists: no two of ours claim it, and doubts are for a person."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from clipboard.clips import resolve, tasks
from clipboard.clips.models import Job
from tests import factories
from tests.clips.at_sandbox import SCALEREACH_KEY, fault, go_on, make_order, make_video
from tests.clips.ordering import HTMX

pytestmark = pytest.mark.django_db
SENT = "POST /api/"


@pytest.fixture
def order(scalereach):
    return make_order(scalereach, make_video(scalereach.team))


def lose(sandbox, job, *, when):
    """Its answer never comes; it was taken if that is "after"."""
    fault(sandbox, {"hang_up": when}, matches=SENT, provider="scalereach", key=SCALEREACH_KEY)
    tasks.speak_now()
    job.refresh_from_db()
    assert (job.state, job.remote_id) == ("outcome_unknown", "")


def find_out(job):
    go_on(Job)
    job.refresh_from_db()
    return job


def by_hand(sandbox, scalereach, clock, *, ago):
    """Somebody orders the same at the provider's own site; its number there."""
    clock.skip(-ago)
    hand = make_order(scalereach, make_video(scalereach.team))
    tasks.speak_now()
    clock.skip(ago)
    hand.refresh_from_db()
    remote_id = hand.remote_id
    assert remote_id
    hand.delete()
    return remote_id


def test_what_was_surely_made_of_it_is_taken(sandbox, order):
    lose(sandbox, order, when="after")

    assert find_out(order).state == "running"


def test_the_same_ordered_twice_minutes_apart_is_found_twice(sandbox, scalereach, order, clock):
    clock.skip(-150)
    lose(sandbox, order, when="after")
    clock.skip(150)
    earlier = timezone.now() - timedelta(seconds=150)
    Job.objects.update(sent_at=earlier, next_action_at=None)
    again = make_order(scalereach, order.source)
    lose(sandbox, again, when="after")

    assert find_out(again).remote_id
    Job.objects.filter(pk=order.pk).update(next_action_at=timezone.now())
    assert find_out(order).remote_id
    assert order.remote_id != again.remote_id


def test_an_order_by_hand_a_little_before_is_asked_about(
    sandbox, scalereach, order, clock, editor_client
):
    Job.objects.update(next_action_at=None)
    remote_id = by_hand(sandbox, scalereach, clock, ago=200)
    Job.objects.update(next_action_at=timezone.now())
    lose(sandbox, order, when="before")

    find_out(order)

    assert (order.state, order.remote_id, order.next_action_at) == ("outcome_unknown", "", None)
    assert f"ScaleReach lists {remote_id}, which may be this one" in order.error
    page = editor_client.get(reverse("job_detail", args=[order.pk])).content.decode()
    assert "It was taken; its ID there is" in page
    assert "It was not taken: send it again" in page


def test_two_that_may_be_it_are_asked_about(sandbox, scalereach, order, clock):
    Job.objects.update(next_action_at=None)
    remote_id = by_hand(sandbox, scalereach, clock, ago=0)
    Job.objects.update(next_action_at=timezone.now())
    lose(sandbox, order, when="after")

    find_out(order)

    assert (order.state, order.next_action_at) == ("outcome_unknown", None)
    assert remote_id in order.error
    assert "which may each be it." in order.error


def test_what_another_account_for_the_same_key_has_is_asked_about(sandbox, scalereach, order):
    lose(sandbox, order, when="after")
    (video,) = sandbox.world("scalereach", SCALEREACH_KEY).all("video")
    second = factories.make_account(team=scalereach.team, provider="scalereach", name="Second")
    factories.make_remote_job(account=second, remote_id=video["id"], next_action_at=None)

    assert find_out(order).state == "outcome_unknown"
    assert "or somebody else's order." in order.error


def test_a_number_that_another_job_has_is_not_taken_for_this_one(editor_client, scalereach, order):
    factories.make_remote_job(account=scalereach, remote_id="abc123", next_action_at=None)
    Job.objects.filter(pk=order.pk).update(state="outcome_unknown", next_action_at=None)
    tell = {"remote_id": "abc123"}

    answer = editor_client.post(reverse("job_outcome", args=[order.pk]), tell, headers=HTMX)

    assert answer.status_code == 422
    order.refresh_from_db()
    assert (order.state, order.remote_id) == ("outcome_unknown", "")
    assert not order.tell_outcome(remote_id="abc123")


def test_a_number_that_is_told_during_a_look_up_stands(sandbox, order, monkeypatch):
    """Else the list, which does not show it, would have it ordered again."""

    def look_up_and_tell(job, account):
        found = look_up(job, account)
        assert Job.objects.get().tell_outcome(remote_id="abc123")
        return found

    look_up = resolve.look_up
    lose(sandbox, order, when="before")
    Job.objects.update(sent_at=timezone.now() - timedelta(minutes=4))
    monkeypatch.setattr(resolve, "look_up", look_up_and_tell)

    find_out(order)

    assert (order.state, order.remote_id) == ("running", "abc123")
    assert sandbox.world("scalereach", SCALEREACH_KEY).all("video") == []
    assert not order.events.filter(words__contains="sent again.").exists()


@pytest.mark.parametrize("when", ["after", "before"])
def test_what_was_cancelled_on_its_way_is_looked_up_before_it_is_ordered_again(
    sandbox, order, editor_client, when
):
    lose(sandbox, order, when=when)
    Job.objects.update(state="submitting")
    editor_client.post(reverse("job_cancel", args=[order.pk]), headers=HTMX)
    page = editor_client.get(reverse("job_detail", args=[order.pk])).content.decode()
    assert "It may be charged again." not in page

    answer = editor_client.post(reverse("job_retry", args=[order.pk]), headers=HTMX)

    assert "First ScaleReach is asked whether it took it." in answer["HX-Trigger"]
    assert "It was cancelled while it was being sent." in answer.content.decode()
    Job.objects.update(sent_at=timezone.now() - timedelta(minutes=4))
    assert find_out(order).state == "running"
    assert len(sandbox.world("scalereach", SCALEREACH_KEY).all("video")) == 1


def test_an_order_by_hand_long_before_counts_for_nothing(sandbox, scalereach, order, clock):
    Job.objects.update(next_action_at=None)
    by_hand(sandbox, scalereach, clock, ago=900)
    Job.objects.update(next_action_at=timezone.now())
    lose(sandbox, order, when="before")
    Job.objects.update(sent_at=timezone.now() - timedelta(minutes=4))

    assert find_out(order).state in ("queued", "running")
