from __future__ import annotations

import re

from django.test import Client

from clipboard.clips.models import Clip
from clipboard.review.models import Favourite
from tests import factories
from tests.review.cards import HTMX, shown


def test_it_shows_unscored_clips_last_and_says_so(editor_client, team):
    job = factories.make_job(team=team)
    unscored = factories.make_clip(team=team, job=job, score=None)
    zero = factories.make_clip(team=team, job=job, score=0.0)
    page = editor_client.get("/clips/")

    assert shown(page) == [zero.pk, unscored.pk]
    assert shown(editor_client.get("/clips/?order=asc")) == [zero.pk, unscored.pk]
    scored = editor_client.get("/clips/?min_score=0")
    assert shown(scored) == [zero.pk]
    assert "<b>1 clip</b>" in scored.content.decode()
    assert "Score from 0" in scored.content.decode()
    assert "those without a score last" in page.content.decode()
    assert "No score" in page.content.decode()


def test_it_answers_htmx_with_the_grid_alone_and_the_address_to_show(editor_client, team):
    factories.make_clip(team=team, score=90.0)
    response = editor_client.get(
        "/clips/?min_score=80&max_score=&q=&status=&order=asc&sort=score", headers=HTMX
    )

    assert "<html" not in response.content.decode()
    assert response.content.decode().lstrip().startswith('<section id="clip-grid"')
    assert response["HX-Push-Url"] == "/clips/?min_score=80&order=asc"
    assert "HX-Request" in response["Vary"]


def test_it_shows_nothing_of_another_team(editor_client, editor):
    other = factories.make_team(name="South")
    clip = factories.make_clip(team=other, title="Canary", transcript="canary")
    Favourite.objects.create(user=editor, clip=clip)

    for query in ("", "?q=canary", "?favourited=1", f"?source={clip.source_id}", "?min_score=1"):
        page = editor_client.get(f"/clips/{query}").content.decode()
        assert "Canary" not in page
        assert shown(editor_client.get(f"/clips/{query}")) == []
    assert (
        "That recording is not here"
        in editor_client.get(f"/clips/?source={clip.source_id}").content.decode()
    )
    assert shown(editor_client.get(f"/clips/progress/?id={clip.pk}&waits={clip.pk}")) == []


def test_its_form_holds_what_the_address_said_to_the_last_digit(editor_client, team):
    factories.make_clip(team=team)
    page = editor_client.get("/clips/?min_score=12.3456789&max_duration=86399.125").content.decode()

    assert 'value="12.3456789"' in page
    assert 'value="86399.125"' in page


def test_it_needs_a_signed_in_member(db):
    assert Client().get("/clips/").status_code == 302


def test_it_offers_a_recording_where_there_is_no_clip(editor_client):
    page = editor_client.get("/clips/").content.decode()

    assert "No clips yet" in page
    assert 'href="/sources/"' in page


def test_it_says_which_filter_to_drop_where_nothing_matches(editor_client, team):
    factories.make_clip(team=team, score=10.0, status="failed")
    page = editor_client.get("/clips/?min_score=90&status=failed").content.decode()

    assert "No clip matches" in page
    assert 'href="/clips/?status=failed"' in page
    assert 'href="/clips/?min_score=90"' in page
    assert "Clear filters" in page


def test_it_counts_up_to_a_thousand(editor_client, editor, team):
    job = factories.make_job(team=team)
    Clip.objects.bulk_create(
        Clip(team=team, source=job.source, job=job, remote_id=str(n), score=50.0, duration=9.0)
        for n in range(1200)
    )

    assert "<b>1,200 clips</b>" in editor_client.get("/clips/").content.decode()
    assert "<b>1,000+ clips</b>" in editor_client.get("/clips/?min_score=1").content.decode()
    page = editor_client.get("/clips/?min_score=1&max_duration=20").content.decode()
    assert "<b>1,200 clips</b>" in page or "<b>1,000+ clips</b>" in page


# --- Clips that come while the grid is open -------------------------------------------------------

NEWS = re.compile(r'<div class="grid__news"[^>]* hx-get="([^"]+)"')


def asks_for_news(page):
    found = NEWS.search(page.content.decode())
    return found and found[1].replace("&amp;", "&")


def test_it_offers_the_clips_that_came_since_and_fit_its_filters(editor_client, team):
    job = factories.make_job(team=team)
    factories.make_clip(team=team, job=job, score=90.0, title="Harbour")
    plain = asks_for_news(editor_client.get("/clips/"))
    strong = asks_for_news(editor_client.get("/clips/?min_score=80"))
    worded = asks_for_news(editor_client.get("/clips/?q=harbour&sort=created"))
    assert [editor_client.get(one).status_code for one in (plain, strong, worded)] == [204] * 3

    factories.make_clip(team=team, job=job, score=10.0, title="Harbour at night")
    factories.make_clip(team=team, job=job, score=85.0)
    factories.make_clip(team=factories.make_team(name="South"), score=99.0, title="Harbour")
    said = [editor_client.get(one).content.decode() for one in (plain, strong, worded)]

    assert ["2 new clips<" in said[0], "1 new clip<" in said[1], "1 new clip<" in said[2]] == [
        True
    ] * 3
    assert 'href="/clips/?min_score=80"' in said[1]
    assert 'href="/clips/?q=harbour&amp;sort=created"' in said[2]
    assert 'hx-trigger="load"' not in said[0]


def test_it_says_so_once_until_still_more_came(editor_client, team):
    job = factories.make_job(team=team)
    factories.make_clip(team=team, job=job)
    address = asks_for_news(editor_client.get("/clips/"))
    factories.make_clip(team=team, job=job)

    assert 'name="known" value="1"' in editor_client.get(address).content.decode()
    assert editor_client.get(f"{address}&known=1").status_code == 204
    factories.make_clip(team=team, job=job)
    assert "2 new clips<" in editor_client.get(f"{address}&known=1").content.decode()


def test_a_grid_without_clips_takes_them_in_by_itself(editor_client, team):
    job = factories.make_job(team=team)
    first = asks_for_news(editor_client.get("/clips/"))
    assert editor_client.get(first).status_code == 204

    factories.make_clip(team=team, job=job, score=10.0)
    assert editor_client.get(first)["HX-Refresh"] == "true"

    none = asks_for_news(editor_client.get("/clips/?min_score=80"))
    factories.make_clip(team=team, job=job, score=85.0)
    assert 'hx-trigger="load"' in editor_client.get(none).content.decode()


def test_only_a_grid_without_clips_asks_although_nothing_happens(editor_client, team):
    first = editor_client.get("/clips/").content.decode()
    factories.make_clip(team=team, score=10.0)
    none = editor_client.get("/clips/?min_score=80").content.decode()
    some = editor_client.get("/clips/").content.decode()

    assert ["every 30s" in page for page in (first, none, some)] == [True, True, False]


def test_the_counts_of_the_filter_bar_come_with_the_news(editor_client, editor, team):
    job = factories.make_job(team=team)
    clip = factories.make_clip(team=team, job=job, status="generating", score=None)
    page = editor_client.get("/clips/")
    asked = f"{asks_for_news(page)}&counts={mark_of(page)}"
    assert editor_client.get(asked).status_code == 204

    Clip.objects.update(status="completed")
    changed = editor_client.get(asked)
    Favourite.objects.create(user=editor, clip=clip)
    theirs = factories.make_job(team=team, source=job.source, provider="reka")
    factories.make_clip(team=team, job=theirs, score=95.0)
    came = editor_client.get(f"{asks_for_news(page)}&counts={mark_of(changed)}")

    assert changed["HX-Reswap"] == "none", "where nothing came, nothing is said"
    assert counts_in(changed) == {"favourited": "0", "completed": "1"}
    assert counts_in(came) == {"favourited": "1", "completed": "2"}
    assert ">Reka (1)</option>" in came.content.decode()
    assert "1 without a score" in came.content.decode()
    assert "1 new clip<" in came.content.decode()
    assert editor_client.get(f"{asked}&known=1&counts={mark_of(came)}").status_code == 204


def mark_of(page):
    return re.search(r'name="counts" value="(\w+)"', page.content.decode())[1]


def counts_in(page):
    found = re.findall(r'<span id="count-(\w+)"[^>]*>([^<]+)<', page.content.decode())
    return dict(found)


def test_taking_them_in_adds_no_step_to_the_way_back(editor_client, team):
    factories.make_clip(team=team)
    ordinary = editor_client.get("/clips/", headers=HTMX)
    taken_in = editor_client.get("/clips/", headers=HTMX | {"HX-Trigger": "clip-news-in"})

    assert ordinary["HX-Push-Url"] == "/clips/"
    assert "HX-Push-Url" not in taken_in
    assert shown(taken_in) == shown(ordinary)


def test_a_page_from_the_middle_asks_for_no_news(editor_client, team):
    clip = factories.make_clip(team=team, score=50.0)

    assert asks_for_news(editor_client.get(f"/clips/?after=60~{clip.pk}")) is None
