"""Deleting recordings, clips and versions here and at providers, from the admin site too."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from clipboard.clips import tasks
from clipboard.clips.models import Clip, Errand, Job, Source
from tests import factories
from tests.clips.at_sandbox import (
    account_at,
    delete,
    make_video,
    running,
    words,
)
from tests.clips.deleting import BOTH, THERE, jobs_page, speak

pytestmark = pytest.mark.django_db


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


def test_a_job_that_runs_is_ended_at_once_where_that_can_be(editor_client, scalereach, world):
    job = running(scalereach, make_video(scalereach.team))
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
    factories.sign_in(client, person)
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
