from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from clipboard.clips.models import Due, Source
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
