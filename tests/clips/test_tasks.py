from __future__ import annotations

import io
import os
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.utils import timezone
from django_q.models import OrmQ

from clipboard.clips import tasks
from clipboard.clips.management.commands.work import Watch, after_end
from clipboard.clips.models import (
    MAX_ATTEMPTS,
    Clip,
    Download,
    Errand,
    Heartbeat,
    Job,
    Rendition,
    Source,
    ask_for,
)
from clipboard.lib.supervise import Program, Supervisor
from tests import factories

pytestmark = pytest.mark.django_db


def nudge(cluster, *, age=0.0, taken=False):
    """A task in the queue, sent or taken so many seconds ago."""
    at = timezone.now() - timedelta(seconds=age)
    if taken:
        at += timedelta(seconds=tasks.cluster_settings(cluster)["retry"])
    return OrmQ.objects.create(key=cluster, payload="x", lock=at)


class Clusters:
    """Stands for the supervisor: clusters that have run for a while."""

    def __init__(self):
        self.restarted = []

    def started_at(self, name):
        return 1e-9

    def restart(self, name, why):
        self.restarted.append(name)

    def say(self, text):
        raise AssertionError(text)


@pytest.fixture
def sent(monkeypatch):
    """Nudges put rows into the queue, as they do outside of tests."""
    monkeypatch.setattr("django_q.conf.Conf.SYNC", False)


@pytest.fixture
def watch():
    """That has seen each cluster do a task."""
    watch = Watch(Clusters())
    watch.proven = dict.fromkeys(tasks.CLUSTERS, Clusters().started_at(""))
    return watch


def test_a_cluster_that_ends_while_the_database_is_away_ends_nobody_else(db):
    told = []
    supervisor = Supervisor([Program("media", [])], name="work", out=io.StringIO())
    supervisor.say = told.append
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE django_q_ormq RENAME TO away")

    after_end(supervisor, "media")

    assert [words.partition(":")[0] for words in told] == ["the database does not answer"]


def test_nothing_to_do_is_told(team):
    assert tasks.look_now() is False


def test_a_row_whose_workers_keep_dying_ends_with_a_sentence(team):
    job = factories.make_job(
        team=team, state="queued", next_action_at=timezone.now(), attempts=MAX_ATTEMPTS
    )

    assert tasks.look_now()

    job.refresh_from_db()
    assert job.state == Job.State.FAILED
    assert "stopped 3 times" in job.error


def test_a_file_that_kills_who_fetches_it_ends_with_advice_of_its_own(team):
    clip = factories.make_clip(team=team, status="generating")
    row = Download.objects.create(
        clip=clip, url="https://a.example", attempts=10, next_action_at=timezone.now()
    )
    assert tasks.look_now()

    row.refresh_from_db()
    assert row.state == "failed"
    assert "stopped 10 times" in row.error
    assert "convert" not in row.error


def test_what_one_sweep_stumbles_over_leaves_no_other_undone(team, settings, tmp_path, caplog):
    settings.MEDIA_ROOT = tmp_path
    odd = tmp_path / "uploads" / "odd.part"
    (odd / "in it").mkdir(parents=True)
    os.utime(odd, (0, 0))
    ask_for(factories.make_account(team=team), Errand.Kind.DELETE_JOB, "g-1")
    long_ago = timezone.now() - timedelta(days=31)
    Errand.objects.update(state="done", finished_at=long_ago, next_action_at=None)

    cache.delete("tidied")
    tasks.tidy_now()

    assert not Errand.objects.exists()
    assert "What is left of uploads could not be swept away" in caplog.text


def test_a_clip_that_cannot_be_cut_fails_alone(team):
    job = factories.make_job(team=team, state="running", stage="rendering")
    clip = factories.make_clip(team=team, job=job, start=None, end=None, status="detected")
    rendition = Rendition.objects.order(
        clip, aspect="9:16", height=960, captions=False, is_preview=True
    )

    assert tasks.look_now()

    rendition.refresh_from_db()
    clip.refresh_from_db()
    assert rendition.state == Rendition.State.FAILED
    assert clip.status == Clip.Status.FAILED
    assert "no place in a recording" in clip.error


def test_what_goes_wrong_on_our_side_is_tried_again_then_told(team):
    source = factories.make_source(team=team, file="sources/gone.mp4")
    job = factories.make_job(
        team=team, source=source, state="queued", next_action_at=timezone.now()
    )
    job.options = {"count": "many"}
    job.save()

    for _ in range(MAX_ATTEMPTS):
        assert tasks.look_now()
        Job.objects.update(next_action_at=timezone.now())

    job.refresh_from_db()
    assert job.state == Job.State.FAILED
    assert job.error


def test_one_nudge_is_enough(sent):
    tasks.top_up(tasks.MEDIA)
    tasks.top_up(tasks.MEDIA)

    assert OrmQ.objects.filter(key=tasks.MEDIA).count() == 1


@pytest.mark.django_db(transaction=True)  # a tick closes connections that are in a transaction
def test_what_is_due_is_swept_up(watch, sent, team):
    watch.next = {f"probe {name}": 1e12 for name in tasks.CLUSTERS}
    watch.tick()
    assert not OrmQ.objects.exists()

    factories.make_source(team=team, state=Source.State.PREPARING, next_action_at=timezone.now())
    watch.tick()

    assert OrmQ.objects.get().key == tasks.MEDIA


@pytest.mark.parametrize("taken", [True, False])
def test_a_cluster_that_takes_tasks_and_does_nothing_is_restarted(watch, sent, settings, taken):
    old = settings.QUEUE_PATIENCE_SECONDS + 1
    nudge(tasks.MEDIA, age=old, taken=taken)
    watch.look_at(tasks.MEDIA)
    assert watch.supervisor.restarted == []

    OrmQ.objects.all().delete()
    nudge(tasks.MEDIA, age=old, taken=taken)
    watch.look_at(tasks.MEDIA)

    assert watch.supervisor.restarted == [tasks.MEDIA]


def test_one_lost_task_restarts_nothing(watch, sent, settings):
    nudge(tasks.MEDIA, age=settings.QUEUE_PATIENCE_SECONDS + 1, taken=True)
    watch.look_at(tasks.MEDIA)

    OrmQ.objects.all().delete()  # the fresh one was done
    watch.look_at(tasks.MEDIA)
    nudge(tasks.MEDIA, age=settings.QUEUE_PATIENCE_SECONDS + 1, taken=True)
    watch.look_at(tasks.MEDIA)

    assert watch.supervisor.restarted == []


def test_long_work_is_not_taken_for_a_standstill(watch, sent, team):
    factories.make_job(team=team, state="queued", next_action_at=timezone.now())
    tasks.queue.take()
    nudge(tasks.MEDIA, age=3000, taken=True)

    watch.look_at(tasks.MEDIA)
    watch.look_at(tasks.MEDIA)

    assert watch.supervisor.restarted == []
    assert Heartbeat.objects.filter(name=tasks.MEDIA).exists()


def test_no_beat_comes_from_a_cluster_that_does_nothing(watch, sent):
    nudge(tasks.MEDIA, age=1, taken=True)

    watch.look_at(tasks.MEDIA)

    assert not Heartbeat.objects.exists()


def test_a_slow_start_is_not_taken_for_a_standstill(watch, sent, settings):
    watch.proven = {}
    for _ in range(3):
        nudge(tasks.MEDIA, age=settings.QUEUE_PATIENCE_SECONDS + 1)
        watch.look_at(tasks.MEDIA)

    assert watch.supervisor.restarted == []


def test_whoever_took_a_task_has_started(watch, sent, settings):
    watch.proven = {}
    for _ in range(2):
        OrmQ.objects.all().delete()
        nudge(tasks.MEDIA, age=settings.QUEUE_PATIENCE_SECONDS + 1, taken=True)
        watch.look_at(tasks.MEDIA)

    assert watch.supervisor.restarted == [tasks.MEDIA]
