"""A clip's file that was given up: one word of a person has it fetched again."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from clipboard.clips import tasks
from clipboard.clips.models import Account, Clip, Download, JobEvent
from tests import factories, recordings
from tests.clips.ordering import HTMX

pytestmark = pytest.mark.django_db
REFRESH = "GET /api/v1/video/download/abc123"
GONE = "ReelBot does not have this file any more."


@pytest.fixture(scope="module")
def talk(tmp_path_factory):
    return recordings.make(tmp_path_factory.mktemp("recordings") / "talk.mp4").read_bytes()


@pytest.fixture
def account(team, service):
    return factories.make_account(team=team, base_url=service.url)


@pytest.fixture
def clip(team, account):
    return given_up(team, factories.make_remote_job(account=account, state="succeeded"))


def given_up(team, job, **fields):
    clip = factories.make_clip(
        team=team,
        job=job,
        status=Clip.Status.FAILED,
        error=GONE,
        start=None,
        created_at=timezone.now() - timedelta(days=2),
        **fields,
    )
    Download.objects.create(
        clip=clip, url="https://old.example/v.mp4", state="failed", error=GONE, attempts=3
    )
    return clip


def press(client, clip, **headers):
    return client.post(reverse("clip_fetch", args=[clip.pk]), headers=headers)


def work():
    while tasks.look_now([Download]):
        pass


def test_the_clip_says_why_and_offers_it(editor_client, clip):
    page = editor_client.get(reverse("clip_detail", args=[clip.pk])).content.decode()

    assert GONE in page
    assert "Fetch it again" in page
    assert "ReelBot is asked for a fresh address first." in page


def test_it_is_fetched_at_a_fresh_address(editor_client, editor, clip, service, talk):
    service.says(REFRESH, (200, {"downloadUrl": f"{service.url}/new.mp4"}))
    service.says("GET /new.mp4", (200, talk))

    page = press(editor_client, clip, **HTMX).content.decode()
    assert "On its way." in page
    assert "Fetch it" not in page
    work()

    clip.refresh_from_db()
    assert (clip.status, clip.error, clip.download.state) == ("completed", "", "ready")
    event = JobEvent.objects.get(kind="download")
    assert (event.words, event.by) == ("“A turn” is fetched again.", editor)
    assert "Fetch it" not in editor_client.get(address(clip)).content.decode()


def test_it_is_given_up_at_once_where_that_fails_too(editor_client, clip, service):
    service.says(REFRESH, (404, {}))

    assert press(editor_client, clip).url == address(clip)
    work()

    clip.refresh_from_db()
    assert (clip.status, clip.error) == ("failed", GONE)
    assert "Fetch it again" in editor_client.get(address(clip)).content.decode()


def test_a_key_that_is_refused_is_tried_for_one_file_only(editor_client, team, clip, service):
    given_up(team, clip.job)
    service.says(REFRESH, (401, {"message": "Unknown key"}))
    editor_client.post(reverse("job_fetch", args=[clip.job_id]))
    work()

    assert len(service.calls(REFRESH)) == 1
    trouble = Account.objects.get().trouble
    assert "Unknown key" in trouble
    assert Download.objects.get(state="waiting").error == trouble, "it waits for the key"


def test_what_was_put_off_is_fetched_now(editor_client, clip, service):
    later = timezone.now() + timedelta(minutes=50)
    Download.objects.update(state="waiting", error="No answer.", next_action_at=later)
    Clip.objects.update(status=Clip.Status.GENERATING, error="")
    page = editor_client.get(address(clip)).content.decode()
    assert "No answer. It is fetched again in 49 minutes." in page
    assert "Fetch it now" in page

    press(editor_client, clip)

    assert Download.objects.get().next_action_at <= timezone.now()


def test_a_file_that_is_here_stays_as_it_is(editor_client, clip):
    Download.objects.update(state="ready", error="")
    Clip.objects.update(status=Clip.Status.COMPLETED, file=factories.make_file())

    press(editor_client, clip)

    assert Download.objects.get().state == "ready"
    assert not JobEvent.objects.exists()


def test_the_old_address_is_tried_where_the_account_is_gone(editor_client, clip, account):
    account.remove()
    page = editor_client.get(address(clip)).content.decode()
    assert "only the old address can be tried" in page

    press(editor_client, clip)

    assert (Download.objects.get().expires_at, Download.objects.get().state) == (None, "waiting")


def test_the_job_says_why_and_fetches_all_of_its_files(editor_client, team, clip):
    given_up(team, clip.job)
    other = given_up(team, factories.make_remote_job(account=clip.job.account, remote_id="x"))
    for name in ("job_list", "job_detail"):
        about = [clip.job.pk] if name == "job_detail" else []
        page = editor_client.get(reverse(name, args=about)).content.decode()
        assert f"2 files could not be fetched. {GONE}" in page, name
        assert "Fetch them again" in page, name

    answer = editor_client.post(reverse("job_fetch", args=[clip.job.pk]), headers=HTMX)

    assert "2 files fetched now." in answer["HX-Trigger"]
    assert "could not be fetched" not in answer.content.decode()
    states = dict(Download.objects.values_list("clip__job", "state"))
    assert states == {clip.job.pk: "waiting", other.job.pk: "failed"}


def test_it_is_for_those_who_may_edit(client, team, clip):
    viewer = factories.make_member(team=team, role="viewer")
    factories.sign_in(client, viewer)

    assert press(client, clip).status_code == 403
    assert "Fetch it" not in client.get(address(clip)).content.decode()


def address(clip):
    return reverse("clip_detail", args=[clip.pk])
