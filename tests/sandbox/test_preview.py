"""Clips play from their provider through one address of ours until their files are here."""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from clipboard.clips import preview, tasks
from clipboard.clips.models import Download
from tests import factories
from tests.sandbox.previewing import clips_there, make_order, put_there, refreshes

pytestmark = pytest.mark.django_db


@pytest.fixture
def clip(team, sandbox, clock, whole):
    clip = clips_there(make_order(team, sandbox), clock)[0]
    put_there(sandbox, clip, whole)
    return clip


@pytest.fixture
def whole(sample):
    """The file as the provider has it."""
    return sample.read_bytes()


def ask(client, clip, span="bytes=0-", name="clip_preview"):
    return client.get(reverse(name, args=[clip.pk]), headers={"Range": span})


def media(client, clip, **query):
    return client.get(reverse("clip_media", args=[clip.pk]), query)


def test_it_plays_in_parts_from_where_it_lies(editor_client, clip, whole):
    first = ask(editor_client, clip, "bytes=0-99")
    rest = ask(editor_client, clip, "bytes=100-")
    head = editor_client.head(reverse("clip_preview", args=[clip.pk]))

    assert (first.status_code, first.content) == (206, whole[:100])
    assert first["Content-Range"] == f"bytes 0-99/{len(whole)}"
    assert rest.content == whole[100:][: preview.MOST_BYTES]
    assert first["Content-Type"] == "video/mp4"
    assert "sandbox" in first["Content-Security-Policy"]
    assert first["Cache-Control"] == "private, no-store"
    assert head["Content-Length"] == str(len(whole))
    assert ask(editor_client, clip, f"bytes={len(whole)}-").status_code == 416
    assert ask(editor_client, clip, "").status_code == 400


def test_no_address_of_the_provider_reaches_a_page_or_a_log(
    editor_client, clip, sandbox, caplog, clock
):
    caplog.set_level(logging.DEBUG)
    logging.disable(logging.NOTSET)
    clock.skip(3601)
    ask(editor_client, clip)
    page = editor_client.get(reverse("clip_detail", args=[clip.pk])).content.decode()
    told = media(editor_client, clip).json()

    assert (told["kind"], told["url"]) == ("preview", f"/clips/{clip.pk}/preview/")
    assert f'data-src="/clips/{clip.pk}/preview/"' in page
    for text in (page, str(told), caplog.text):
        assert sandbox.netloc not in text
        assert "signature=" not in text


@pytest.mark.django_db(transaction=True)
def test_many_who_watch_an_address_run_out_ask_for_one_fresh_one(
    editor, clip, whole, clock, sandbox
):
    asked = refreshes(sandbox)
    clock.skip(3601)

    def watch(place):
        client = Client()
        factories.sign_in(client, editor)
        try:
            return ask(client, clip, f"bytes={place * 1000}-{place * 1000 + 999}")
        finally:
            connection.close()

    with ThreadPoolExecutor(preview.AT_ONCE) as pool:
        answers = list(pool.map(watch, range(3 * preview.AT_ONCE)))

    assert [answer.status_code for answer in answers] == [206] * len(answers)
    assert b"".join(answer.content for answer in answers) == whole[: 1000 * len(answers)]
    assert asked() == 1


def test_one_that_is_said_to_have_run_out_is_not_even_tried(editor_client, clip, clock, sandbox):
    asked = refreshes(sandbox)
    Download.objects.update(expires_at=timezone.now())
    sandbox.world("files", "").add_fault(matches="GET", does={"hang_up": "before"}, times=1)
    clock.skip(1)

    assert ask(editor_client, clip).status_code == 503, "the fresh one broke"
    assert ask(editor_client, clip).status_code == 206
    assert asked() == 1


def test_what_stays_dead_plays_from_the_recording(editor_client, clip, clock, sandbox):
    clock.skip(3601)
    account = clip.job.account
    asked = refreshes(sandbox, does={"status": 500})

    answers = [ask(editor_client, clip) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [503] * 3
    assert answers[0].content.decode() == "ScaleReach does not give this clip's file at the moment."
    assert asked() == 1
    told = media(editor_client, clip).json()
    assert (told["kind"], told["start"], told["end"]) == ("source", clip.start, clip.end)
    account.refresh_from_db()
    assert account.trouble == ""
    state = editor_client.get(reverse("clip_state", args=[clip.pk])).content.decode()
    assert "until then it plays from the recording" in state
    assert "every 3s" in state, "its file is still to come"

    refreshes(sandbox)
    Download.objects.update(refreshed_at=timezone.now() - timedelta(seconds=31))
    assert ask(editor_client, clip).status_code == 206
    assert media(editor_client, clip).json()["kind"] == "preview"


@pytest.mark.parametrize(
    ("fault", "state"),
    [({"status": 429, "headers": {"Retry-After": "300"}}, "paused"), ({"status": 401}, "trouble")],
)
def test_what_a_refresh_is_told_of_the_account_holds_for_all_of_it(
    editor_client, clip, clock, sandbox, fault, state
):
    clock.skip(3601)
    asked = refreshes(sandbox, does=fault)

    for one in (clip, clip, *clip.job.clips.exclude(pk=clip.pk)):
        assert ask(editor_client, one).status_code == 503

    clip.job.account.refresh_from_db()
    assert (clip.job.account.state, asked()) == (state, 1)


def test_the_player_is_told_honestly_where_there_is_nothing(editor_client, clip):
    clip.source.file = ""
    clip.source.save()

    response = media(editor_client, clip, kind="source")

    assert response.status_code == 404
    assert response.json()["error"] == (
        "ScaleReach does not give this clip now, and its recording is not here."
    )


def test_the_same_address_serves_our_own_file_later(editor_client, clip, whole):
    before = ask(editor_client, clip, "bytes=5-9").content
    Download.objects.exclude(clip=clip).delete()
    tasks.look_now([Download])
    clip.refresh_from_db()
    after = ask(editor_client, clip, "bytes=5-9")

    assert Path(clip.file.path).read_bytes() == whole
    assert b"".join(after.streaming_content) == before
    assert media(editor_client, clip).json()["kind"] == "clip"


def test_too_many_at_once_are_turned_away_and_hold_up_nobody(editor_client, clip):
    for _ in range(preview.AT_ONCE):
        assert preview.places.acquire(blocking=False)
    try:
        refused = ask(editor_client, clip)
        assert (refused.status_code, refused["Retry-After"]) == (503, "1")
        assert editor_client.get(reverse("clip_list")).status_code == 200
        assert media(editor_client, clip, kind="source").json()["kind"] == "source"
    finally:
        for _ in range(preview.AT_ONCE):
            preview.places.release()
    assert ask(editor_client, clip).status_code == 206


def test_a_server_that_knows_no_ranges_will_do(editor_client, clip, whole, sandbox):
    world = sandbox.world("files", "")
    world.add_fault(matches="GET", does={"no_ranges": True}, times=1)

    response = ask(editor_client, clip, "bytes=1000-1999")

    assert response.content == whole[1000:2000]
    assert response["Content-Range"] == f"bytes 1000-1999/{len(whole)}"


@pytest.mark.parametrize(
    "fault",
    [
        {"cut": 0.5},
        {"headers": {"Content-Range": "bytes 7-9/10"}},
        {"headers": {"Content-Type": "text/html"}},
        {"status": 404},
        {"status": 302, "headers": {"Location": "http://169.254.169.254/"}},
    ],
)
def test_half_an_answer_or_another_is_no_answer(editor_client, clip, sandbox, fault):
    sandbox.world("files", "").add_fault(matches="GET", does=fault, times=2)

    assert ask(editor_client, clip, "bytes=0-9999").status_code == 503


def test_a_clip_that_is_removed_meanwhile_is_gone(clip, clock):
    row = preview.download_of(clip)
    clock.skip(3601)
    clip.delete()

    with pytest.raises(preview.NoPreview):
        preview.piece_of(row, start=0, most=100)


def test_guests_see_the_clip_and_nothing_of_where_it_is(client, clip, whole, clock, sandbox):
    link = factories.make_share_link(clip=clip)
    clock.skip(3601)
    page = client.get(reverse("share_page", args=[link.token])).content.decode()
    address = reverse("share_media", args=[link.token])
    part = client.get(address, headers={"Range": "bytes=0-99"})

    assert part.content == whole[:100]
    assert "noindex" in part["X-Robots-Tag"]
    assert f'data-src="{address}"' in page
    assert "refresh" not in page
    assert sandbox.netloc not in page
    assert client.get(f"{address}?download").status_code == 404
    link.revoke(by=None, at=timezone.now())
    assert client.get(address, headers={"Range": "bytes=0-99"}).status_code == 404
