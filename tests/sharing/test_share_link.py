from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from clipboard.sharing.models import ShareLink, new_token
from clipboard.teams.models import Membership
from tests import factories

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def clip(team):
    return factories.make_clip(team=team, title="The turn")


@pytest.fixture
def viewer_client(client, team):
    viewer = factories.make_member(team=team, role=Membership.Role.VIEWER)
    factories.sign_in(client, viewer)
    return client


def create(client, clip, headers=HTMX, **values):
    address = reverse("share_link_create", args=[clip.pk])
    return client.post(address, {"lasts": "14"} | values, headers=headers)


def test_it_makes_a_link_that_runs_out(editor_client, editor, clip):
    response = create(editor_client, clip, can_download="on")
    link = ShareLink.objects.get()

    assert response.status_code == 200
    assert link.token in response.content.decode()
    assert link.created_by == editor
    assert link.can_download
    assert timedelta(days=13) < link.expires_at - timezone.now() <= timedelta(days=14)


def test_sharing_a_detected_clip_has_it_rendered(editor_client, team):
    source = factories.make_source(team=team, file=factories.make_file("sources/a.mp4"))
    job = factories.make_job(team=team, source=source)
    clip = factories.make_clip(team=team, job=job, status="detected")

    create(editor_client, clip)

    assert clip.renditions.get(is_preview=True).next_action_at


def test_it_works_without_scripts(editor_client, clip):
    response = create(editor_client, clip, headers={})

    assert response.url == reverse("clip_detail", args=[clip.pk])
    assert ShareLink.objects.get().token in editor_client.get(response.url).content.decode()


def test_a_date_means_the_end_of_that_day(editor_client, client, clip):
    with time_machine.travel("2026-01-01T12:00Z", tick=False) as clock:
        create(editor_client, clip, lasts="date", until="2026-01-03")
        address = reverse("share_page", args=[ShareLink.objects.get().token])
        clock.move_to("2026-01-03T23:59:59Z")
        last_second = client.get(address).status_code
        clock.move_to("2026-01-04T00:00:00Z")

        assert last_second == 200
        assert client.get(address).status_code == 404


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"lasts": "date", "until": "2001-01-01"}, "That day is over"),
        ({"lasts": "date"}, "Choose the last day"),
        ({"lasts": "date", "until": "soon"}, "valid date"),
        ({"lasts": "date", "until": "9999-12-31"}, "too far ahead"),
        ({"lasts": "36500"}, "Choose how long"),
        ({"lasts": ""}, "required"),
    ],
)
def test_it_says_what_is_wrong(editor_client, clip, values, words):
    response = create(editor_client, clip, **values)

    assert response.status_code == 422
    assert words in response.content.decode()
    assert response.content.decode().count('aria-invalid="true"') == 1, "where the focus goes"
    assert not ShareLink.objects.exists()


def test_it_says_what_is_wrong_without_scripts(editor_client, clip):
    response = create(editor_client, clip, headers={}, lasts="date", until="2001-01-01")
    page = response.content.decode()

    assert response.status_code == 422
    assert "<html" in page
    assert "That day is over" in page
    assert 'value="2001-01-01"' in page
    assert not ShareLink.objects.exists()


def test_tokens_cannot_be_guessed():
    tokens = {new_token() for _ in range(1000)}

    assert len(tokens) == 1000
    assert min(map(len, tokens)) * 6 >= 128


def test_revoking_takes_effect_and_says_so(editor_client, editor, clip):
    link = factories.make_share_link(clip=clip)

    response = editor_client.post(reverse("share_link_revoke", args=[link.pk]), headers=HTMX)
    link.refresh_from_db()

    assert link.revoked_by == editor
    assert b"Revoked" in response.content
    assert "clipboard:toast" in response["HX-Trigger"]
    assert editor_client.get(reverse("share_page", args=[link.token])).status_code == 404


def test_revoking_twice_keeps_who_and_when(editor_client, clip):
    link = factories.make_share_link(clip=clip, revoked_at=timezone.now() - timedelta(days=1))

    editor_client.post(reverse("share_link_revoke", args=[link.pk]))

    before = link.revoked_at
    link.refresh_from_db()
    assert link.revoked_at == before
    assert link.revoked_by is None


def test_a_viewer_may_not_share_or_revoke(viewer_client, clip):
    link = factories.make_share_link(clip=clip)

    assert create(viewer_client, clip).status_code == 403
    assert viewer_client.post(reverse("share_link_revoke", args=[link.pk])).status_code == 403
    assert ShareLink.objects.get().revoked_at is None


def test_another_teams_is_not_there(editor_client):
    clip = factories.make_clip(team=factories.make_team(name="South"))
    link = factories.make_share_link(clip=clip)

    assert create(editor_client, clip).status_code == 404
    assert editor_client.post(reverse("share_link_revoke", args=[link.pk])).status_code == 404
    assert ShareLink.objects.get().revoked_at is None


@pytest.mark.parametrize("name", ["share_link_create", "share_link_revoke"])
def test_looking_changes_nothing(editor_client, name):
    assert editor_client.get(reverse(name, args=[1])).status_code == 405


def test_every_link_is_on_the_list(editor_client, team, clip):
    past = timezone.now() - timedelta(days=1)
    links = {
        "live": factories.make_share_link(clip=clip, view_count=7),
        "expired": factories.make_share_link(clip=clip, expires_at=past),
        "revoked": factories.make_share_link(clip=clip, revoked_at=past),
    }
    elsewhere = factories.make_clip(team=factories.make_team(name="South"))
    theirs = factories.make_share_link(clip=elsewhere)

    def listed(**query):
        page = editor_client.get(reverse("share_link_list"), query).content.decode()
        everything = [*links.values(), theirs]
        return {link.pk for link in everything if f'id="share-link-{link.pk}"' in page}

    assert listed() == {link.pk for link in links.values()}
    assert listed(state="nonsense") == listed()
    for state, link in links.items():
        assert listed(state=state) == {link.pk}
        assert link.state == state


def test_a_long_list_goes_on(editor_client, clip):
    for _ in range(60):
        factories.make_share_link(clip=clip)

    first = editor_client.get(reverse("share_link_list")).content.decode()
    cursor = first.partition("before=")[2].partition('"')[0]
    second = editor_client.get(reverse("share_link_list"), {"before": cursor}).content.decode()

    assert first.count('class="share-link"') == 50
    assert second.count('class="share-link"') == 10


def test_the_list_reads_no_more_than_it_shows(editor_client, team, django_assert_num_queries):
    words = [[0, 1, "word"]] * 9
    source = factories.make_source(team=team, transcript=words)
    job = factories.make_job(team=team, source=source)

    def listed():
        with django_assert_num_queries(4) as asked:
            editor_client.get(reverse("share_link_list"))
        sent = [one["sql"] for one in asked.captured_queries]
        return next(sql for sql in sent if "sharing_sharelink" in sql)

    for _ in range(3):
        clip = factories.make_clip(team=team, job=job, title="", words=words)
        factories.make_share_link(clip=clip)
        statement = listed()

    assert not any(long in statement for long in ("transcript", "waveform", '"words"', "password"))


def test_an_empty_list_says_what_to_do(editor_client):
    assert b"make a link" in editor_client.get(reverse("share_link_list")).content
