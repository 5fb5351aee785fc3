"""Recordings brought to a provider's own store: once, seen on the way, stopped when unwanted."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from clipboard.clips import deposit, tasks, watched
from clipboard.clips.models import Job, RemoteCopy
from clipboard.providers.registry import PROVIDERS
from tests import factories
from tests.clips.at_sandbox import go_on, make_order, words
from tests.clips.ordering import HTMX, given, post

pytestmark = pytest.mark.django_db


def test_a_recording_is_uploaded_and_feeds_its_job(order, source, there):
    go_on()

    order.refresh_from_db()
    copy = RemoteCopy.objects.get()
    assert (order.state, order.copy, order.stage) == ("running", copy, "")
    assert (copy.state, copy.progress, copy.source) == ("ready", 1, source)
    assert copy.name == f"team-talk-{'a' * 20}.mp4"
    assert there() == (1, 1, 1)
    assert words(order) == [
        "The recording is uploaded to Reka first.",
        f"The recording lies at Reka as {copy.remote_id}.",
        "Sent to Reka.",
        f"Reka took it as {order.remote_id}.",
    ]


def test_its_clips_come_of_the_upload(order, clock):
    go_on()
    clock.skip(10)
    go_on()
    order.refresh_from_db()
    assert (order.state, order.clips.count()) == ("succeeded", 3)


def test_a_second_job_and_a_second_recording_of_the_same_need_no_upload(reka, source, there):
    make_order(reka, source)
    go_on()
    make_order(reka, source)
    go_on()
    source.delete()
    again = factories.make_source(team=reka.team, file=source.file.name, sha256="a" * 64)
    make_order(reka, again)
    go_on()

    assert there() == (1, 1, 3)
    assert RemoteCopy.objects.get().source == again


def test_cancelling_stops_the_upload(order, there, monkeypatch):
    seen = []

    def cancelled_meanwhile(copy, lease, fraction):
        if seen and not order.cancel():
            seen.append("stopped")
        seen.append(fraction)
        watch(copy, lease, fraction)

    watch = deposit.watch
    monkeypatch.setattr(deposit, "watch", cancelled_meanwhile)
    monkeypatch.setattr(watched, "TICK_SECONDS", 0)
    tasks.speak_now()
    tasks.look_now([RemoteCopy])

    order.refresh_from_db()
    copy = RemoteCopy.objects.get()
    assert order.state == "cancelled"
    assert (copy.state, copy.next_action_at, copy.lease_owner) == ("waiting", None, "")
    assert there() == (0, 0, 0)
    assert seen[-1] < 1

    order.refresh_from_db()
    order.retry()
    monkeypatch.undo()
    go_on()
    assert there() == (1, 1, 1)


def test_it_tells_how_far_the_upload_is(editor_client, order):
    tasks.speak_now()
    copy = RemoteCopy.objects.get()
    copy.tell("Uploading to Reka", progress=0.404)

    page = editor_client.get(reverse("job_list")).content.decode()

    assert "Uploading to Reka" in page
    assert "40%" in page
    assert 'value="0.404"' in page


@pytest.fixture
def others(reka):
    """others(number) → so many more recordings are on their way to Reka."""

    def begin(number):
        for _ in range(number):
            name = f"other {RemoteCopy.objects.count()}"
            RemoteCopy.objects.create(
                account=reka,
                sha256=name,
                name=name,
                state="sending",
                next_action_at=timezone.now(),
                lease_owner="there:1",
                lease_until=timezone.now() + timedelta(minutes=1),
            )

    return begin


AT_ONCE = PROVIDERS["reka"].library.uploads_at_once


def test_no_more_are_on_their_way_than_the_provider_takes(others, order, there):
    others(AT_ONCE)
    tasks.speak_now()
    tasks.look_now([RemoteCopy])
    assert there() == (0, 0, 0)
    assert order.copy is None
    assert RemoteCopy.objects.get(sha256="a" * 64).next_action_at > timezone.now()


def test_no_more_are_where_another_begins_while_the_list_is_read(others, order, there, monkeypatch):
    def another_begins(account, steps):
        found = ask(account, steps)
        others(1)
        return found

    ask = deposit.ask
    others(AT_ONCE - 1)
    monkeypatch.setattr(deposit, "ask", another_begins)
    tasks.speak_now()
    tasks.look_now([RemoteCopy])
    assert there() == (0, 0, 0)
    mine = RemoteCopy.objects.get(sha256="a" * 64)
    assert (mine.state, mine.sent_at, mine.lease_owner) == ("waiting", None, "")
    assert mine.next_action_at > timezone.now()


def test_what_was_cleared_away_there_is_uploaded_again(sandbox, reka, source, order, there):
    go_on()
    world = sandbox.world("reka", "reka-0123456789")
    world.drop("video", RemoteCopy.objects.get().remote_id)
    second = make_order(reka, source)

    go_on()
    go_on()

    second.refresh_from_db()
    assert second.state == "running"
    assert there() == (1, 2, 2)


def test_an_address_is_rather_given_than_a_file_unless_the_file_is_wanted(
    reka, source, settings, there
):
    settings.PUBLIC_BASE_URL = "https://clips.example.org"
    make_order(reka, source)
    go_on()
    assert there() == (0, 0, 1)
    make_order(reka, source, wants_upload=True)
    go_on()
    assert there() == (1, 1, 2)


# --- The form -------------------------------------------------------------------------------------


def test_the_form_says_that_the_file_itself_goes_there(editor_client, reka, source):
    source.size = 84_000_000
    source.save()
    page = post(editor_client, "order_form", source, given(reka, options={}), **HTMX)
    text = page.content.decode()
    assert "The file of this recording itself (84 MB) is uploaded to Reka" in text
    assert "PUBLIC_BASE_URL" not in text
    assert "How Reka gets the recording" not in text, "there is nothing to choose"

    RemoteCopy.objects.create(account=reka, sha256="a" * 64, name="x", state="ready")
    page = post(editor_client, "order_form", source, given(reka, options={}), **HTMX)
    assert "This recording lies at Reka already" in page.content.decode()


def test_a_person_chooses_between_a_link_and_the_file(editor_client, reka, source, settings):
    settings.PUBLIC_BASE_URL = "https://clips.example.org"
    data = given(reka, options={})
    page = post(editor_client, "order_form", source, data, **HTMX).content.decode()
    assert "How Reka gets the recording" in page
    assert "a link to this recording that ends after" in page

    data[f"way-{reka.pk}"] = "upload"
    page = post(editor_client, "order_form", source, data, **HTMX).content.decode()
    assert "itself is uploaded to Reka" in page or "is uploaded to Reka and stays" in page
    post(editor_client, "order_create", source, data)

    assert Job.objects.get().wants_upload
