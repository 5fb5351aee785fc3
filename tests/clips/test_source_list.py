from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from clipboard.clips.models import Job, Source
from clipboard.media.models import Upload
from clipboard.teams.models import Membership
from tests import factories

pytestmark = pytest.mark.django_db
STATES = ["fetching", "preparing", "ready", "failed", "duplicate"]


def page(client, **query):
    response = client.get(reverse("source_list"), query)
    assert response.status_code == 200
    return response.content.decode()


def test_it_offers_the_sample_when_empty(editor_client):
    html = page(editor_client)

    assert "No recordings yet" in html
    assert f'action="{reverse("sample_add")}"' in html


def test_it_shows_every_state(editor_client, team):
    for state in STATES:
        factories.make_source(team=team, title=f"A {state} one", state=state, error="Why so.")
    html = page(editor_client)

    for state in STATES:
        assert f"A {state} one" in html
    assert "Why so." in html


def test_of_many_stopped_uploads_the_newest_are_listed_and_the_rest_counted(
    editor_client, editor, team
):
    start = timezone.now() - timedelta(hours=1)
    for number in range(23):
        made = start + timedelta(minutes=number)
        Upload.objects.create(
            team=team, user=editor, file_name=f"{number:02}.mp4", size=9, created_at=made
        )
    html = page(editor_client)

    listed = re.findall(r'data-name="(\d\d)\.mp4"', html)
    assert listed == [f"{number:02}" for number in range(3, 23)]
    assert "3 older uploads stopped too" in html
    Upload.objects.filter(file_name="22.mp4").delete()
    assert "2 older uploads" in page(editor_client)


def test_it_shows_only_the_teams_own(editor_client):
    factories.make_source(team=factories.make_team(), title="Theirs")

    assert "Theirs" not in page(editor_client)


def test_it_asks_again_only_while_something_is_busy(editor_client, team):
    source = factories.make_source(team=team, state=Source.State.PREPARING)
    assert 'hx-trigger="every 2s"' in page(editor_client)

    Source.objects.filter(pk=source.pk).update(state=Source.State.READY)
    assert 'hx-trigger="every 2s"' not in page(editor_client)

    factories.make_job(team=team, source=source, state=Job.State.RUNNING, stage="speech")
    html = page(editor_client)
    assert 'hx-trigger="every 2s"' in html
    assert "Transcribing" in html


def test_it_links_to_the_clips_of_a_source(editor_client, team):
    clip = factories.make_clip(team=team)
    factories.make_clip(team=team, job=clip.job)
    html = page(editor_client)
    assert f'href="{reverse("clip_list")}?source={clip.source_id}"' in html
    assert "2 clips" in html


def test_it_escapes_titles(editor_client, team):
    factories.make_source(team=team, title="<img src=x onerror=alert(1)>")

    assert "<img src=x" not in page(editor_client)


def test_it_pages_without_losing_or_doubling(editor_client, team, monkeypatch):
    monkeypatch.setattr("clipboard.clips.views.source.PAGE", 2)
    made = [factories.make_source(team=team, title=f"No {n}") for n in range(5)]
    Source.objects.update(created_at=made[0].created_at)  # all at once: the id decides

    first = page(editor_client)
    second = page(editor_client, before=made[3].pk)
    third = page(editor_client, before=made[1].pk)
    assert f"?before={made[3].pk}" in first
    assert [n for n in range(5) if f"No {n}" in first] == [3, 4]
    assert [n for n in range(5) if f"No {n}" in second] == [1, 2]
    assert [n for n in range(5) if f"No {n}" in third] == [0]
    assert "Older recordings" not in third


@pytest.mark.parametrize("before", ["0", "-1", "many", "9" * 40, "²"])
def test_it_ignores_an_absurd_page(editor_client, team, before):
    factories.make_source(team=team, title="Still here")

    assert "Still here" in page(editor_client, before=before)


def test_it_needs_few_queries_however_many(editor_client, team, django_assert_max_num_queries):
    for _ in range(20):
        factories.make_job(team=team, state=Job.State.RUNNING)
    with django_assert_max_num_queries(8):
        page(editor_client)


def test_it_lists_what_stopped_on_the_way(editor_client, editor, team):
    Upload.objects.create(team=team, user=editor, file_name="Half.mp4", size=200, offset=84)
    Upload.objects.create(
        team=team, user=factories.make_member(team=team), file_name="Not mine.mp4", size=200
    )
    html = page(editor_client)

    assert "Half.mp4" in html
    assert "42%" in html
    assert "Not mine.mp4" not in html


def test_viewers_may_look_but_not_add(team):
    client = Client()
    viewer = factories.make_member(team=team, role=Membership.Role.VIEWER)
    factories.sign_in(client, viewer)

    assert reverse("source_add") not in page(client)
    assert client.post(reverse("sample_add")).status_code == 403
    assert not Source.objects.exists()
    factories.make_source(team=team)
    assert "No clips made yet." in page(client)
    assert "#job-form" not in page(client)


# --- The polled fragment --------------------------------------------------------------------------


def fragment(client, *sources):
    ids = [source.pk for source in sources]
    return client.get(reverse("source_progress"), {"id": ids}).content.decode()


def test_one_answer_serves_every_busy_card(editor_client, team):
    first = factories.make_source(team=team, state="fetching", stage="fetching", progress=0.42)
    second = factories.make_source(team=team, state="preparing", stage="proxy", progress=0.9)
    html = fragment(editor_client, first, second)

    assert "Fetching it · 42%" in html
    assert "copy that browsers play · 90%" in html
    assert html.count('hx-swap-oob="true"') == 2
    assert 'hx-trigger="every 2s"' in html
    assert "<article" not in html


def test_a_card_that_rests_comes_whole_and_ends_the_asking(editor_client, team):
    html = fragment(editor_client, factories.make_source(team=team, title="Done"))

    assert '<article id="source-' in html
    assert html.count('hx-swap-oob="true"') == 1
    assert "every 2s" not in html


def test_it_tells_nothing_of_other_teams(editor_client):
    other = factories.make_source(team=factories.make_team(), title="Theirs", state="fetching")

    assert "Theirs" not in fragment(editor_client, other)


def test_it_survives_absurd_ids(editor_client):
    response = editor_client.get(reverse("source_progress"), {"id": ["x", "9" * 30, "-1", ""]})

    assert response.status_code == 200
