"""Deleting jobs here and at providers: chosen apart, done in the background, told honestly."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from clipboard.clips import tasks
from clipboard.clips.errands import sweep_errands
from clipboard.clips.models import Clip, Download, Errand, Job, RemoteCopy
from clipboard.review.models import Favourite
from tests import factories
from tests.clips.at_sandbox import (
    delete,
    fault,
    running,
    words,
)
from tests.clips.deleting import BOTH, THERE, jobs_page, speak

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


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
    assert running(reka, source).state == "running"
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
    Errand.objects.update(asked_at=timezone.now() - timedelta(hours=25), attempts=2)
    speak()
    assert Errand.objects.get().state == "refused"


def test_a_day_in_which_nobody_asked_is_no_reason_to_give_up(editor_client, sandbox, done, world):
    fault(sandbox, {"status": 503}, matches="DELETE /v1/clips", times=2)
    delete(editor_client, done, BOTH)
    long_ago = timezone.now() - timedelta(hours=25)
    Errand.objects.update(asked_at=long_ago, next_action_at=long_ago, attempts=2)
    tasks.speak_now()
    speak()
    assert Errand.objects.get().state == "waiting"
    speak()
    assert (Errand.objects.get().state, world("reka").all("clips")) == ("done", [])


def test_files_come_home_before_their_job_goes_there(editor_client, done, world):
    Download.objects.update(state="waiting")
    delete(editor_client, done, THERE)
    speak()
    assert len(world("reka").all("clips")) == 1
    assert Errand.objects.get().error == "First its files are fetched."

    Download.objects.update(state="ready")
    speak()
    assert world("reka").all("clips") == []


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


def test_files_that_lie_there_alone_are_told_of(editor_client, done):
    Download.objects.filter(clip=done.clips.first()).update(state="failed")

    for page in (("job_delete", done.pk), ("source_delete", done.source_id)):
        said = editor_client.get(reverse(page[0], args=[page[1]])).content.decode()
        assert "1 file could not be fetched and would be lost; fetch again first." in said
