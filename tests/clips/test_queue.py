from __future__ import annotations

import subprocess
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from clipboard.clips import queue
from clipboard.clips.models import MAX_ATTEMPTS, Clip, Errand, Job, Lease, Rendition, Source
from tests import factories

pytestmark = pytest.mark.django_db


def due_job(team, **fields):
    fields.setdefault("next_action_at", timezone.now() - timedelta(seconds=1))
    return factories.make_job(team=team, state=Job.State.QUEUED, **fields)


def due_source(team):
    now = timezone.now()
    return factories.make_source(team=team, state=Source.State.PREPARING, next_action_at=now)


def preview(team, *, score):
    clip = factories.make_clip(team=team, score=score, status=Clip.Status.DETECTED)
    return Rendition.objects.order(clip, aspect="9:16", height=960, captions=False, is_preview=True)


def take_all():
    rows = []
    while lease := queue.take():
        rows.append(lease.row)
        lease.finish()
    return rows


def test_it_takes_recordings_first_then_jobs_then_the_best_clips(team):
    unscored, weak, strong = (preview(team, score=score) for score in (None, 40, 90))
    asked_for = Rendition.objects.order(weak.clip, aspect="1:1", height=720, captions=True)
    job, source = due_job(team), due_source(team)

    assert take_all() == [source, job, asked_for, strong, weak, unscored]


def test_only_one_gets_a_row(team):
    due_job(team)

    assert queue.take() is not None
    assert queue.take() is None


@pytest.mark.skipif(connection.vendor != "sqlite", reason="the plan is read as SQLite tells it")
@pytest.mark.parametrize("kind", [*queue.KINDS, Errand])
def test_looking_who_works_reads_no_whole_table(kind):
    held = kind.objects.under_lease(now=timezone.now()).filter(lease_owner__startswith="here:")
    assert f"USING INDEX {kind._meta.model_name}_due" in held.explain()


def test_it_leaves_what_is_not_due(team):
    due_job(team, next_action_at=timezone.now() + timedelta(seconds=30))
    due_job(team, next_action_at=None)

    assert queue.take() is None
    assert not queue.is_something_due()


def test_a_worker_stays_free_for_uploads_while_an_analysis_runs(team, settings):
    settings.MEDIA_WORKERS = 2
    due_job(team)
    due_job(team)

    assert isinstance(queue.take().row, Job)
    assert queue.take() is None
    assert not queue.is_something_due()

    due_source(team)
    assert queue.is_something_due()
    assert isinstance(queue.take().row, Source)


def test_more_workers_do_more_at_once(team, settings):
    settings.MEDIA_WORKERS = 3
    jobs = [due_job(team) for _ in range(3)]

    assert [bool(queue.take()) for _ in jobs] == [True, True, False]


def test_a_row_whose_worker_died_is_due_again_when_its_lease_ends(team, settings):
    due_job(team)
    with time_machine.travel(timezone.now(), tick=False) as clock:
        queue.take()
        clock.shift(settings.LEASE_SECONDS - 1)
        assert queue.take() is None
        clock.shift(2)

        assert queue.take().row.attempts == 2


def test_rows_of_killed_workers_are_given_back_at_once(team):
    due_job(team)
    queue.take()

    assert queue.let_go_here(counted=True) == 1
    assert queue.take().row.attempts == 2


def test_stopping_on_purpose_costs_no_attempt(team):
    due_job(team)
    for _ in range(2 * MAX_ATTEMPTS):
        assert queue.take().row.attempts == 1
        queue.let_go_here(counted=False)


def test_rows_of_other_machines_are_not_given_back(team):
    job = due_job(team)
    Job.claim(job.pk, owner="elsewhere:7", now=timezone.now())

    assert queue.let_go_here(counted=True) == 0


def test_it_waits_longer_after_each_attempt_and_then_gives_up(team):
    job = due_job(team)
    waits = []
    with time_machine.travel(timezone.now(), tick=False) as clock:
        while lease := queue.take():
            queue.put_off_or_fail(lease.row, "The disk was full.", lease=lease)
            job.refresh_from_db()
            if job.next_action_at:
                waits.append((job.next_action_at - timezone.now()).total_seconds())
                clock.shift(waits[-1])

    assert waits == [5, 15]
    assert (job.state, job.error) == (Job.State.FAILED, "The disk was full.")


def test_whoever_lost_the_row_writes_nothing(team):
    due_job(team)
    lost = queue.take()
    queue.let_go_here(counted=True)
    won = queue.take()
    Job.objects.filter(pk=won.row.pk).update(lease_owner="another:1")

    assert not lost.write(progress=1)
    assert not lost.row.fail("Too late.", lease=lost)
    assert Job.objects.get().state == Job.State.QUEUED


def test_a_recording_that_fails_takes_its_jobs_along(team):
    source = due_source(team)
    job = due_job(team, source=source, next_action_at=None)
    lease = queue.take()

    source.fail("It is cut short.", lease=lease)

    job.refresh_from_db()
    assert (job.state, job.error, job.next_action_at) == ("failed", "It is cut short.", None)


def test_work_stops_when_its_row_is_deleted(team):
    source = due_source(team)
    lease = queue.take()
    assert not lease.should_stop()

    Source.objects.filter(pk=source.pk).delete()
    lease.looked_at -= 2

    assert lease.should_stop()


def test_work_keeps_its_lease_alive(team, settings):
    job = due_job(team)
    lease: Lease = queue.take()
    before = Job.objects.get(pk=job.pk).lease_until
    lease.looked_at -= settings.LEASE_SECONDS
    lease.renewed_at -= settings.LEASE_SECONDS

    assert not lease.should_stop()
    assert Job.objects.get(pk=job.pk).lease_until > before


def test_what_a_dead_worker_of_this_machine_spoke_of_is_given_back(team):
    account = factories.make_account(team=team)
    with subprocess.Popen(["true"]) as ended:
        pass
    until = timezone.now() + timedelta(seconds=300)
    held = {
        name: factories.make_remote_job(account=account, lease_owner=name, lease_until=until).pk
        for name in (
            f"{queue.place()}{ended.pid}:",
            f"{queue.place()}{ended.pid}:0a1b2c3d",
            queue.owner(),
            f"{queue.owner()}0a1b2c3d",
            f"elsewhere:{ended.pid}",
        )
    }

    assert queue.let_go_of_the_dead() == 2
    assert (
        list(Job.objects.filter(lease_owner="").values_list("pk", flat=True))
        == list(held.values())[:2]
    )
    assert queue.let_go_of_the_dead() == 0


def test_a_process_that_stops_gives_back_what_is_its_own_and_nothing_else(team):
    until = timezone.now() + timedelta(seconds=30)
    mine, of_another = (
        factories.make_job(team=team, next_action_at=until, lease_owner=name, lease_until=until)
        for name in (queue.owner(), f"{queue.owner().removesuffix(':')}7:")
    )

    queue.let_go_mine()

    mine.refresh_from_db()
    of_another.refresh_from_db()
    assert (mine.lease_owner, of_another.lease_until) == ("", until)


def test_whether_there_is_room_is_asked_once_however_much_is_due(
    team, settings, django_assert_max_num_queries
):
    settings.MEDIA_WORKERS = 2
    for _ in range(6):
        due_job(team)
    assert queue.take()

    with django_assert_max_num_queries(9):
        assert queue.take() is None
