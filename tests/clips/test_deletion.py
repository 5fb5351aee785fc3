"""Deleting here and at providers: chosen apart, done in the background, told honestly."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from clipboard.clips import tasks
from clipboard.clips.errands import sweep_errands
from clipboard.clips.models import Clip, Download, Errand, Job, RemoteCopy, Source
from clipboard.review.models import Favourite
from tests import factories
from tests.clips.at_sandbox import (
    REKA_KEY,
    SCALEREACH_KEY,
    account_at,
    due,
    fault,
    go_on,
    words,
)

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}
PAGE = "https://www.youtube.com/watch?v=wVXAFlueS9Y"
BOTH = {"asked": "1", "here": "on", "there": "on"}
THERE = {"asked": "1", "there": "on"}


@pytest.fixture
def reka(sandbox, team):
    return account_at(sandbox, team)


@pytest.fixture
def source(team, sample):
    name = factories.make_file("sources/talk.mp4", sample.read_bytes())
    return factories.make_source(team=team, title="Team talk", file=name, sha256="a" * 64)


@pytest.fixture
def uploaded(reka, source):
    """A job at Reka that was fed by an upload, and runs."""
    return ordered(reka, source)


@pytest.fixture
def done(uploaded, clock):
    return finished(uploaded, clock)


@pytest.fixture
def video(sandbox, team, clock):
    """A finished job at ScaleReach."""
    account = account_at(sandbox, team, "scalereach", SCALEREACH_KEY)
    source = factories.make_source(team=team, origin="url", origin_url=PAGE)
    return finished(ordered(account, source), clock)


def ordered(account, source):
    job = factories.make_remote_job(
        account=account, source=source, state=Job.State.QUEUED, remote_id="", sent_at=None
    )
    go_on()
    job.refresh_from_db()
    assert job.state == "running"
    return job


def finished(job, clock):
    clock.skip(30)
    due()
    tasks.speak_now()
    job.refresh_from_db()
    assert job.state == "succeeded"
    Download.objects.update(state="ready", next_action_at=None)
    return job


@pytest.fixture
def world(sandbox):
    def of(vendor):
        return sandbox.world(vendor, {"reka": REKA_KEY, "scalereach": SCALEREACH_KEY}[vendor])

    return of


def delete(client, row, fields, **headers):
    name = f"{row._meta.model_name}_delete"
    return client.post(reverse(name, args=[row.pk]), fields, **headers)


def speak():
    due(Errand)
    tasks.speak_now()


def jobs_page(client):
    return client.get(reverse("job_list")).content.decode()


def test_it_asks_where(editor_client, done):
    page = editor_client.get(reverse("job_delete", args=[done.pk])).content.decode()

    assert "Here: the job and its 3 clips" in page
    assert "At Reka too: the job and what came of it there" in page
    assert "And the recording that Reka has of it" in page
    assert 'id="delete-here" name="here" checked' in page
    assert 'name="there" checked' not in page


def test_here_alone_leaves_what_is_there(editor_client, done, world):
    delete(editor_client, done, {"asked": "1", "here": "on"})
    speak()
    assert not Job.objects.exists()
    assert not Clip.objects.exists()
    assert len(world("reka").all("clips")) == 1


def test_there_alone_leaves_what_is_here(editor_client, editor, done, world):
    Favourite.objects.put(user=editor, clip_id=done.clips.first().pk, on=True)
    response = delete(editor_client, done, THERE)
    assert response.url == reverse("job_detail", args=[done.pk])
    speak()

    assert world("reka").all("clips") == []
    assert len(world("reka").all("video")) == 1
    assert (done.clips.count(), Favourite.objects.count()) == (3, 1)
    assert words(done)[-2:] == ["It is to be deleted at Reka.", "Deleted at Reka."]


def test_both_go_and_the_result_is_seen_after_the_row_is_gone(editor_client, done, world):
    response = delete(editor_client, done, BOTH | {"input": "on"})
    assert response.url == reverse("job_list")
    assert "“Team talk”: Being deleted at Reka." in jobs_page(editor_client)
    assert "every 3s" in jobs_page(editor_client).partition('id="deletions"')[2][:300]
    speak()

    assert not Job.objects.exists()
    assert world("reka").all("clips") == world("reka").all("video") == []
    page = jobs_page(editor_client)
    assert "“Team talk”: Deleted at Reka." in page
    Errand.objects.update(finished_at=timezone.now() - timedelta(hours=2))
    assert "Deleted at Reka." not in jobs_page(editor_client)
    sweep_errands(timezone.now())
    assert Errand.objects.exists()
    sweep_errands(timezone.now() + timedelta(days=31))
    assert not Errand.objects.exists()


def test_the_recording_goes_by_its_own_number_too(editor_client, sandbox, done, world):
    """A job was only given the address of what was uploaded; whether it knows is not sure."""
    fault(sandbox, {"status": 200, "body": {"success": True}}, matches="DELETE /v1/clips")
    delete(editor_client, done, BOTH | {"input": "on"})
    speak()
    assert world("reka").all("video") == []
    assert RemoteCopy.objects.get().state == "waiting"


def test_the_next_order_uploads_again_what_was_deleted_there(
    editor_client, reka, source, done, world
):
    delete(editor_client, done, THERE | {"input": "on"})
    speak()
    assert RemoteCopy.objects.get().state == "waiting"
    assert ordered(reka, source).state == "running"
    assert len(world("reka").all("video")) == 1


def test_what_still_runs_is_deleted_when_it_has_ended(editor_client, uploaded, clock, world):
    page = editor_client.get(reverse("job_delete", args=[uploaded.pk])).content.decode()
    assert "Reka deletes only what has ended" in page

    delete(editor_client, uploaded, BOTH)
    speak()
    errand = Errand.objects.get()
    assert (errand.state, errand.lease_owner) == ("waiting", "")
    assert errand.next_action_at > timezone.now()
    assert "Reka deletes a job only when it has ended." in jobs_page(editor_client)

    clock.skip(30)
    speak()
    assert world("reka").all("clips") == []
    assert Errand.objects.get(kind="delete_job").state == "done"


def test_a_refusal_is_told_and_can_be_tried_again(editor_client, sandbox, done, world):
    no = {"status": 400, "body": {"error": {"type": "validation_error", "message": "Not yours"}}}
    fault(sandbox, no, matches="DELETE /v1/clips")
    delete(editor_client, done, BOTH)
    speak()

    page = jobs_page(editor_client)
    assert "Reka still has it." in page
    assert "Not yours" in page
    errand = Errand.objects.get()
    editor_client.post(reverse("deletion_retry", args=[errand.pk]), headers=HTMX)
    speak()
    assert world("reka").all("clips") == []

    gone = editor_client.post(reverse("deletion_dismiss", args=[errand.pk]), headers=HTMX)
    assert "hidden" in gone.content.decode()
    assert not Errand.objects.exists()


def test_a_refusal_stands_on_the_jobs_timeline_where_that_stays(editor_client, sandbox, done):
    fault(sandbox, {"status": 400, "body": {}}, matches="DELETE /v1/clips")
    delete(editor_client, done, THERE)
    speak()
    assert words(done)[-1].startswith("Reka still has it.")


@pytest.mark.parametrize("does", [{"hang_up": "after"}, {"hang_up": "before"}, {"status": 503}])
def test_a_deletion_whose_answer_is_lost_is_said_again(editor_client, sandbox, done, world, does):
    fault(sandbox, does, matches="DELETE /v1/clips")
    delete(editor_client, done, BOTH)
    speak()
    assert Errand.objects.get().state == "waiting"
    speak()
    assert Errand.objects.get().state == "done", "gone already is gone"
    assert world("reka").all("clips") == []


def test_it_is_given_up_after_a_day_and_says_so(editor_client, sandbox, done):
    fault(sandbox, {"status": 503}, matches="DELETE /v1/clips", times=9)
    delete(editor_client, done, BOTH)
    Errand.objects.update(asked_at=timezone.now() - timedelta(hours=25))
    speak()
    assert Errand.objects.get().state == "refused"


def test_files_come_home_before_their_job_goes_there(editor_client, done, world):
    Download.objects.update(state="waiting")
    delete(editor_client, done, THERE)
    speak()
    assert len(world("reka").all("clips")) == 1
    assert Errand.objects.get().error == "First its files are fetched."

    Download.objects.update(state="ready")
    speak()
    assert world("reka").all("clips") == []


def test_a_recording_goes_with_its_jobs_and_uploads_at_each_provider(
    editor_client, source, reka, done, sandbox, team, clock, world
):
    page = editor_client.get(reverse("source_delete", args=[source.pk])).content.decode()
    assert "At Reka: Main too: the uploaded recording and 1 job and what came of it" in page

    delete(editor_client, source, {"asked": "1", "here": "on", f"at-{reka.pk}": "on"})
    speak()

    assert not Source.objects.exists()
    assert world("reka").all("clips") == world("reka").all("video") == []
    assert jobs_page(editor_client).count("Deleted at Reka.") == 2


def test_a_clip_goes_alone_where_the_provider_can(editor_client, video, world):
    clip = video.clips.first()
    delete(editor_client, clip, BOTH)
    speak()
    assert video.clips.count() == 2
    assert {one["id"] for one in world("scalereach").all("clip")} == set(
        video.clips.values_list("remote_id", flat=True)
    )
    assert words(video)[-1] == "Deleted at ScaleReach."


def test_a_clip_of_many_without_a_number_stays_there(editor_client, done):
    clip = done.clips.first()
    page = editor_client.get(reverse("clip_delete", args=[clip.pk])).content.decode()
    assert "Reka deletes whole jobs only" in page
    assert 'name="there"' not in page

    delete(editor_client, clip, BOTH)
    assert done.clips.count() == 2
    assert not Errand.objects.exists()


def test_a_clip_of_a_running_job_would_come_back(editor_client, uploaded):
    clip = factories.make_clip(team=uploaded.team, job=uploaded)
    response = delete(editor_client, clip, {"asked": "1", "here": "on"})
    assert response.status_code == 422
    assert "would list it again" in response.content.decode()
    assert Clip.objects.exists()


def test_a_job_that_runs_is_ended_at_once_where_that_can_be(editor_client, sandbox, team, world):
    account = account_at(sandbox, team, "scalereach", SCALEREACH_KEY)
    source = factories.make_source(team=team, origin="url", origin_url=PAGE)
    job = ordered(account, source)
    delete(editor_client, job, THERE)
    speak()
    job.refresh_from_db()
    assert job.state == "cancelled"
    assert world("scalereach").all("video") == []


def test_a_version_goes_with_its_job_once_that_has_ended(
    editor_client, sandbox, team, source, clock
):
    account = account_at(sandbox, team, "sync", "sk-0123456789")
    clip = factories.make_clip(team=team, file=source.file.name)
    job = factories.make_remote_job(
        account=account,
        clip=clip,
        state=Job.State.QUEUED,
        remote_id="",
        sent_at=None,
        wants_upload=True,
        options={"model": "sync-3", "sound": "dub", "dubParams.targetLang": "es"},
    )
    assert tasks.look_now([Job])
    job.refresh_from_db()
    delete(editor_client, job, THERE)
    speak()
    made = sandbox.world("sync", "sk-0123456789")
    assert len(made.all("generation")) == 1, "it is still being made"

    clock.skip(30)
    speak()
    assert made.all("generation") == []
    assert words(job)[-1] == "Deleted at sync.so."


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"asked": "1"}, "Choose where to delete it."),
        ({"asked": "1", "here": "on", "input": "on"}, "can only go together with the job"),
    ],
)
def test_something_sensible_must_be_chosen(editor_client, done, fields, sentence):
    response = delete(editor_client, done, fields)
    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert Job.objects.exists()


def test_what_is_being_sent_is_left_until_that_is_known(editor_client, reka):
    job = factories.make_remote_job(account=reka, state=Job.State.SUBMITTING, remote_id="")
    response = delete(editor_client, job, {"asked": "1", "here": "on"})
    assert response.status_code == 422
    assert "being sent at this moment" in response.content.decode()


def test_where_the_provider_cannot_it_is_said(editor_client, team):
    account = factories.make_account(team=team)
    job = factories.make_remote_job(account=account, state=Job.State.SUCCEEDED)
    page = editor_client.get(reverse("job_delete", args=[job.pk])).content.decode()
    assert "ReelBot offers no way to delete there" in page
    assert 'name="there"' not in page


def test_a_local_clip_is_deleted_here(editor_client, team):
    clip = factories.make_clip(team=team)
    page = editor_client.get(reverse("clip_detail", args=[clip.pk])).content.decode()
    assert reverse("clip_delete", args=[clip.pk]) in page
    delete(editor_client, clip, {"asked": "1", "here": "on"})
    assert not Clip.objects.exists()


# --- From the admin site --------------------------------------------------------------------------


@pytest.fixture
def admin_client(team):
    person = factories.make_member(team=team)
    person.is_staff = person.is_superuser = True
    person.save()
    client = Client()
    client.force_login(person, backend="clipboard.teams.backend.MemberBackend")
    return client


@pytest.mark.parametrize("there", [True, False])
@pytest.mark.parametrize("marked", [True, False])
def test_the_admin_site_asks_too(admin_client, done, world, there, marked):
    form = {"post": "yes"} | ({"there": "on"} if there else {})
    if marked:
        address = reverse("admin:clips_job_changelist")
        form |= {"action": "delete_selected", "_selected_action": [done.pk]}
        asked = admin_client.post(address, {key: form[key] for key in form if key != "post"})
    else:
        address = reverse("admin:clips_job_delete", args=[done.pk])
        asked = admin_client.get(address)
    assert 'name="there"' in asked.content.decode()

    admin_client.post(address, form)
    speak()

    assert not Job.objects.exists()
    assert len(world("reka").all("clips")) == (0 if there else 1)


def test_the_admin_site_asks_only_where_there_is_something(admin_client, team):
    job = factories.make_job(team=team)
    asked = admin_client.get(reverse("admin:clips_job_delete", args=[job.pk]))
    assert 'name="there"' not in asked.content.decode()
