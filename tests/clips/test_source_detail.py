from __future__ import annotations

import pytest
from django.urls import reverse

from clipboard.clips import ingest
from clipboard.clips.models import Clip, Job, Source
from tests import factories

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def source(team):
    return factories.make_source(
        team=team, title="Interview", file="sources/2026/01/1/recording.mp4", waveform=[3, 90, 0]
    )


def page(client, source, **more):
    return client.get(reverse("source_detail", args=[source.pk]), **more)


def test_it_plays_the_recording_through_a_signed_address(editor_client, source):
    html = page(editor_client, source).content.decode()

    assert 'src="/media/sources/2026/01/1/recording.mp4?e=' in html
    assert "1280 × 720" in html
    assert "2:00" in html


@pytest.mark.parametrize("state", ["fetching", "preparing", "failed", "duplicate"])
def test_it_shows_what_is_not_ready_without_a_player(editor_client, team, state):
    source = factories.make_source(team=team, state=state, error="Say why.")
    html = page(editor_client, source).content.decode()

    assert "<video" not in html
    assert ("every 2s" in html) == (state in ("fetching", "preparing"))


def test_it_reloads_once_there_is_something_to_play(editor_client, source):
    again = {"was": "preparing"}

    assert page(editor_client, source, data=again, headers=HTMX)["HX-Refresh"] == "true"
    Source.objects.update(state="preparing")
    assert "HX-Refresh" not in page(editor_client, source, data=again, headers=HTMX)


# --- Clips once more ------------------------------------------------------------------------------


def ask(client, source, headers=None, **data):
    return client.post(reverse("job_create", args=[source.pk]), data, headers=headers)


def test_it_makes_clips_again_with_other_options(editor_client, editor, source):
    response = ask(editor_client, source, length="long", captions="on", end="90")

    job = Job.objects.get()
    assert response.url == reverse("source_detail", args=[source.pk])
    assert job.options == {"min_duration": 45, "max_duration": 90, "end": 90.0}
    assert (job.created_by, job.state) == (editor, "queued")
    assert job.next_action_at is not None


def test_it_refuses_a_range_behind_the_end(editor_client, source):
    response = ask(editor_client, source, HTMX, start="2:00")

    assert response.status_code == 422
    assert "over by then" in response.content.decode()
    assert response.content.decode().startswith('<form id="job-form"')
    assert not Job.objects.exists()


@pytest.mark.parametrize("state", ["failed", "duplicate"])
@pytest.mark.parametrize("headers", [HTMX, {}])
def test_no_clips_are_made_of_a_recording_that_is_no_use(editor_client, team, state, headers):
    source = factories.make_source(team=team, state=state)

    response = ask(editor_client, source, headers)

    assert response.status_code == 422
    assert "This recording cannot be used; open it to see why." in response.content.decode()
    assert not Job.objects.exists()


# --- Name, retry, removal -------------------------------------------------------------------------


def test_it_is_renamed(editor_client, source):
    address = reverse("source_rename", args=[source.pk])
    editor_client.post(address, {"title": " Second interview "})
    assert Source.objects.get().title == "Second interview"

    assert editor_client.post(address, {"title": " "}).status_code == 422
    assert Source.objects.get().title == "Second interview"


def test_it_is_tried_again(editor_client, team):
    source = factories.make_source(
        team=team, state="failed", origin="url", origin_url="https://e.org/a.mp4", error="Gone."
    )
    job = factories.make_job(team=team, source=source, state="failed", error="Gone.")
    response = editor_client.post(reverse("source_retry", args=[source.pk]), headers=HTMX)

    source.refresh_from_db()
    job.refresh_from_db()
    assert (source.state, source.error, job.state) == ("fetching", "", "queued")
    assert source.next_action_at is not None
    assert f'<article id="source-{source.pk}"' in response.content.decode()
    assert "every 2s" in response.content.decode()


def test_it_asks_before_it_removes(editor_client, source):
    address = reverse("source_delete", args=[source.pk])

    assert "This cannot be undone" in editor_client.get(address).content.decode()
    assert Source.objects.exists()


def test_it_removes_rows_and_files_together(
    editor_client, source, settings, django_capture_on_commit_callbacks
):
    clip = factories.make_clip(
        team=source.team, job=factories.make_job(team=source.team, source=source)
    )
    Clip.objects.filter(pk=clip.pk).update(file="clips/9/clip.mp4", poster="clips/9/poster.webp")
    names = [source.file.name, "clips/9/clip.mp4", "clips/9/poster.webp"]
    for name in [*names, "clips/8/another.mp4"]:
        path = settings.MEDIA_ROOT / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"bytes")
    with django_capture_on_commit_callbacks(execute=True):
        response = editor_client.post(reverse("source_delete", args=[source.pk]))

    assert response.url == reverse("source_list")
    assert not Source.objects.exists()
    assert not Clip.objects.exists()
    assert not any((settings.MEDIA_ROOT / name).exists() for name in names)
    assert (settings.MEDIA_ROOT / "clips/8/another.mp4").exists()


# --- What changes while somebody asks -------------------------------------------------------------


def test_clips_asked_for_while_a_recording_becomes_ready_do_not_wait_for_ever(team, editor):
    read = factories.make_source(team=team, state="preparing")
    Source.objects.update(state="ready")

    assert ingest.request_clips(read, user=editor).next_action_at is not None


def test_clips_asked_for_while_a_recording_is_refused_fail_at_once(team, editor):
    read = factories.make_source(team=team, state="preparing")
    Source.objects.update(state="failed", error="This is no video.")

    job = ingest.request_clips(read, user=editor)

    assert (job.state, job.next_action_at) == ("failed", None)
    assert job.error == "This recording cannot be used; open it to see why."
    assert job.finished_at is not None


def test_a_job_queued_again_while_its_recording_becomes_ready_does_not_wait_for_ever(team):
    source = factories.make_source(team=team, state="preparing")
    job = factories.make_job(team=team, source=source, state="cancelled")
    Source.objects.update(state="ready")

    assert job.retry()
    assert Job.objects.get().next_action_at is not None
