"""Messages of providers: kept as they came, believed in nothing, and a reason to ask now."""

from __future__ import annotations

import json
import time
from datetime import timedelta

import pytest
from django.utils import timezone

from clipboard.clips import webhook
from clipboard.clips.models import Delivery, Job
from clipboard.providers import sync_webhook
from tests import factories

pytestmark = pytest.mark.django_db

SECRET = "whsec_canary-5d1f"
BODY = json.dumps({"id": "gen-1", "status": "COMPLETED", "outputUrl": "https://evil.example/"})


@pytest.fixture
def account(team, settings):
    settings.PUBLIC_BASE_URL = "https://clips.example.org"
    account = factories.make_account(team=team, provider="sync", key="sk-0123456789abcdef")
    account.keep_webhook_secret(SECRET)
    account.save()
    return account


@pytest.fixture
def job(account):
    later = timezone.now() + timedelta(hours=1)
    return factories.make_remote_job(account=account, remote_id="gen-1", next_action_at=later)


@pytest.fixture
def post(client, account):
    url = webhook.webhook_url(account).removeprefix("https://clips.example.org")

    def send(body=BODY, *, secret=SECRET, moment_off=0, to=url):
        moment = int(time.time()) + moment_off
        signature = sync_webhook.sign(body.encode(), secret, moment=moment)
        return client.post(
            to, body, content_type="application/json", headers={"Sync-Signature": signature}
        )

    return send


def is_due(job):
    return Job.objects.due(now=timezone.now()).filter(pk=job.pk).exists()


def test_a_true_message_makes_the_job_due_and_says_nothing_else(job, post):
    assert post().status_code == 204
    job.refresh_from_db()
    assert is_due(job)
    assert job.state == "running", "what it says is not believed"
    delivery = Delivery.objects.get()
    assert (bytes(delivery.body), delivery.verdict) == (BODY.encode(), "authentic")
    assert [event.kind for event in job.events.all()] == ["webhook"]


def test_the_same_message_again_does_nothing_more(job, post):
    post()
    Job.objects.update(next_action_at=None)
    assert post().status_code == 204
    assert not is_due(job)
    assert Delivery.objects.get().times == 2


@pytest.mark.parametrize(
    "how",
    [
        {"secret": "whsec_other"},
        {"moment_off": -400},
        {"moment_off": 400},
        {"body": "x" * (300 * 1024)},
    ],
)
def test_any_other_message_gets_the_same_answer_and_changes_nothing(job, post, how):
    assert post(**how).status_code == 204
    assert not is_due(job)
    assert not Delivery.objects.filter(verdict="authentic").exists()


@pytest.mark.parametrize("token", ["1", "1:forged", "x" * 500, "nobody"])
def test_an_address_that_is_not_ours_tells_nothing(job, post, token):
    assert post(to=f"/webhooks/{token}/").status_code == 204
    assert not Delivery.objects.exists()


def test_a_message_speaks_for_its_own_account_only(job, post, team):
    other = factories.make_account(team=factories.make_team(), provider="sync")
    other.keep_webhook_secret(SECRET)
    other.save()
    post(to=webhook.webhook_url(other).removeprefix("https://clips.example.org"))
    assert not is_due(job)


def test_a_flood_of_forgeries_is_not_kept(account, post, monkeypatch):
    monkeypatch.setattr(webhook, "MOST_FORGED", 3)
    for number in range(5):
        post(f"{BODY}{number}", secret="whsec_other")
    assert Delivery.objects.count() == 3


def test_what_came_long_ago_is_forgotten(job, post):
    post()
    post(body=BODY + " ")
    first = Delivery.objects.order_by("pk").first()
    Delivery.objects.filter(pk=first.pk).update(received_at=timezone.now() - timedelta(days=31))

    assert webhook.sweep_deliveries(timezone.now()) == 1
    assert not Delivery.objects.filter(pk=first.pk).exists()
    assert Delivery.objects.count() == 1


def test_an_ended_job_stays_ended(job, post):
    Job.objects.update(state="cancelled", next_action_at=None)
    post()
    assert not is_due(job)


def test_no_address_is_given_where_messages_could_not_be_believed(account, settings):
    assert webhook.webhook_url(account).startswith("https://clips.example.org/webhooks/")
    account.keep_webhook_secret("")
    assert webhook.webhook_url(account) == ""
    account.keep_webhook_secret(SECRET)
    settings.PUBLIC_BASE_URL = ""
    assert webhook.webhook_url(account) == ""
