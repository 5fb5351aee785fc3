"""An order without an answer is sent again word for word, so that its key is known there."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from clipboard.clips import tasks
from clipboard.clips.models import Job
from tests import factories
from tests.clips import at_sandbox
from tests.sandbox.syncing import KEY, OPTIONS

pytestmark = pytest.mark.django_db

SENT = "POST /v2/generate"


@pytest.fixture
def account(team, sandbox, settings):
    settings.PUBLIC_BASE_URL = "https://clips.example.org"
    account = factories.make_account(
        team=team, provider="sync", key=KEY, base_url=sandbox.base_url("sync")
    )
    account.keep_webhook_secret("whsec_0123456789")
    account.save()
    return account


@pytest.fixture
def order(account):
    return factories.make_remote_job(
        account=account,
        state=Job.State.QUEUED,
        remote_id="",
        sent_at=None,
        clip=factories.make_clip(team=account.team, file=factories.make_file("clips/a.mp4")),
        options=OPTIONS,
    )


@pytest.fixture
def twin(order):
    """The same once more."""
    return factories.make_remote_job(
        account=order.account,
        state=Job.State.QUEUED,
        remote_id="",
        sent_at=None,
        source=order.source,
        clip=order.clip,
        options=OPTIONS,
        next_action_at=None,
    )


@pytest.fixture
def goes_wrong(sandbox):
    def switch_on(fault, *, matches=SENT):
        at_sandbox.fault(sandbox, fault, matches=matches, provider="sync", key=KEY)

    return switch_on


def billed(sandbox):
    return len(sandbox.memory.ledger())


def speak(job):
    """Whatever it waits for is over."""
    Job.objects.filter(pk=job.pk, next_action_at__gt=timezone.now()).update(
        next_action_at=timezone.now()
    )
    tasks.speak_now()
    job.refresh_from_db()


def test_it_is_the_same_job_though_our_addresses_have_changed_since(
    sandbox, order, account, goes_wrong, settings
):
    goes_wrong({"hang_up": "after"})
    speak(order)
    assert (order.state, order.remote_id, billed(sandbox)) == ("outcome_unknown", "", 1)
    settings.MEDIA_URL_SECONDS = 7200  # signs the clip's address otherwise
    account.keep_webhook_secret("")  # and we would ask for no messages
    account.save()

    speak(order)

    (made,) = sandbox.world("sync", KEY).all("generation")
    assert (order.state, order.remote_id, billed(sandbox)) == ("running", made["id"], 1)
    assert order.sealed_order == ""


def test_what_waits_to_be_sent_again_is_sealed(order, goes_wrong):
    goes_wrong({"hang_up": "after"})
    speak(order)
    stored = str(Job.objects.filter(pk=order.pk).values())
    assert "clips.example.org" not in stored
    assert order.kept_order().webhook_url.startswith("https://clips.example.org/")


def test_the_voice_of_an_earlier_job_stays_the_same_one(sandbox, order, goes_wrong, clock):
    text = {"sound": "text", "text.voiceId": "v", "text.script": "Hello"}
    said = factories.make_remote_job(
        account=order.account,
        state=Job.State.QUEUED,
        remote_id="",
        sent_at=None,
        clip=order.clip,
        options={"model": "lipsync-2"} | text,
    )
    Job.objects.filter(pk=order.pk).update(next_action_at=None)
    speak(said)
    clock.skip(3600)
    order.options = {"model": "lipsync-2", "sound": "take", "take": said.remote_id}
    order.next_action_at = timezone.now()
    order.save()
    goes_wrong({"hang_up": "after"})
    speak(order)
    clock.skip(600)
    goes_wrong({"status": 500}, matches=f"GET /v2/generate/{said.remote_id}")
    speak(order)
    assert (order.state, billed(sandbox)) == ("running", 2)


@pytest.mark.parametrize(
    ("fault", "state"),
    [
        ({"status": 401}, "outcome_unknown"),
        ({"status": 429}, "outcome_unknown"),
        ({"status": 500}, "outcome_unknown"),
        ({"hang_up": "before"}, "running"),  # the list tells
        ({"status": 404}, "running"),  # so it does here
    ],
)
def test_only_a_refusal_of_the_order_itself_ends_the_waiting(
    sandbox, order, goes_wrong, fault, state
):
    goes_wrong({"hang_up": "after"})
    speak(order)
    goes_wrong(fault)
    speak(order)
    assert (order.state, billed(sandbox)) == (state, 1)
    account = order.account
    account.refresh_from_db()
    assert bool(account.trouble) is (fault == {"status": 401})
    assert account.spent.exclude(paused_until=None).exists() is (fault == {"status": 429})

    account.write_check("Fine.", passed=True)
    account.spent.update(paused_until=None)
    if state == "outcome_unknown":
        speak(order)
        assert (order.state, billed(sandbox)) == ("running", 1)


def test_it_waits_while_the_account_is_in_trouble(sandbox, order, goes_wrong):
    goes_wrong({"hang_up": "after"})
    speak(order)
    order.account.report_trouble("The key is not accepted.")
    speak(order)
    assert (order.state, order.next_action_at is None) == ("outcome_unknown", False)
    assert "The key is not accepted." in order.error


def test_a_refusal_is_believed_where_nothing_is_listed(sandbox, order, goes_wrong):
    goes_wrong({"hang_up": "before"})
    speak(order)
    goes_wrong({"status": 404})
    speak(order)
    assert order.state == "outcome_unknown"  # a list may lag behind

    Job.objects.filter(pk=order.pk).update(sent_at=timezone.now() - timedelta(minutes=4))
    goes_wrong({"status": 404})
    speak(order)
    assert (order.state, billed(sandbox)) == ("failed", 0)


def test_a_person_is_asked_where_two_may_be_it_also_after_it_was_sent_again(
    order, twin, goes_wrong
):
    goes_wrong({"hang_up": "after"})
    speak(order)
    Job.objects.filter(pk=twin.pk).update(next_action_at=timezone.now())
    speak(twin)
    assert twin.state == "running"
    Job.objects.filter(pk=twin.pk).delete()

    goes_wrong({"hang_up": "before"})
    speak(order)
    assert (order.state, order.next_action_at) == ("outcome_unknown", None)


@pytest.mark.parametrize("fault", [{"status": 404}, {"hang_up": "before"}])
def test_only_the_keys_tell_which_of_two_orders_for_the_same_was_taken(
    sandbox, order, twin, goes_wrong, fault
):
    goes_wrong({"hang_up": "after"})
    speak(order)
    Job.objects.filter(pk=twin.pk).update(next_action_at=timezone.now())
    goes_wrong({"hang_up": "before"})
    speak(twin)
    (made,) = sandbox.world("sync", KEY).all("generation")

    goes_wrong(fault)
    speak(twin)
    assert (twin.state, twin.remote_id) == ("outcome_unknown", "")

    speak(order)
    assert (order.state, order.remote_id) == ("running", made["id"])
    speak(twin)
    assert (twin.state, billed(sandbox)) == ("running", 2)
    assert twin.remote_id not in ("", order.remote_id)


@pytest.mark.parametrize("when", ["before", "after"])
def test_the_list_tells_once_the_addresses_may_have_run_out(sandbox, order, goes_wrong, when):
    goes_wrong({"hang_up": when})
    speak(order)
    Job.objects.update(sent_at=timezone.now() - timedelta(minutes=46))
    speak(order)
    assert (order.state, billed(sandbox)) == ("running", 1)


def test_the_list_tells_of_it_though_our_addresses_have_changed_since(
    sandbox, order, account, goes_wrong, settings
):
    goes_wrong({"hang_up": "after"})
    speak(order)
    Job.objects.update(sent_at=timezone.now() - timedelta(hours=30))
    settings.PUBLIC_BASE_URL = "https://moved.example.org"
    account.keep_webhook_secret("")
    account.save()
    speak(order)
    assert (order.state, billed(sandbox)) == ("running", 1)


def test_a_list_that_cannot_be_read_is_asked_for_again(sandbox, order, goes_wrong):
    goes_wrong({"hang_up": "after"})
    speak(order)
    Job.objects.update(sent_at=timezone.now() - timedelta(hours=30))
    goes_wrong({"status": 500}, matches="GET /v2/generations")
    speak(order)
    assert order.state == "outcome_unknown"
    assert timedelta(0) < order.next_action_at - timezone.now() <= timedelta(hours=1)
    speak(order)
    assert (order.state, billed(sandbox)) == ("running", 1)


def test_an_order_that_surely_was_not_taken_is_made_anew(sandbox, order, goes_wrong):
    goes_wrong({"status": 429})
    speak(order)
    assert (order.state, order.sealed_order, order.idempotency_key) == ("queued", "", "")
