from __future__ import annotations

from functools import partial

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from tests import factories
from tests.clips.at_sandbox import (
    REKA_KEY,
    SCALEREACH_KEY,
    account_at,
    finished,
    in_store,
    make_order,
    make_talk,
    make_video,
    running,
)
from tests.clips.ordering import HTMX
from tests.clips.service import Service
from tests.remembered import engine_remembers
from tests.sandbox.conftest import clock, sample, sandbox

__all__ = ["clock", "engine_remembers", "sample", "sandbox"]


@pytest.fixture
def service(settings):
    service = Service()
    settings.OUTBOUND_ALLOW_HOSTS = [service.netloc]
    yield service
    service.close()


@pytest.fixture
def half_past_twelve():
    """Of today, where no hour and no day ends in the middle of a test."""
    with time_machine.travel(timezone.now().replace(hour=12, minute=30)):
        yield


@pytest.fixture
def owner(editor):
    editor.memberships.update(role="owner")
    return editor


@pytest.fixture
def owner_client(client, owner):
    factories.sign_in(client, owner)
    return client


@pytest.fixture
def reka(sandbox, team):
    return account_at(sandbox, team)


@pytest.fixture
def act(owner_client, reka):
    """act("library_send", source=…) → what the page of Reka's store says then."""

    def post(view, status=200, /, **data):
        path = reverse(view, args=[reka.pk])
        response = owner_client.post(path, data, headers=HTMX)
        assert response.status_code == status
        return response.text

    return post


@pytest.fixture
def source(team, sample):
    return make_talk(team, sample)


@pytest.fixture
def order(reka, source):
    """Ordered at Reka, and not sent yet."""
    return make_order(reka, source)


@pytest.fixture
def there(sandbox):
    """Tells what lies in Reka's store, how often something was brought there, and of jobs."""
    return partial(in_store, sandbox)


@pytest.fixture
def uploaded(reka, source):
    """A job at Reka that was fed by an upload, and runs."""
    return running(reka, source)


@pytest.fixture
def done(uploaded, clock):
    return finished(uploaded, clock)


@pytest.fixture
def scalereach(sandbox, team):
    return account_at(sandbox, team, "scalereach", SCALEREACH_KEY)


@pytest.fixture
def video(scalereach, team, clock):
    """A finished job at ScaleReach."""
    return finished(running(scalereach, make_video(team)), clock)


@pytest.fixture
def world(sandbox):
    """world(vendor) → what lies at Reka or ScaleReach with the key of the tests."""
    keys = {"reka": REKA_KEY, "scalereach": SCALEREACH_KEY}
    return lambda vendor: sandbox.world(vendor, keys[vendor])
