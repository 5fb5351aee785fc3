from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests import factories

pytestmark = pytest.mark.django_db

ROUTES = ["share_page", "share_media", "share_poster", "share_captions"]


@pytest.fixture
def clip(team):
    return factories.make_clip(
        team=team,
        title="The turn",
        reason="Our secret reason",
        file=factories.make_file("clips/a.mp4", b"film" * 100),
        poster=factories.make_file("clips/a.webp", b"picture"),
        words=[[10.0, 11.0, "Nobody"]],
    )


@pytest.fixture
def link(clip):
    return factories.make_share_link(clip=clip)


def address(link, name="share_page"):
    return reverse(name, args=[link.token])


@pytest.mark.parametrize("name", ROUTES)
def test_it_opens_without_an_account(client, link, name):
    response = client.get(address(link, name))

    assert response.status_code == 200
    assert response["Referrer-Policy"] == "no-referrer"
    assert "noindex" in response["X-Robots-Tag"]
    assert "no-store" in response["Cache-Control"]


def test_it_seeks(client, link):
    response = client.get(address(link, "share_media"), headers={"Range": "bytes=4-7"})

    assert response.status_code == 206
    assert response["Content-Range"] == "bytes 4-7/400"


def test_it_shows_nothing_of_the_team_beyond_the_clip(client, link):
    page = client.get(address(link)).content.decode()

    assert "The turn" in page
    assert "Our secret reason" not in page
    assert link.clip.source.title not in page
    assert link.team.name not in page
    assert "/media/clips" not in page
    assert "sessionid" not in client.cookies
    assert "csrftoken" not in client.cookies


def test_it_is_the_same_for_a_member(editor_client, client, link):
    assert editor_client.get(address(link)).content == Client().get(address(link)).content


@pytest.mark.parametrize("name", ROUTES)
def test_unknown_expired_and_revoked_look_the_same(client, clip, link, name):
    revoked = factories.make_share_link(clip=clip, revoked_at=timezone.now())
    expired = factories.make_share_link(clip=clip, expires_at=timezone.now() - timedelta(seconds=1))
    live = client.get(address(link, name)).status_code
    tokens = [
        revoked.token,
        expired.token,
        "unknown",
        link.token[:-1],
        link.token + "x",
        link.token.swapcase(),
        "x" * 5000,
        "%00",
        "é",
    ]

    answers = [client.get(reverse(name, args=[token])) for token in tokens]

    assert live == 200
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1
    assert len({str(sorted(answer.headers.items())) for answer in answers}) == 1


@pytest.mark.parametrize("name", ["share_media", "share_poster"])
def test_what_is_not_where_it_was_looks_the_same_too(client, clip, link, name):
    for lost in (clip.file, clip.poster):
        lost.storage.delete(lost.name)
    unknown, found = (client.get(reverse(name, args=[token])) for token in ("no", link.token))

    assert unknown.status_code == found.status_code == 404
    assert unknown.content == found.content
    assert sorted(unknown.headers.items()) == sorted(found.headers.items())


@pytest.mark.parametrize("name", ROUTES)
def test_it_ends_to_the_second(client, clip, name):
    with time_machine.travel("2026-01-01T12:00Z", tick=False) as clock:
        link = factories.make_share_link(
            clip=clip, expires_at=timezone.now() + timedelta(seconds=10)
        )
        clock.shift(9)
        before = client.get(address(link, name)).status_code
        clock.shift(1)
        at = client.get(address(link, name)).status_code

    assert (before, at) == (200, 404)


def test_a_revoked_link_stops_in_the_middle_of_a_film(client, link, editor):
    assert (
        client.get(address(link, "share_media"), headers={"Range": "bytes=0-"}).status_code == 206
    )

    link.revoke(by=editor, at=timezone.now())

    assert (
        client.get(address(link, "share_media"), headers={"Range": "bytes=9-"}).status_code == 404
    )


def test_it_counts_visits_not_requests(client, link):
    for _ in range(3):
        client.get(address(link))
        client.get(address(link, "share_media"), headers={"Range": "bytes=0-9"})
    client.head(address(link))
    Client(headers={"Sec-Purpose": "prefetch"}).get(address(link))
    Client(headers={"Sec-Fetch-Dest": "empty"}).get(address(link))
    Client().get(address(link))
    link.refresh_from_db()

    assert link.view_count == 2
    assert link.last_viewed_at


def test_a_guest_never_gets_the_recording(client, team):
    source = factories.make_source(team=team, file=factories.make_file("sources/a.mp4"))
    job = factories.make_job(team=team, source=source)
    link = factories.make_share_link(
        clip=factories.make_clip(team=team, job=job, status="detected")
    )

    page = client.get(address(link)).content.decode()

    assert "is being made" in page
    assert 'http-equiv="refresh"' in page
    assert "sources/" not in page
    assert client.get(address(link, "share_media")).status_code == 404


def test_it_says_when_the_clip_failed(client, team):
    link = factories.make_share_link(
        clip=factories.make_clip(team=team, status="failed", error="Inner details")
    )

    page = client.get(address(link)).content.decode()

    assert "could not be made" in page
    assert "Inner details" not in page


def test_downloading_is_a_switch(client, clip):
    closed = factories.make_share_link(clip=clip)
    open_ = factories.make_share_link(clip=clip, can_download=True)

    assert client.get(address(closed, "share_media") + "?download").status_code == 404
    response = client.get(address(open_, "share_media") + "?download")
    assert response["Content-Disposition"] == f'attachment; filename="clip-{clip.pk}.mp4"'


def test_chat_previews_get_a_title_and_a_picture(client, link):
    page = client.get(address(link)).content.decode()

    assert '<meta property="og:title" content="The turn">' in page
    assert f'content="http://testserver{address(link, "share_poster")}"' in page


def test_a_title_cannot_become_a_tag(client, clip):
    clip.title = '0;url=https://x" http-equiv="refresh'
    clip.save()

    page = client.get(address(factories.make_share_link(clip=clip))).content.decode()

    assert 'http-equiv="refresh' not in page


def test_it_only_reads(client, link):
    assert client.post(address(link)).status_code == 405
