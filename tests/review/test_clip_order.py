"""Every clip is found, once and in its place, whatever is asked for."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.utils import timezone

from clipboard.clips.models import Clip
from clipboard.review.models import Favourite
from clipboard.review.pages import PAGE
from clipboard.teams.models import Team
from tests import factories
from tests.review.cards import HTMX, next_page, shown, walk
from tests.standing import standing_rows


def by(clips, key, *, reverse=False):
    """Clip ids by a key; without one last; equal ones by id in the same direction."""
    known = [clip for clip in clips if key(clip) is not None]
    unknown = sorted((c for c in clips if key(c) is None), key=lambda c: c.pk, reverse=reverse)
    known.sort(key=lambda clip: (key(clip), clip.pk), reverse=reverse)
    return [clip.pk for clip in known + unknown]


@pytest.fixture(scope="module")
def north(django_db_setup, django_db_blocker):
    """A team, and sixty clips of three sources with equal and missing scores, lengths, places."""
    with standing_rows(django_db_blocker, make_north) as made:
        yield made


@pytest.fixture
def team(north, db):
    return Team.objects.get(pk=north.team)


@pytest.fixture
def many(north, db):
    return list(Clip.objects.filter(pk__in=north.clips).order_by("pk"))


def make_north():
    team, made = factories.make_team(), []
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
    return SimpleNamespace(team=team.pk, clips=[clip.pk for clip in made])


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
