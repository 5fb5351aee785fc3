"""Every way in which a service says when to come back reaches the account that asked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from django.utils import timezone

from clipboard.clips import tasks
from tests import factories
from tests.clips import at_sandbox

pytestmark = pytest.mark.django_db

KEYS = {"scalereach": "sr_live_0123456789", "reelbot": "rb_live_0123456789"}
SOON = timedelta(seconds=300)


def limited(body=None, **headers):
    return {"status": 429, "body": body or {}, "headers": headers}


def reset():
    return datetime.now(UTC) + SOON


SHAPES = {
    "seconds": ("reka", lambda: limited(**{"Retry-After": "300"})),
    "a date": ("vizard", lambda: limited(**{"Retry-After": format_datetime(reset(), usegmt=True)})),
    "an epoch": (
        "scalereach",
        lambda: limited(**{"X-RateLimit-Reset": str(round(reset().timestamp()))}),
    ),
    "an ISO moment": (
        "reelbot",
        lambda: limited({"code": "RATE_LIMITED", "details": {"resetAt": reset().isoformat()}}),
    ),
    "a field": (
        "sync",
        lambda: limited({"errorCode": "concurrency_limit_reached", "retryAfterSeconds": 300}),
    ),
}


@pytest.fixture
def asked(team, sandbox):
    """asked(provider, fault) → the job and its account, after a poll that met the fault."""

    def poll(provider, fault):
        key = KEYS.get(provider, "key-0123456789")
        account = factories.make_account(
            team=team, provider=provider, key=key, base_url=sandbox.base_url(provider)
        )
        job = factories.make_remote_job(account=account)
        at_sandbox.fault(sandbox, fault, matches="GET", provider=provider, key=key, times=9)
        tasks.speak_now()
        job.refresh_from_db()
        account.refresh_from_db()
        return job, account

    return poll


@pytest.mark.parametrize("shape", SHAPES)
def test_the_whole_account_waits_for_as_long_as_it_is_told(asked, shape):
    provider, fault = SHAPES[shape]
    before = timezone.now()
    job, account = asked(provider, fault())
    least = before + SOON - timedelta(seconds=2)
    assert least <= account.paused_until <= timezone.now() + SOON + timedelta(seconds=2)
    assert least <= job.next_action_at
    assert job.state == "running"


@pytest.mark.parametrize(("told", "seconds"), [({}, 60), ({"Retry-After": "0"}, 5)])
def test_it_waits_for_a_while_where_it_is_told_nothing_of_use(asked, told, seconds):
    before = timezone.now()
    _, account = asked("vizard", limited(**told))
    assert account.paused_until >= before + timedelta(seconds=seconds - 1)


def test_a_wait_of_nothing_beside_an_answer_means_nothing(asked):
    fine = {"status": 200, "body": {"status": "processing"}, "headers": {"retry-after": "0"}}
    job, account = asked("reka", fine)
    assert (account.paused_until, job.remote_word) == (None, "processing")
    assert job.next_action_at > timezone.now() + timedelta(seconds=20)


def test_what_a_service_says_is_left_stands_on_the_accounts_page(asked, client, team, settings):
    left = {"X-RateLimit-Limit": "100", "X-RateLimit-Remaining": "41"}
    left["X-RateLimit-Reset"] = str(round(reset().timestamp()))
    _, account = asked("scalereach", {"headers": left})
    owner = factories.make_member(team=team, role="owner")
    factories.sign_in(client, owner)

    assert "ScaleReach says 41 of 100 left" in client.get("/providers/").content.decode()
    account.spent.update(told={"left": 41, "limit": 100, "until": timezone.now().isoformat()})
    assert "ScaleReach says" not in client.get("/providers/").content.decode()
