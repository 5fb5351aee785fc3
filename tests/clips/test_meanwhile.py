"""What people do while a provider is being spoken to."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from clipboard.clips import tasks
from clipboard.clips.models import MAX_ATTEMPTS, Errand, Job, ask_for
from clipboard.clips.poll import Poller
from clipboard.clips.spend import TRIES, heed
from clipboard.clips.submit import CLIP_GONE
from clipboard.providers import guard
from clipboard.providers.errors import ProviderError
from clipboard.providers.port import Allowance
from clipboard.providers.speak import carry_out_alone
from tests import factories

pytestmark = pytest.mark.django_db

GENERATE = "POST /api/v1/video/generate"
CINEMATIC = {"videoType": "cinematic", "topic": "sea", "brollKeys": ["shared/sea.mp4"]}


def queued(account, **fields):
    return factories.make_remote_job(
        account=account, state=Job.State.QUEUED, remote_id="", sent_at=None, **fields
    )


@pytest.fixture
def account(team, service):
    return factories.make_account(team=team, base_url=service.url)


@pytest.fixture
def order(account, service):
    service.says(GENERATE, (200, {"projectId": "first"}), (200, {"projectId": "second"}))
    return queued(account, options=CINEMATIC)


@pytest.fixture
def meanwhile(monkeypatch):
    """Have something done when an order was answered, before that is written down."""
    left = []

    def carry_out_and_more(steps, connection, **more):
        submitted = carry_out_alone(steps, connection, **more)
        connection.allowances["generate"] = Allowance(left=3)
        if left:
            left.pop()()
        return submitted

    monkeypatch.setattr("clipboard.clips.submit.carry_out_alone", carry_out_and_more)
    return left.append


def test_the_number_is_kept_although_the_account_was_removed(order, account, meanwhile):
    meanwhile(account.remove)
    tasks.speak_now()
    order.refresh_from_db()
    assert (order.state, order.remote_id) == ("failed", "first")
    assert "ReelBot took it as first." in order.events.values_list("words", flat=True)


def test_the_number_is_kept_although_the_row_was_cancelled(order, meanwhile):
    meanwhile(order.cancel)
    tasks.speak_now()
    order.refresh_from_db()
    assert (order.state, order.remote_id) == ("cancelled", "first")


def test_one_that_is_cancelled_before_it_leaves_is_not_sent(service, order, monkeypatch):
    monkeypatch.setattr("clipboard.clips.spend.take_from_budget", lambda *_, **__: order.cancel())
    tasks.speak_now()
    order.refresh_from_db()
    assert (order.state, order.remote_id, service.calls(GENERATE)) == ("cancelled", "", [])


def test_one_that_is_cancelled_while_it_connects_is_not_sent(service, order, monkeypatch):
    connect = guard._connect

    def connect_slowly(*where):
        connection = connect(*where)
        order.cancel()
        return connection

    monkeypatch.setattr(guard, "_connect", connect_slowly)
    tasks.speak_now()
    order.refresh_from_db()
    assert (order.state, order.remote_id, service.calls(GENERATE)) == ("cancelled", "", [])


def test_what_was_taken_after_all_is_not_ordered_again(order, service, meanwhile):
    def cancel_and_retry():
        assert order.cancel()
        order.refresh_from_db()
        assert order.retry()

    meanwhile(cancel_and_retry)
    tasks.speak_now()
    tasks.speak_now()

    order.refresh_from_db()
    assert (order.state, order.remote_id) == ("running", "first")
    assert len(service.calls(GENERATE)) == 1


@pytest.fixture
def version(service, team, settings):
    """A version of a clip, to be ordered."""
    settings.PUBLIC_BASE_URL = "https://clips.example.org"
    account = factories.make_account(team=team, provider="sync", base_url=service.url)
    clip = factories.make_clip(team=team, file=factories.make_file("clips/a.mp4"))
    return queued(account, source=clip.source, clip=clip, options={"model": "lipsync-2"})


def test_no_version_is_made_of_something_else_where_its_clip_is_gone(service, version):
    version.clip.delete()
    tasks.speak_now()

    assert service.asked == []
    version.refresh_from_db()
    assert (version.state, version.error) == ("failed", CLIP_GONE)


def test_an_order_that_we_cannot_make_is_given_up_after_three_tries(service, version, caplog):
    for _ in range(MAX_ATTEMPTS):
        Job.objects.update(options=["odd"], next_action_at=timezone.now())
        tasks.speak_now()

    assert service.asked == []
    version.refresh_from_db()
    assert (version.state, version.error) == ("failed", tasks.FAILED)


def test_an_order_that_cannot_leave_is_given_up_after_half_an_hour_and_more(order, service):
    service.close()
    for _ in range(TRIES):
        Job.objects.exclude(next_action_at=None).update(next_action_at=timezone.now())
        tasks.speak_now()

    told = order.events.filter(words__contains="sent again in").order_by("pk")
    waits = [int(event.words.split()[-2]) for event in told]
    assert waits == [5, 15, 45, 135, 405, 900, 900]
    order.refresh_from_db()
    assert (order.state, order.error) == ("failed", "The server can't be reached.")


def test_what_was_cancelled_on_its_way_may_cost_all_the_same(order, editor_client):
    Job.objects.update(state="submitting", sent_at=timezone.now())
    address = reverse("job_cancel", args=[order.pk])
    answer = editor_client.post(address, headers={"HX-Request": "true"})

    assert "ReelBot may go on with it" in answer["HX-Trigger"]
    assert "It may be charged again." in answer.content.decode()


def test_a_number_that_came_since_the_page_was_read_is_no_reason_to_order_again(order):
    Job.objects.update(state="submitting", sent_at=timezone.now())
    assert order.cancel()
    order.refresh_from_db()
    Job.objects.update(remote_id="first")

    assert not order.retry()
    assert Job.objects.get().remote_id == "first"


def test_an_account_that_was_told_to_slow_down_is_left_alone(order, service, account):
    account.pause(seconds=600)
    factories.make_remote_job(account=account, remote_id="runs")
    tasks.speak_now()

    assert service.asked == []
    order.refresh_from_db()
    assert (order.state, order.error) == ("queued", "ReelBot has told us to slow down.")
    assert order.next_action_at > timezone.now() + timedelta(minutes=9)


def test_no_service_is_left_alone_for_more_than_an_hour(account):
    heed(account, ProviderError("rate", "Slow down.", retry_after=1e9))
    account.refresh_from_db()
    assert 3590 < account.rests_for <= 3600

    account.keep_key("rb_live_another-9876543210")
    assert account.rests_for == 0, "it was said of the other key"


def test_what_is_said_beside_orders_waits_too(service, team):
    account = factories.make_account(team=team, provider="reka", base_url=service.url)
    ask_for(account, Errand.Kind.DELETE_JOB, "g-1")
    account.pause(seconds=600)
    tasks.speak_now()

    assert service.asked == []
    assert Errand.objects.get().next_action_at > timezone.now() + timedelta(minutes=9)


def test_what_we_stumble_over_again_and_again_comes_rarer(team, caplog):
    ask_for(factories.make_account(team=team), "nonsense", "g-1")
    Errand.objects.update(attempts=9)
    tasks.speak_now()

    assert "was not spoken about" in caplog.text
    assert Errand.objects.get().next_action_at > timezone.now() + timedelta(minutes=9)


def test_an_account_that_is_removed_holds_up_no_other(team, account, service):
    kept = factories.make_account(team=team, base_url=service.url, name="Kept")
    for one in (account, kept):
        factories.make_remote_job(account=one, remote_id=one.name)
        status = (200, {"status": "processing", "message": "Rendering"})
        service.says(f"GET /api/v1/video/status/{one.name}", status)
    with Poller() as poller:
        poller.turn(patience=0)
        account.remove()

    assert kept.jobs.get().next_action_at > timezone.now()
