from __future__ import annotations

import time

import pytest
from hypothesis import given

from clipboard.clips.webhook import webhook_url
from clipboard.providers import sync_webhook
from tests.providers.hostile import hostile_answer
from tests.providers.recorded_sync import DONE
from tests.providers.shown import SEED, TWO_THOUSAND, same_luck, show_all, survive

NAME = "sync"


@TWO_THOUSAND
@given(seed=SEED)
def test_it_survives_whatever_the_service_may_send(seed):
    survive(NAME, seed)


@pytest.mark.django_db
def test_every_page_shows_what_came_of_it(account_of, owner_client):
    show_all(owner_client, account_of(NAME))


@pytest.mark.django_db
def test_whatever_it_sends_by_itself_is_answered_alike(client, account_of, settings):
    settings.PUBLIC_BASE_URL = "https://clips.example.org"
    account = account_of(NAME)
    account.keep_webhook_secret("whsec_x")
    account.save()
    address = webhook_url(account).removeprefix(settings.PUBLIC_BASE_URL)
    luck = same_luck()
    for _ in range(100):
        body = hostile_answer(luck, DONE).body
        signature = sync_webhook.sign(body, "whsec_x", moment=int(time.time()))
        answer = client.post(
            address, body, content_type="application/json", headers={"Sync-Signature": signature}
        )
        assert (answer.status_code, answer.content) == (204, b""), body[:400]
