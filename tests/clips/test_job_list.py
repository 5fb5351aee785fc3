from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from clipboard.clips.models import Job
from tests import factories

pytestmark = pytest.mark.django_db


def test_it_says_what_to_do_where_nothing_runs(editor_client):
    page = editor_client.get(reverse("job_list")).content.decode()

    assert "No jobs yet" in page
    assert "Add a recording" in page


def test_it_names_the_stage_and_how_far_it_is(editor_client, team):
    job = factories.make_job(team=team, state=Job.State.RUNNING, stage="speech", progress=0.42)

    page = editor_client.get(reverse("job_list")).content.decode()

    assert "Transcribing" in page
    assert "42%" in page
    assert reverse("job_cancel", args=[job.pk]) in page


def test_it_says_why_a_job_failed_and_offers_another_try(editor_client, team):
    job = factories.make_job(team=team, state=Job.State.FAILED, error="The picture is too large.")

    page = editor_client.get(reverse("job_list")).content.decode()

    assert "The picture is too large." in page
    assert reverse("job_retry", args=[job.pk]) in page


def test_it_sends_to_the_recording_when_that_is_what_failed(editor_client, team):
    source = factories.make_source(team=team, state="failed")
    job = factories.make_job(team=team, source=source, state=Job.State.FAILED, error="Cut short.")

    page = editor_client.get(reverse("job_list")).content.decode()

    assert reverse("job_retry", args=[job.pk]) not in page
    assert "Open the recording" in page


def test_it_says_that_the_same_file_was_here_already(editor_client, team):
    first = factories.make_source(team=team)
    again = factories.make_source(team=team, state="duplicate", duplicate_of=first)
    factories.make_job(team=team, source=again, state=Job.State.CANCELLED)

    page = editor_client.get(reverse("job_list")).content.decode()

    assert "The same file was here already" in page
    assert f'<a href="{reverse("source_detail", args=[first.pk])}">Open it</a>' in page


def test_it_says_why_there_are_few_clips(editor_client, team):
    summary = {"considered": 148, "best_score": 31.2, "threshold": 35, "notes": ["No speech."]}
    job = factories.make_job(team=team, summary=summary)

    page = editor_client.get(reverse("job_list")).content.decode()

    assert "148 moments were considered; the best scores 31, and a clip needs 35." in page
    assert "No speech." in page
    assert reverse("job_loosen", args=[job.pk]) in page


def test_it_survives_a_number_of_any_size_among_the_choices(editor_client, team):
    account = factories.make_account(team=team, provider="sync")
    factories.make_remote_job(account=account, options={"segments": 10**400})

    assert "1000000" in editor_client.get(reverse("job_list")).content.decode()


def test_it_leads_to_the_clips(editor_client, team):
    job = factories.make_job(team=team, options={"count": 2})
    for _ in range(2):
        factories.make_clip(team=team, job=job)

    page = editor_client.get(reverse("job_list")).content.decode()

    assert f"{reverse('clip_list')}?source={job.source_id}" in page
    assert "2 clips" in page
    assert reverse("job_loosen", args=[job.pk]) not in page


def test_it_never_shows_another_teams_jobs(editor_client):
    other = factories.make_team(name="South")
    factories.make_job(team=other, source=factories.make_source(team=other, title="Secret plan"))

    assert b"Secret plan" not in editor_client.get(reverse("job_list")).content


def test_it_pages_back(editor_client, team):
    source = factories.make_source(team=team)
    now = timezone.now()
    jobs = [factories.make_job(team=team, source=source, created_at=now) for _ in range(32)]

    first = editor_client.get(reverse("job_list")).content.decode()
    second = editor_client.get(reverse("job_list"), {"before": jobs[2].pk}).content.decode()

    assert f"?before={jobs[2].pk}" in first
    assert f'id="job-{jobs[1].pk}"' not in first
    assert f'id="job-{jobs[1].pk}"' in second


def test_it_needs_few_queries_however_many_jobs(editor_client, team, django_assert_max_num_queries):
    for _ in range(10):
        factories.make_clip(team=team)

    with django_assert_max_num_queries(6):
        editor_client.get(reverse("job_list"))


@pytest.mark.skipif(connection.vendor != "sqlite", reason="the plan is read as SQLite tells it")
def test_its_pages_are_read_in_their_order_however_many_there_are(team):
    jobs = Job.objects.of(team).listed()
    job = factories.make_job(team=team)
    for page in (jobs, jobs.before(job)):
        plan = page[:31].explain()
        assert "USING INDEX job_listed" in plan
        assert "TEMP B-TREE" not in plan


@pytest.mark.parametrize("name", ["job_list", "job_progress", "source_list", "source_progress"])
def test_no_list_reads_what_was_said_in_whole_recordings(editor_client, team, name):
    source = factories.make_source(team=team, state="preparing")
    job = factories.make_job(team=team, source=source, state=Job.State.RUNNING)
    asked = {"open": job.pk, "newest": job.pk, "id": source.pk}
    with CaptureQueriesContext(connection) as queries:
        page = editor_client.get(reverse(name), asked).content.decode()

    assert f"-{(job if name.startswith('job') else source).pk}" in page
    assert not [one["sql"] for one in queries if "transcript" in one["sql"]]


def test_viewers_see_no_buttons(client, team):
    viewer = factories.make_member(team=team, role="viewer")
    factories.sign_in(client, viewer)
    job = factories.make_job(team=team, state=Job.State.RUNNING)

    assert (
        reverse("job_cancel", args=[job.pk]) not in client.get(reverse("job_list")).content.decode()
    )
