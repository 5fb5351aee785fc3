from __future__ import annotations

import pytest
import time_machine
from django.urls import reverse

from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def clip(team):
    source = factories.make_source(team=team, file=factories.make_file("sources/a.mp4"))
    job = factories.make_job(team=team, source=source)
    return factories.make_clip(team=team, job=job, start=10.0, end=30.0)


def ask(client, clip, **query):
    return client.get(reverse("clip_media", args=[clip.pk]), query)


def test_it_is_a_range_of_the_recording_until_it_is_rendered(editor_client, clip):
    answer = ask(editor_client, clip).json()

    assert answer["kind"] == "source"
    assert (answer["start"], answer["end"]) == (10.0, 30.0)
    assert editor_client.get(answer["url"]).status_code == 200


def test_it_is_its_own_file_once_rendered(editor_client, clip):
    clip.file = factories.make_file("clips/a.mp4")
    clip.save()

    answer = ask(editor_client, clip).json()

    assert answer["kind"] == "clip"
    assert (answer["start"], answer["end"]) == (0.0, 20.0)
    assert ask(editor_client, clip, kind="source").json()["kind"] == "source"


def test_it_plays_the_copy_that_browsers_can_play(editor_client, clip):
    clip.source.proxy = factories.make_file("sources/proxy.mp4")
    clip.source.save()

    assert "/proxy" in ask(editor_client, clip).json()["url"]


def test_a_later_address_lives_longer(editor_client, clip, settings):
    settings.MEDIA_URL_SECONDS = 60
    with time_machine.travel("2026-01-01T12:00Z", tick=False) as clock:
        first = ask(editor_client, clip).json()
        clock.shift(61)
        second = ask(editor_client, clip).json()

        assert 1 <= first["lasts"] <= 60
        assert editor_client.get(first["url"]).status_code == 403
        assert editor_client.get(second["url"]).status_code == 200
        assert "no-store" in ask(editor_client, clip)["Cache-Control"]


def test_it_says_when_there_is_nothing_to_play(editor_client, team):
    clip = factories.make_clip(team=team, start=None, end=None)

    response = ask(editor_client, clip)

    assert response.status_code == 404
    assert "nothing to play" in response.json()["error"]


def test_it_needs_a_login(client, clip):
    assert ask(client, clip).status_code == 302


def test_captions_count_from_the_clip_or_from_the_recording(editor_client, clip):
    clip.words = [[9.0, 9.5, "Before"], [10.5, 11.0, "<Nobody>"], [31.0, 32.0, "After"]]
    clip.save()
    address = reverse("clip_captions", args=[clip.pk])

    own = editor_client.get(address)
    sources = editor_client.get(address, {"times": "source"}).content.decode()

    assert own["Content-Type"].startswith("text/vtt")
    assert "00:00:00.500 --> 00:00:01.300\n&lt;Nobody&gt;" in own.content.decode()
    assert "00:00:10.500 --> 00:00:11.300" in sources
    assert "Before" not in sources
    assert "After" not in sources


def test_the_download_has_a_plain_name(editor_client, clip):
    clip.file = factories.make_file("clips/b.mp4", b"film")
    clip.title = 'x"\r\nSet-Cookie: a=b/../../é'
    clip.save()

    response = editor_client.get(reverse("clip_download", args=[clip.pk]))

    assert response["Content-Disposition"] == f'attachment; filename="clip-{clip.pk}-9x16.mp4"'
    assert b"".join(response.streaming_content) == b"film"


def test_there_is_no_download_before_there_is_a_file(editor_client, clip):
    assert editor_client.get(reverse("clip_download", args=[clip.pk])).status_code == 404
