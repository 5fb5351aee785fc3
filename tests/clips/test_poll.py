"""Asking after many jobs at once: what is wrong with one is no harm to the others."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from clipboard.clips import follow, poll, tasks
from clipboard.clips.models import Job
from clipboard.providers import speak
from clipboard.providers.model import RemoteJob
from tests import factories

pytestmark = pytest.mark.django_db

STATUS, FILE = "GET /api/v1/video/status/", "GET /api/v1/video/download/"
DONE = (200, {"status": "completed"})


@pytest.fixture
def jobs(service, team):
    """One that the database does not take clips of, and one like any other."""
    account = factories.make_account(team=team, base_url=service.url)
    for name in ("bad", "good"):
        service.says(f"{STATUS}{name}", DONE)
        service.says(f"{FILE}{name}", (200, {"downloadUrl": f"{service.url}/{name}.mp4"}))
    bad, good = (
        factories.make_remote_job(account=account, remote_id=one) for one in ("bad", "good")
    )
    connection.cursor().execute(
        f"CREATE TRIGGER none BEFORE INSERT ON clips_clip WHEN NEW.job_id = {bad.pk} "
        "BEGIN SELECT RAISE(ABORT, 'none of these'); END"
    )
    return bad, good


def test_one_that_cannot_be_stored_waits_and_the_others_go_on(jobs, caplog):
    bad, good = jobs
    tasks.speak_now()
    bad.refresh_from_db()
    good.refresh_from_db()

    assert (good.state, good.clips.count()) == ("succeeded", 1)
    assert (bad.state, bad.error, bad.lease_owner) == ("running", follow.OUR_FAULT, "")
    assert bad.next_action_at > timezone.now() + timedelta(minutes=4)
    assert "none of these" in caplog.text


def test_it_is_given_up_at_its_deadline(jobs, caplog):
    bad, _ = jobs
    Job.objects.update(deadline_at=timezone.now() - timedelta(seconds=1))
    tasks.speak_now()
    bad.refresh_from_db()

    assert (bad.state, bad.error) == ("failed", follow.OUR_FAULT)
    assert bad.finished_at
    assert bad.was_given_up


@pytest.mark.parametrize(
    ("code", "advises", "hope"),
    [
        ("generation_pipeline_failed", "", "It may work when it is tried again."),
        ("generation_pipeline_failed", "Wait a little.", "Wait a little."),
        ("generation_input_video_invalid", "", ""),
    ],
)
def test_a_failure_says_whether_another_try_may_help(service, team, code, advises, hope):
    account = factories.make_account(team=team, provider="sync", base_url=service.url)
    job = factories.make_remote_job(account=account, remote_id="g-1")
    told = {"id": "g-1", "status": "FAILED", "error": "No luck", "errorCode": code}
    service.says("GET /v2/generate/g-1", (200, told))
    service.says("GET /v2/errors", (200, [{"code": code, "message": "", "suggestion": advises}]))
    speak._kept.clear()
    tasks.speak_now()

    job.refresh_from_db()
    assert job.error == f"sync.so could not do it. It says: “No luck” {hope}".strip()


@pytest.mark.parametrize("word", ["processing", "rendering"])
def test_whoever_wants_it_asked_after_meanwhile_gets_that(team, word):
    account = factories.make_account(team=team)
    job = factories.make_remote_job(account=account, remote_word="processing")
    (polled,) = poll.claim(timezone.now(), most=9)
    assert job.look_again()

    told = RemoteJob(remote_id=job.remote_id, state="running", word=word)
    follow.write_back([follow.Answered(polled, account, told)])

    assert Job.objects.due(now=timezone.now()).get().remote_word == word


def test_a_page_in_its_providers_place_ends_no_job(service, team):
    """As a gateway shows one for everything while what is behind it is gone."""
    job = factories.make_remote_job(account=factories.make_account(team=team, base_url=service.url))
    service.says(f"{STATUS}{job.remote_id}", (404, b"<h1>404 Not Found</h1>"))
    for _ in range(follow.LOOKS_FOR_MISSING + 1):
        Job.objects.update(next_action_at=timezone.now())
        tasks.speak_now()
    job.refresh_from_db()
    assert (job.state, "try again later" in job.error) == ("running", True)
