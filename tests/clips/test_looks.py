"""Looks at what was marked at a provider by others: rare, never for ever, and light."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from clipboard.clips import queue, tasks
from clipboard.clips.models import Errand, Job, Source
from tests.clips.at_sandbox import SCALEREACH_KEY, due, fault

pytestmark = pytest.mark.django_db


def speak():
    due(Errand)
    tasks.speak_now()


def test_looks_grow_rare_and_end(video):
    speak()
    look = Errand.objects.get(kind="look")
    assert timedelta(seconds=250) < look.next_action_at - timezone.now() < timedelta(seconds=310)
    Job.objects.update(finished_at=timezone.now() - timedelta(days=31))
    speak()
    assert not Errand.objects.exists()


def test_looks_that_fail_come_no_more_often_and_end_too(sandbox, video):
    at_scalereach = {"provider": "scalereach", "key": SCALEREACH_KEY, "times": 9}
    fault(sandbox, {"status": 500}, matches="GET", **at_scalereach)
    long_ago = timezone.now() - timedelta(days=8)
    Job.objects.update(finished_at=long_ago)
    Errand.objects.update(asked_at=long_ago)
    speak()
    assert Errand.objects.get().next_action_at > timezone.now() + timedelta(hours=19)

    Errand.objects.update(asked_at=timezone.now() - timedelta(days=31), attempts=2)
    speak()
    assert not Errand.objects.exists()


def test_the_words_of_a_recording_stay_where_they_are(video):
    Source.objects.update(title="T" * 255)
    with CaptureQueriesContext(connection) as asked:
        Job.objects.get().look_at_marks()
        queue.take_errand()
    assert not [
        query for query in asked.captured_queries if '"clips_source"."transcript"' in query["sql"]
    ]
    assert Errand.objects.get().title == "T" * 255
