"""Jobs that we stopped asking after: they are followed again before they are bought again."""

from __future__ import annotations

import pytest
from django.urls import reverse
from django.utils import timezone

from clipboard.clips import tasks
from clipboard.clips.models import Job
from tests import factories
from tests.clips import ordering
from tests.clips.ordering import CINEMATIC, HTMX, given, post

pytestmark = pytest.mark.django_db


@pytest.fixture
def account(team):
    return factories.make_account(team=team)


def listed(client):
    return client.get(reverse("job_list")).content.decode()


def act(client, name, job, **data):
    return client.post(reverse(name, args=[job.pk]), data, headers=HTMX)


def test_what_was_given_up_is_followed_again(editor_client, account):
    job = factories.make_remote_job(account=account, state=Job.State.FAILED, next_action_at=None)

    act(editor_client, "job_poll", job)

    job.refresh_from_db()
    assert (job.state, job.remote_id, job.error) == ("running", "abc123", "")
    assert job.deadline_at > timezone.now()


@pytest.mark.parametrize("state", ["queued", "succeeded", "cancelled", "outcome_unknown"])
def test_there_is_not_always_something_to_ask(editor_client, account, state):
    job = factories.make_remote_job(account=account, state=state, next_action_at=None)

    answer = act(editor_client, "job_poll", job)

    job.refresh_from_db()
    assert (job.state, job.next_action_at) == (state, None)
    assert "There is nothing to ask." in answer["HX-Trigger"]


def test_all_that_failed_is_retried_except_where_it_is_vain(editor_client, team, account):
    broken = factories.make_account(team=team, name="Broken")
    broken.report_trouble("Refused.")
    failed = [
        factories.make_job(team=team, state=Job.State.FAILED),
        factories.make_remote_job(account=account, state=Job.State.FAILED),
    ]
    source = factories.make_source(team=team, state="failed")
    vain = [
        factories.make_job(team=team, source=source, state=Job.State.FAILED),
        factories.make_remote_job(account=broken, state=Job.State.FAILED),
        factories.make_job(team=team, provider="reelbot", state=Job.State.FAILED),
        factories.make_job(team=factories.make_team(), state=Job.State.FAILED),
    ]
    assert "Retry all failed (2)" in listed(editor_client)

    answer = editor_client.post(reverse("job_retry_failed"), headers=HTMX)

    assert "2 jobs queued again." in answer["HX-Trigger"]
    assert {Job.objects.get(pk=job.pk).state for job in failed} == {"queued"}
    assert {Job.objects.get(pk=job.pk).state for job in vain} == {"failed"}
    assert "Retry all failed" not in listed(editor_client)


def test_what_may_be_done_by_now_is_not_bought_again_with_all_others(editor_client, team, service):
    """A job that we gave up: its provider may have made it meanwhile."""
    account = factories.make_account(team=team, base_url=service.url)
    late, failed = (
        factories.make_remote_job(account=account, remote_id=said, deadline_at=timezone.now())
        for said in ("processing", "failed")
    )
    for said in ("processing", "failed"):
        service.says(f"GET /api/v1/video/status/{said}", (200, {"status": said}))
    tasks.speak_now()
    assert set(Job.objects.values_list("state", flat=True)) == {"failed"}
    Job.objects.update(error="In other words.")

    answer = editor_client.post(reverse("job_retry_failed"), headers=HTMX)

    assert "1 job queued again, 1 job asked after again." in answer["HX-Trigger"]
    number = late.remote_id
    late.refresh_from_db()
    failed.refresh_from_db()
    assert (late.state, late.remote_id) == ("running", number)
    assert (failed.state, failed.remote_id) == ("queued", "")


def test_what_was_cancelled_here_is_followed_again(editor_client, account):
    job = factories.make_remote_job(account=account)
    act(editor_client, "job_cancel", job)
    assert f'id="job-{job.pk}-poll"' in listed(editor_client)

    act(editor_client, "job_poll", job)

    job.refresh_from_db()
    assert (job.state, job.remote_id, job.finished_at) == ("running", "abc123", None)
    assert job.deadline_at > timezone.now()


@pytest.mark.parametrize(
    ("state", "field"), [("failed", "deadline_at"), ("cancelled", "cancel_requested_at")]
)
def test_the_same_ordered_again_is_told_of_what_may_be_made(
    editor_client, team, account, state, field
):
    source = ordering.make_source(team)
    options = CINEMATIC | {"brollKeys": ["shared/sea.mp4"]}
    order = {"account": account, "source": source, "state": state, "options": options}
    late = factories.make_remote_job(**order, **{field: timezone.now()})
    factories.make_remote_job(**order, remote_id="ended there")

    page = post(editor_client, "order_create", source, given(account))

    assert page.status_code == 422
    assert reverse("job_detail", args=[late.pk]) in page.content.decode()
    assert Job.objects.count() == 2
