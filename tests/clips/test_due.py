from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import models
from django.db.models import F
from django.utils import timezone

from clipboard.clips.models import Due, Job, Lease, Source
from clipboard.clips.models.written import Change, Given
from tests import factories

pytestmark = pytest.mark.django_db


def sources(now):
    return Source.objects.due(now=now).order_by("next_action_at")


def test_it_finds_at_every_moment_what_is_due_by_then_and_the_first_few_only(team):
    now, due = timezone.now(), Due(sources, most=2)
    late, soon, next_ = (
        factories.make_source(team=team, next_action_at=now + timedelta(seconds=seconds)).pk
        for seconds in (-9, 5, 7)
    )
    assert due.keys(now - timedelta(seconds=10)) == []
    assert due.keys(now) == [late]
    assert due.keys(now + timedelta(seconds=6)) == [late, soon]
    assert due.keys(now + timedelta(seconds=8)) == [late, soon]
    Source.objects.filter(pk=late).update(lease_until=now + timedelta(seconds=60))
    assert due.keys(now + timedelta(seconds=8)) == [soon, next_]


def test_it_is_one_statement(team, django_assert_num_queries):
    with django_assert_num_queries(1):
        Due(sources, most=2).keys(timezone.now())


def test_what_is_written_once_takes_other_values_every_time(team):
    one, other = (factories.make_source(team=team, stage="new") for _ in range(2))
    change = Change(
        lambda: Source.objects.filter(pk=Given("row", models.BigAutoField())).exclude(stage="old"),
        stage=Given("stage", models.CharField()),
        attempts=F("attempts") + 1,
    )
    assert change(row=one.pk, stage="begun") == 1
    assert change(row=other.pk, stage="old") == 1
    assert change(row=other.pk, stage="older") == 0
    assert list(Source.objects.order_by("pk").values_list("stage", "attempts")) == [
        ("begun", 1),
        ("old", 1),
    ]


def test_a_lease_writes_values_of_every_kind_while_it_holds(team):
    now, soon = timezone.now(), timezone.now() + timedelta(seconds=60)
    job, account = factories.make_job(team=team), factories.make_account(team=team)
    Job.objects.filter(pk=job.pk).update(next_action_at=now, lease_owner="")
    assert Job.claim(job.pk, owner="me", now=now)
    assert not Job.claim(job.pk, owner="another", now=now)
    lease = Lease(Job.objects.get(pk=job.pk), owner="me")
    told = {"cost": {"amount": 2}, "options": {"it's": '"so"'}, "account": account}
    assert lease.write(**told, progress=1, sent_at=None, wants_upload=True, found_at=soon)

    kept = Job.objects.get(pk=job.pk)
    assert (kept.cost, kept.options, kept.account) == tuple(told.values())
    assert (kept.progress, kept.sent_at, kept.wants_upload, kept.found_at) == (1, None, True, soon)
    assert (kept.lease_owner, kept.attempts) == ("me", 1)
    assert lease.holds()
    assert lease.write(account=None)
    assert Job.objects.get(pk=job.pk).account is None

    Job.objects.filter(pk=job.pk).update(lease_owner="another")
    assert not lease.write(progress=0.5)
    assert not lease.holds()
    assert Job.objects.get(pk=job.pk).progress == 1
