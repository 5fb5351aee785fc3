"""The triggers keep every count right; a plain recount is the judge."""

from __future__ import annotations

from collections import Counter

from django.core.management import call_command
from django.db import connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from clipboard.clips import counting
from clipboard.clips.models import Clip, Job, Source, Tally
from clipboard.review.models import Favourite
from tests import factories


def recounted():
    counts = Counter()
    for clip in Clip.objects.all():
        bucket = "none" if clip.score is None else str(min(19, int(clip.score // 5)))
        for facet, value in (
            ("status", clip.status),
            ("provider", clip.provider),
            ("aspect", clip.aspect),
            ("score", bucket),
        ):
            counts[clip.team_id, 0, facet, value] += 1
            counts[clip.team_id, clip.source_id, facet, value] += 1
    return dict(counts)


def assert_counts_are_right():
    rows = Tally.objects.values_list("team_id", "source_ref", "facet", "value", "count")
    assert {row[:4]: row[4] for row in rows} == recounted()
    for source in Source.objects.all():
        assert source.clip_count == source.clips.count()
    for clip in Clip.objects.all():
        assert clip.favourite_count == clip.favourites.count()
    for favourite in Favourite.objects.select_related("clip"):
        clip = favourite.clip
        copies = (favourite.team_id, favourite.score, favourite.status)
        assert copies == (clip.team_id, clip.score, clip.status)


def found(word):
    if connection.vendor == "sqlite":
        sql = "SELECT rowid FROM clips_clip_fts WHERE clips_clip_fts MATCH %s"
    else:
        sql = "SELECT id FROM clips_clip WHERE search @@ plainto_tsquery('simple', %s)"
    with connection.cursor() as cursor:
        cursor.execute(sql, [word])
        return {row[0] for row in cursor.fetchall()}


def test_it_counts_new_clips_by_every_facet(team):
    job = factories.make_job(team=team)
    for score in (None, 0.0, 4.9, 5.0, 99.9, 100.0):
        factories.make_clip(team=team, job=job, score=score)

    assert_counts_are_right()
    buckets = Tally.objects.filter(source_ref=0, facet="score").values_list("value", "count")
    assert dict(buckets) == {"none": 1, "0": 2, "1": 1, "19": 2}


def test_it_follows_a_clip_that_changes(team):
    clip = factories.make_clip(team=team, score=10.0)
    other = factories.make_source(team=team)

    Clip.objects.filter(pk=clip.pk).update(score=None, status="failed")
    assert_counts_are_right()
    Clip.objects.filter(pk=clip.pk).update(source=other, provider="reka", aspect="1:1")
    assert_counts_are_right()
    Clip.objects.filter(pk=clip.pk).update(team=factories.make_team(name="South"))
    assert_counts_are_right()


def test_it_counts_rows_made_and_changed_in_bulk(team):
    job = factories.make_job(team=team)
    rows = [
        Clip(team=team, job=job, source=job.source, remote_id=str(n), score=n) for n in range(60)
    ]
    Clip.objects.bulk_create(rows)
    assert_counts_are_right()

    Clip.objects.bulk_create(rows[:3], ignore_conflicts=True)
    assert_counts_are_right()
    Clip.objects.filter(score__gt=30).update(status="completed")
    assert_counts_are_right()
    Clip.objects.filter(score__lt=10).delete()
    assert_counts_are_right()


def test_it_counts_what_a_cascade_takes_away(team, editor):
    keep, drop = factories.make_clip(team=team), factories.make_clip(team=team)
    for clip in (keep, drop):
        Favourite.objects.create(user=editor, clip=clip)

    drop.source.delete()
    assert_counts_are_right()
    assert Tally.objects.filter(source_ref=drop.source_id).count() == 0
    editor.delete()
    assert_counts_are_right()
    team.delete()
    assert Tally.objects.count() == 0


def test_it_forgets_what_a_rolled_back_transaction_counted(team):
    job = factories.make_job(team=team)
    with transaction.atomic():
        factories.make_clip(team=team, job=job)
        transaction.set_rollback(True)

    assert recounted() == {}
    assert_counts_are_right()


def test_it_keeps_its_counts_when_an_older_copy_is_saved_whole(team, editor):
    job = factories.make_job(team=team)
    stale_source = Source.objects.get(pk=job.source_id)
    clip = factories.make_clip(team=team, job=job)
    stale_clip = Clip.objects.get(pk=clip.pk)
    Favourite.objects.create(user=editor, clip=clip)

    stale_clip.save()
    stale_source.save()

    assert_counts_are_right()
    assert Clip.objects.get(pk=clip.pk).favourite_count == 1
    assert Source.objects.get(pk=job.source_id).clip_count == 1


def test_it_copies_the_clip_beside_the_favourite_and_follows_it(team, editor):
    clip = factories.make_clip(team=team, score=50.0, status="detected")
    Favourite.objects.create(user=editor, clip=clip)
    Favourite.objects.create(user=factories.make_member(team=team), clip=clip)
    assert_counts_are_right()

    Clip.objects.filter(pk=clip.pk).update(score=None, status="completed")
    assert_counts_are_right()
    Favourite.objects.filter(user=editor).delete()
    assert_counts_are_right()
    Favourite.objects.update(clip=factories.make_clip(team=team, score=7.0))
    assert_counts_are_right()


def test_it_finds_the_words_of_a_clip_until_they_change(team):
    clip = factories.make_clip(
        team=team, title="A bridge", reason="loud", transcript="Überraschung"
    )
    assert found("bridge") == found("loud") == {clip.pk}
    if connection.vendor == "sqlite":
        assert found("uberraschung") == {clip.pk}

    Clip.objects.filter(pk=clip.pk).update(title="A river", score=3)
    assert (found("bridge"), found("river")) == (set(), {clip.pk})
    clip.refresh_from_db()
    clip.save()
    assert found("river") == {clip.pk}
    clip.delete()
    assert found("river") == set()


def test_it_mends_everything_after_a_migration_took_the_triggers(team, editor):
    clip = factories.make_clip(team=team, title="A bridge")
    Favourite.objects.create(user=editor, clip=clip)
    counting.TRIGGERS.drop()
    second = factories.make_clip(team=team, job=Job.objects.get(), title="A tunnel")
    assert Tally.objects.get(source_ref=0, facet="status").count == 1

    call_command("migrate", verbosity=0)

    assert_counts_are_right()
    assert found("tunnel") == {second.pk}
    second.delete()
    assert_counts_are_right()


class AnyHistory(TestCase):
    actions = st.lists(
        st.tuples(
            st.sampled_from(["add", "score", "status", "drop", "love", "unlove"]),
            st.integers(0, 5),
            st.one_of(st.none(), st.floats(0, 100)),
        ),
        max_size=25,
    )

    @settings(max_examples=25, deadline=None)
    @given(actions)
    def test_it_is_right_after_any_history(self, actions):
        team = factories.make_team()
        user = factories.make_member(team=team)
        job = factories.make_job(team=team)
        for action, number, score in actions:
            clips = Clip.objects.filter(remote_id=str(number))
            if action == "add" and not clips:
                factories.make_clip(team=team, job=job, remote_id=str(number), score=score)
            elif action == "score":
                clips.update(score=score)
            elif action == "status":
                clips.update(status="failed" if score is None else "completed")
            elif action == "drop":
                clips.delete()
            elif action == "love" and clips:
                Favourite.objects.get_or_create(user=user, clip=clips[0])
            elif action == "unlove":
                Favourite.objects.filter(clip__in=clips).delete()
        assert_counts_are_right()
