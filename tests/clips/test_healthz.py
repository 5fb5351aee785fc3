from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from clipboard.clips.models import Heartbeat
from tests import factories

pytestmark = pytest.mark.django_db


def beat(*names, ago=0):
    for name in names:
        beat_at = timezone.now() - timedelta(seconds=ago)
        Heartbeat.objects.update_or_create(name=name, defaults={"beat_at": beat_at})


def test_it_is_well_without_signing_in(client):
    beat("work", "steps", "media")

    answer = client.get(reverse("healthz"))

    assert answer.status_code == 200
    assert answer.json()["ok"] is True
    assert answer.json()["oldest_due_seconds"] == 0


def test_it_is_not_well_while_workers_are_silent(client):
    beat("work", "steps", ago=5)
    beat("media", ago=120)

    answer = client.get(reverse("healthz"))

    assert answer.status_code == 503
    assert answer.json()["seconds_since_beat"]["media"] > 100


def test_it_is_not_well_before_workers_have_run(client):
    assert client.get(reverse("healthz")).status_code == 503


def test_it_tells_how_long_work_has_waited(client, team):
    now = timezone.now()
    factories.make_job(team=team, state="queued", next_action_at=now - timedelta(minutes=5))

    assert client.get(reverse("healthz")).json()["oldest_due_seconds"] == pytest.approx(300, abs=9)
