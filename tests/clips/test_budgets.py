"""An account's budgets are kept for all its jobs together, so that the service never says no."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from clipboard.clips import tasks, usage
from clipboard.clips.models import Download, Job, Spent
from tests import factories
from tests.clips.at_sandbox import account_at, due, fault

pytestmark = pytest.mark.django_db

KEY = "rb_live_0123456789"
CINEMATIC = {"videoType": "cinematic", "topic": "sea", "brollKeys": ["shared/sea.mp4"]}


@pytest.fixture
def account(sandbox, team):
    return account_at(sandbox, team, "reelbot", KEY)


@pytest.fixture
def world(sandbox):
    return sandbox.world("reelbot", KEY)


def used(world, budget, *, calls, seconds):
    """How many the service has counted: one is taken to see what is left."""
    return calls - world.take(budget, calls=calls, seconds=seconds).left - 1


def project(world, number, clock):
    world.put("project", f"proj{number}", {"asked": CINEMATIC, "made": clock()})
    return f"proj{number}"


def test_ten_orders_an_hour_go_out_whatever_is_ordered(account, sandbox, world):
    for _ in range(12):
        queued(account)
    tasks.speak_now()

    assert len(sandbox.memory.ledger()) == 10
    account.refresh_from_db()
    assert account.paused_until is None, "the service was not asked once too often"
    assert Job.objects.filter(state="queued", next_action_at__gt=timezone.now()).count() == 2


@pytest.fixture
def told_to_slow_down(account, sandbox):
    """An order that was refused for half an hour."""
    half_an_hour = {"status": 429, "headers": {"Retry-After": "1800"}}
    asked = "POST /api/v1/video/generate"
    fault(sandbox, half_an_hour, matches=asked, provider="reelbot", key=KEY)
    order = queued(account)
    tasks.speak_now()
    order.refresh_from_db()
    return order


def queued(account):
    return factories.make_remote_job(
        account=account, state=Job.State.QUEUED, remote_id="", sent_at=None, options=CINEMATIC
    )


def test_a_refusal_to_take_orders_for_now_holds_up_nothing_else(
    account, told_to_slow_down, sandbox, world, clock, owner_client
):
    soon = timezone.now() + timedelta(minutes=29)
    runs = factories.make_remote_job(account=account, remote_id=project(world, 1, clock))
    other = queued(account)
    tasks.speak_now()
    clock.skip(60)
    due(Job)
    tasks.speak_now()

    for order in (told_to_slow_down, other):
        order.refresh_from_db()
        assert (order.state, order.error) == ("queued", "ReelBot has told us to slow down.")
        assert order.next_action_at > soon
    runs.refresh_from_db()
    assert runs.state == "succeeded"
    assert sandbox.memory.ledger() == []
    account.refresh_from_db()
    assert (account.paused_until, account.state) == (None, "untried")
    page = owner_client.get(reverse("account_list")).content.decode()
    assert "ReelBot asked us to slow down with these" in page


def test_the_timeline_tells_only_of_orders_that_left(account, told_to_slow_down):
    due(Job)
    tasks.speak_now()

    kinds = told_to_slow_down.events.order_by("id").values_list("kind", flat=True)
    assert list(kinds) == ["sent", "trouble"], "and of what the service said, once"


def test_another_key_may_order_at_once(account, told_to_slow_down, sandbox):
    account.keep_key(KEY)
    account.save()
    due(Job)
    tasks.speak_now()

    told_to_slow_down.refresh_from_db()
    assert told_to_slow_down.state == "running"
    assert len(sandbox.memory.ledger()) == 1


def test_polls_of_many_jobs_leave_others_a_share_of_the_minute(account, world, clock):
    source = factories.make_source(team=account.team)
    for number in range(70):
        factories.make_remote_job(
            account=account, source=source, remote_id=project(world, number, clock)
        )
    for _ in range(2):
        due(Job)
        tasks.speak_now()

    assert 42 <= used(world, "status", calls=60, seconds=60) < 60
    account.refresh_from_db()
    assert (account.paused_until, account.trouble) == (None, "")
    assert Job.objects.filter(state="running").count() == 70


@pytest.mark.skipif(connection.vendor != "sqlite", reason="the plan is read as SQLite tells it")
def test_what_was_sent_today_is_read_without_all_that_was_ever_sent(account):
    for days in (0, 1, 400):
        sent = timezone.now() - timedelta(days=days)
        factories.make_remote_job(account=account, sent_at=sent)
    rows = usage.sent_today([account], now=timezone.now())
    assert "USING INDEX job_sent (account_id=? AND sent_at>?)" in rows.explain()
    assert rows.count() == 1


@pytest.mark.usefixtures("half_past_twelve")
def test_thirty_addresses_an_hour_are_asked_for_and_the_rest_waits(account, world, clock):
    hour = int(timezone.now().timestamp()) // 3600
    Spent.objects.create(account=account, budget="download", window=hour, used=29)
    source = factories.make_source(team=account.team)
    for number in range(2):
        remote_id = project(world, number, clock)
        job = factories.make_remote_job(account=account, source=source, remote_id=remote_id)
        clip = factories.make_clip(
            team=account.team, job=job, status="generating", remote_id="output", start=None
        )
        Download.objects.create(clip=clip, url="", next_action_at=timezone.now())
    clock.skip(30)
    for _ in range(2):
        assert tasks.look_now([Download])

    assert used(world, "download", calls=30, seconds=3600) == 1
    assert sorted(Download.objects.values_list("state", flat=True)) == ["ready", "waiting"]
