from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from clipboard.clips.models import Clip
from clipboard.review.models import Favourite
from clipboard.review.pages import PAGE
from tests import factories

CARD = re.compile(r'<article class="clip-card[^"]*" id="clip-(\d+)"')
MORE = re.compile(r'<a class="clip-more" href="([^"]+)"')
HTMX = {"HX-Request": "true"}


def shown(response):
    return [int(pk) for pk in CARD.findall(response.content.decode())]


def next_page(response):
    found = MORE.search(response.content.decode())
    return found and found[1].replace("&amp;", "&")


def walk(client, address):
    """Every clip in the order in which one scrolls past them."""
    seen = []
    while address:
        response = client.get(address, headers=HTMX)
        assert response.status_code == 200
        seen += shown(response)
        address = next_page(response)
        assert len(seen) < 1000
    return seen


def by(clips, key, *, reverse=False):
    """Clip ids by a key; without one last; equal ones by id in the same direction."""
    known = [clip for clip in clips if key(clip) is not None]
    unknown = sorted((c for c in clips if key(c) is None), key=lambda c: c.pk, reverse=reverse)
    known.sort(key=lambda clip: (key(clip), clip.pk), reverse=reverse)
    return [clip.pk for clip in known + unknown]


@pytest.fixture
def many(team):
    """Sixty clips of three sources with equal and missing scores, lengths and places."""
    made = []
    now = timezone.now()
    for source in range(3):
        job = factories.make_job(team=team, provider=("local", "reka", "local")[source])
        for n in range(20):
            number = source * 20 + n
            made.append(
                factories.make_clip(
                    team=team,
                    job=job,
                    score=None if number % 7 == 0 else float(number // 4),
                    start=None if number % 11 == 0 else float(number % 5),
                    end=40.0,
                    duration=None if number % 9 == 0 else float(number // 3),
                    status=Clip.Status.values[number % 4],
                    aspect=("9:16", "16:9", "1:1")[number % 3],
                    created_at=now - timedelta(minutes=number // 2),
                    title=f"Moment {number}" + " river" * (number % 6 == 0),
                )
            )
    return made


@pytest.mark.parametrize("extra", ["", "&min_duration=1", "&q=moment", "&aspect=16:9"])
def test_it_shows_every_clip_once_in_the_order_asked_for(editor_client, many, extra):
    wanted = [clip for clip in many if keeps(extra, clip)]
    keys = {
        "score": lambda clip: clip.score,
        "duration": lambda clip: clip.duration,
        "created": lambda clip: clip.created_at,
        "source": lambda clip: (clip.source_id, 1e9 if clip.start is None else clip.start),
    }

    for sort, key in keys.items():
        for order in ("asc", "desc"):
            seen = walk(editor_client, f"/clips/?sort={sort}&order={order}{extra}")
            assert seen == by(wanted, key, reverse=order == "desc"), (sort, order)


def keeps(extra, clip):
    if "min_duration" in extra:
        return clip.duration is not None and clip.duration >= 1
    return "aspect" not in extra or clip.aspect == "16:9"


@pytest.mark.parametrize(
    ("query", "keep"),
    [
        ("status=completed", lambda c: c.status == "completed"),
        ("provider=reka", lambda c: c.provider == "reka"),
        ("aspect=1:1", lambda c: c.aspect == "1:1"),
        ("min_score=3&max_score=9", lambda c: c.score is not None and 3 <= c.score <= 9),
        ("max_duration=9", lambda c: c.duration is not None and c.duration <= 9),
        ("q=river", lambda c: "river" in c.title),
        ("favourited=1", lambda c: c.pk % 2 == 0),
        ("favourited=1&status=failed", lambda c: c.pk % 2 == 0 and c.status == "failed"),
        ("favourited=1&q=river&aspect=9:16", lambda c: c.pk % 2 == 0 and "river" in c.title),
        (
            "provider=local&status=failed&min_score=2&q=moment",
            lambda c: c.provider == "local" and c.status == "failed" and c.score and c.score >= 2,
        ),
    ],
)
def test_it_filters_alike_along_every_route(editor_client, editor, many, query, keep, monkeypatch):
    Favourite.objects.bulk_create(
        Favourite(user=editor, clip=clip) for clip in many if clip.pk % 2 == 0
    )
    wanted = sorted(clip.pk for clip in many if keep(clip))

    for sort in ("score", "duration", "created", "source"):
        for few, hits in ((1000, 1000), (0, 1000), (0, 0)):
            monkeypatch.setattr("clipboard.review.routes.FEW", few)
            monkeypatch.setattr("clipboard.review.routes.FEW_HITS", hits)
            seen = walk(editor_client, f"/clips/?{query}&sort={sort}")
            assert sorted(seen) == wanted, (sort, few, hits)
            first = editor_client.get(f"/clips/?{query}&sort={sort}").content.decode()
            assert f"<b>{len(seen)} clip{'s' * (len(seen) != 1)}</b>" in first, (sort, few, hits)


def test_it_keeps_to_one_source(editor_client, many):
    source = many[25].source_id
    of_source = [clip for clip in many if clip.source_id == source]

    assert walk(editor_client, f"/clips/?source={source}") == by(
        of_source, lambda clip: clip.score, reverse=True
    )
    assert sorted(walk(editor_client, f"/clips/?source={source}&sort=duration")) == sorted(
        clip.pk for clip in of_source
    )
    assert walk(editor_client, f"/clips/?source={source}&sort=source") == by(
        of_source, lambda clip: 1e9 if clip.start is None else clip.start
    )


def test_it_shows_unscored_clips_last_and_says_so(editor_client, team):
    job = factories.make_job(team=team)
    unscored = factories.make_clip(team=team, job=job, score=None)
    zero = factories.make_clip(team=team, job=job, score=0.0)
    page = editor_client.get("/clips/")

    assert shown(page) == [zero.pk, unscored.pk]
    assert shown(editor_client.get("/clips/?order=asc")) == [zero.pk, unscored.pk]
    assert shown(editor_client.get("/clips/?min_score=0")) == [zero.pk]
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


def test_it_works_without_javascript(editor_client, many):
    first = editor_client.get("/clips/?sort=created&status=completed&q=moment")
    form = first.content.decode()
    second = editor_client.get("/clips/")
    third = editor_client.get(next_page(second))

    assert 'action="/clips/"' in form
    assert 'value="moment"' in form
    assert "<html" in third.content.decode()
    assert shown(second) + shown(third) == by(many, lambda c: c.score, reverse=True)[: 2 * PAGE]


@pytest.mark.parametrize(
    "query",
    [
        "",
        "?favourited=1&status=completed&min_score=3",
        "?q=river&provider=local&sort=duration",
        "?q=riv&source=1",
        "?after=5.0~3&min_duration=2",
        "?source=999&provider=nobody",
    ],
)
def test_it_never_needs_more_than_six_queries(
    editor_client, many, query, django_assert_max_num_queries
):
    for headers in ({}, HTMX):
        with django_assert_max_num_queries(6):
            assert editor_client.get(f"/clips/{query}", headers=headers).status_code == 200


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
    assert shown(editor_client.get(f"/clips/progress/?id={clip.pk}")) == []


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
