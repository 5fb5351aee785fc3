from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from clipboard.clips import queue
from clipboard.clips.models import Clip, Job, Lease, Rendition
from tests import factories

pytestmark = pytest.mark.django_db


def running_job(team, **fields):
    now = timezone.now()
    lease = {"lease_owner": "there:1", "lease_until": now + timedelta(seconds=30)}
    return factories.make_job(
        team=team, state=Job.State.RUNNING, next_action_at=now, **lease | fields
    )


def test_it_cancels_at_once_whoever_works_on_it(editor_client, team):
    job = running_job(team)
    lease = Lease(job, owner="there:1")
    lease.looked_at -= 2

    editor_client.post(reverse("job_cancel", args=[job.pk]))

    assert lease.should_stop()
    assert not lease.write(progress=0.9)
    job.refresh_from_db()
    assert (job.state, job.next_action_at, job.lease_owner) == ("cancelled", None, "")
    assert not queue.is_something_due()


def test_cancelling_keeps_clips_and_drops_their_previews(editor_client, team):
    job = running_job(team, stage="rendering")
    made = factories.make_clip(team=team, job=job)
    waiting = factories.make_clip(team=team, job=job, status=Clip.Status.GENERATING)
    for clip in (made, waiting):
        Rendition.objects.order(clip, aspect="9:16", height=960, captions=False, is_preview=True)
    made.renditions.update(state=Rendition.State.READY)

    answer = editor_client.post(
        reverse("job_cancel", args=[job.pk]), headers={"HX-Request": "true"}
    )

    assert "The clips it had found stay." in answer["HX-Trigger"]
    assert f'id="job-{job.pk}"' in answer.content.decode()
    assert made.renditions.get().state == "ready"
    assert waiting.renditions.get().state == "cancelled"
    waiting.refresh_from_db()
    assert waiting.status == Clip.Status.DETECTED


def test_cancelling_what_has_ended_changes_nothing(editor_client, team):
    job = factories.make_job(team=team)

    editor_client.post(reverse("job_cancel", args=[job.pk]))

    job.refresh_from_db()
    assert job.state == Job.State.SUCCEEDED


@pytest.mark.parametrize("state", [Job.State.FAILED, Job.State.CANCELLED])
def test_it_queues_again(editor_client, team, state):
    job = factories.make_job(team=team, state=state, error="No luck.", attempts=3, progress=0.5)

    assert editor_client.post(reverse("job_retry", args=[job.pk])).status_code == 302

    job.refresh_from_db()
    assert (job.state, job.error, job.attempts, job.progress) == ("queued", "", 0, 0)
    assert job.next_action_at <= timezone.now()


def test_it_does_not_queue_again_what_its_recording_forbids(editor_client, team):
    source = factories.make_source(team=team, state="failed")
    job = factories.make_job(team=team, source=source, state=Job.State.FAILED)

    editor_client.post(reverse("job_retry", args=[job.pk]))

    job.refresh_from_db()
    assert job.state == Job.State.FAILED


@pytest.mark.parametrize(
    ("account", "way"),
    [
        ({"trouble": "Refused."}, "Fix it"),
        ({"is_disabled": True}, "Switch it on"),
        (None, "Change and order again"),
    ],
)
def test_no_vain_try_is_offered_where_the_account_is_what_is_wrong(
    owner_client, team, account, way
):
    serves = factories.make_account(team=team)
    job = factories.make_remote_job(account=serves, state=Job.State.FAILED)
    assert "Try again" in owner_client.get(reverse("job_list")).content.decode()
    if account:
        type(serves).objects.update(**account)
    else:
        serves.delete()

    page = owner_client.get(reverse("job_list")).content.decode()
    assert way in page
    assert "Try again" not in page
    owner_client.post(reverse("job_retry", args=[job.pk]))
    job.refresh_from_db()
    assert job.state == Job.State.FAILED


def test_it_loosens_with_a_new_job(editor_client, editor, team):
    options = {"count": 5, "aspect": "1:1", "min_duration": 20, "max_duration": 45}
    job = factories.make_job(team=team, options=options)

    editor_client.post(reverse("job_loosen", args=[job.pk]))

    new = Job.objects.latest("pk")
    assert new.options == {
        "count": 5,
        "aspect": "1:1",
        "min_duration": 12,
        "max_duration": 67.5,
        "threshold": 20,
    }
    assert (new.source, new.created_by, new.state) == (job.source, editor, "queued")
    assert new.next_action_at <= timezone.now()


def test_it_cannot_be_loosened_for_ever(editor_client, team):
    job = factories.make_job(team=team, options={"threshold": 0})

    editor_client.post(reverse("job_loosen", args=[job.pk]))

    assert Job.objects.count() == 1


def test_a_providers_job_is_never_loosened(editor_client, team):
    account = factories.make_account(team=team)
    job = factories.make_remote_job(account=account, state=Job.State.SUCCEEDED)
    page = editor_client.get(reverse("job_list")).content.decode()
    assert "lists no clips of this recording" in page
    assert "Loosen and run again" not in page

    answer = editor_client.post(
        reverse("job_loosen", args=[job.pk]), headers={"HX-Request": "true"}
    )

    assert "cannot be made looser" in answer["HX-Trigger"]
    assert Job.objects.count() == 1


@pytest.mark.parametrize("name", ["job_cancel", "job_retry", "job_loosen"])
def test_it_is_for_editors_of_the_team_alone(client, editor_client, team, name):
    ours, theirs = running_job(team), running_job(factories.make_team())
    assert editor_client.post(reverse(name, args=[theirs.pk])).status_code == 404

    viewer = factories.make_member(team=team, role="viewer")
    factories.sign_in(client, viewer)

    assert client.post(reverse(name, args=[ours.pk])).status_code == 403
    assert client.get(reverse(name, args=[ours.pk])).status_code == 405
