from __future__ import annotations

from dataclasses import replace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clipboard.clips.collect import collect
from clipboard.clips.models import Download
from clipboard.providers.model import Failure, RemoteClip, RemoteFile
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def job(team):
    return factories.make_remote_job(account=factories.make_account(team=team))


def listed(many, state="completed"):
    return [
        RemoteClip(
            remote_id=f"r{number}",
            state=state,
            file=RemoteFile(url=f"https://cdn.example/{number}.mp4") if state != "failed" else None,
            failure=Failure(message=f"No {number}.") if state == "failed" else None,
        )
        for number in range(many)
    ]


def test_a_long_list_takes_no_more_statements_than_a_short_one(team, job):
    other = factories.make_remote_job(account=job.account, remote_id="other")
    with CaptureQueriesContext(connection) as few:
        collect(job, listed(2))
    with CaptureQueriesContext(connection) as many:
        collect(other, listed(30))
    assert len(many) == len(few)
    assert Download.objects.filter(clip__job=other).count() == 30


def test_a_file_that_was_given_up_is_fetched_again_when_it_is_listed_again(job):
    collect(job, listed(2))
    Download.objects.update(state="failed", next_action_at=None, error="No.", attempts=3)
    job.clips.filter(remote_id="r0").update(status="completed")
    collect(job, listed(2))
    assert set(Download.objects.values_list("state", "error", "attempts")) == {("waiting", "", 0)}
    assert not Download.objects.filter(next_action_at=None).exists()
    states = dict(job.clips.values_list("remote_id", "status"))
    assert states == {"r0": "completed", "r1": "generating"}


def test_each_clip_that_could_not_be_made_says_why(job):
    collect(job, listed(2, "failed"))
    told = set(job.clips.values_list("status", "error"))
    assert told == {("failed", "No 0."), ("failed", "No 1.")}


def test_what_was_measured_stays_whatever_is_told_again(job):
    first = replace(listed(1)[0], duration=12, aspect="9:16")
    collect(job, [first])
    job.clips.update(status="completed", file="clips/a.mp4", duration=11.52, aspect="16:9")
    collect(job, [replace(first, title="Sea", duration=None, aspect="")])
    told = job.clips.values_list("title", "duration", "aspect")
    assert list(told) == [("Sea", 11.52, "16:9")]
