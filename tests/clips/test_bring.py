"""What a provider gives for a clip's file, and what of it is kept."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from clipboard.clips import tasks
from clipboard.clips.models import Clip, Download, JobEvent, order_downloads
from tests import factories, recordings

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def talk(tmp_path_factory):
    return recordings.make(tmp_path_factory.mktemp("recordings") / "talk.mp4").read_bytes()


@pytest.fixture
def clip(team, service):
    account = factories.make_account(team=team, base_url=service.url)
    return factories.make_clip(
        team=team,
        job=factories.make_remote_job(account=account),
        status=Clip.Status.GENERATING,
        remote_id="output",
        start=None,
        created_at=timezone.now() - timedelta(hours=1),
    )


@pytest.fixture
def fetch(service, clip):
    """fetch(body, …) → the download after as many looks as there are bodies."""

    def look(*bodies):
        service.says("GET /v.mp4", *((200, body) for body in bodies))
        order_downloads([Download(clip=clip, url=f"{service.url}/v.mp4")])
        for _ in bodies:
            Download.objects.update(next_action_at=timezone.now())
            tasks.look_now([Download])
        clip.refresh_from_db()
        return Download.objects.get(clip=clip)

    return look


@pytest.mark.parametrize("body", [b"<html>Sorry</html>", b"\x00" * 5000, b'{"error": "expired"}'])
def test_what_is_no_video_is_fetched_again_and_then_refused_in_words(clip, fetch, body):
    assert fetch(body).state == "waiting"
    assert clip.status == "generating"
    assert fetch(body, body).state == "failed"
    assert clip.status == "failed"
    assert clip.error
    assert JobEvent.objects.count() == 0


def test_a_page_of_the_storage_s_own_does_no_harm(clip, fetch, talk):
    assert fetch(b"<html>Sorry</html>", talk).state == "ready"
    assert (clip.status, clip.error) == ("completed", "")


def test_half_a_video_whose_length_nobody_told_is_fetched_again(clip, fetch, talk):
    download = fetch(talk[: len(talk) * 6 // 10])
    assert (download.state, clip.file.name) == ("waiting", "")
    assert "broke before" in download.error


def test_a_file_that_was_given_up_is_fetched_when_the_provider_lists_it_again(clip, fetch, talk):
    Download.objects.create(clip=clip, url="https://old.example/v.mp4", state="failed", attempts=3)
    assert fetch(talk).state == "ready"
    assert clip.status == "completed"


def test_a_night_in_which_nobody_tried_takes_no_patience(service, clip):
    service.says("GET /v.mp4", *[(500, b"")] * 6)
    order_downloads([Download(clip=clip, url=f"{service.url}/v.mp4")])
    evening = timezone.now() - timedelta(hours=9)
    Clip.objects.filter(pk=clip.pk).update(created_at=evening)
    Download.objects.update(attempts=2, next_action_at=evening)
    tasks.look_now([Download])
    for _ in range(4):  # as often as it likes, for as long as any other
        assert Download.objects.get().state == "waiting"
        Download.objects.update(next_action_at=timezone.now())
        tasks.look_now([Download])
    assert Download.objects.get().state == "waiting"

    hours_ago = timezone.now() - timedelta(hours=7)
    Download.objects.update(tried_since=hours_ago, next_action_at=timezone.now())
    tasks.look_now([Download])
    assert Download.objects.get().state == "failed"


def test_a_clip_that_is_shorter_than_was_told_is_kept_once_the_same_has_come_for_long(
    clip, fetch, talk
):
    """As of a provider that cuts silence out, and tells how long it was with it."""
    length = 4
    Clip.objects.update(duration=1.4 * length)
    assert fetch(talk, talk).state == "waiting"
    assert "seconds came" in Download.objects.get().error
    Clip.objects.update(created_at=timezone.now())
    assert fetch(talk).state == "waiting"
    Clip.objects.update(created_at=timezone.now() - timedelta(hours=1))

    assert fetch(talk).state == "ready"
    assert clip.status == "completed"
    assert clip.duration == pytest.approx(length, abs=0.2)
