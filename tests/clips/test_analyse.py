"""The real engine on a small recording, from a due job to clips that play."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.utils import timezone

from clipboard.clips import analyse, queue, tasks
from clipboard.clips.models import ANALYSIS, RENDERING, Clip, Job, Rendition
from clipboard.engine import Candidate, Findings
from clipboard.review.models import Favourite
from tests import factories, recordings

pytestmark = pytest.mark.django_db

OPTIONS = {"count": 2, "threshold": 0}  # the bars hold nothing remarkable


@pytest.fixture(scope="module")
def bars(tmp_path_factory):
    return recordings.make(tmp_path_factory.mktemp("recordings") / "bars.mp4", seconds=21)


@pytest.fixture
def source(team, media_root, bars):
    file = media_root / "sources" / "bars.mp4"
    file.parent.mkdir(parents=True)
    file.symlink_to(bars)
    return factories.make_source(
        team=team,
        file="sources/bars.mp4",
        duration=21.0,
        width=320,
        height=180,
        audio_codec="aac",
    )


@pytest.fixture
def job(team, source):
    return factories.make_job(
        team=team,
        source=source,
        state=Job.State.QUEUED,
        options=OPTIONS,
        next_action_at=timezone.now(),
    )


def candidate(start, end, *, score=70.0, title="A turn"):
    return Candidate(
        start=start,
        end=end,
        score=score,
        title=title,
        reason="It begins with a question.",
        transcript="",
        words=[],
        hashtags=[],
        evidence=[],
        crop=[],
        shots=[],
        poster_at=start,
    )


def findings(*clips, words=()):
    return Findings(
        clips=list(clips),
        considered=9,
        best_score=70.0,
        threshold=35.0,
        heard_speech=False,
        notes=[],
        language=None,
        words=list(words),
    )


def claimed(job):
    Job.objects.filter(pk=job.pk).update(next_action_at=timezone.now(), state=Job.State.QUEUED)
    return queue.take()


def test_it_turns_a_recording_into_clips_that_play(job, media_root):
    assert tasks.look_now()

    job.refresh_from_db()
    clips = list(job.clips.all())
    assert (job.state, job.stage, job.progress) == (Job.State.RUNNING, RENDERING, ANALYSIS)
    assert job.found_at
    assert job.summary["considered"] > 0
    assert clips
    assert {clip.status for clip in clips} == {Clip.Status.DETECTED}
    assert all((media_root / clip.poster.name).stat().st_size for clip in clips)

    while tasks.look_now():
        pass

    job.refresh_from_db()
    assert (job.state, job.progress, job.next_action_at) == (Job.State.SUCCEEDED, 1, None)
    for clip in job.clips.all():
        assert clip.status == Clip.Status.COMPLETED
        assert (media_root / clip.file.name).stat().st_size
        assert (media_root / clip.filmstrip.name).stat().st_size
        assert clip.strip["columns"] == 10
    assert not list((media_root / "scratch").rglob("*/*"))


def test_running_twice_finds_the_same_rows(job):
    lease = claimed(job)
    first = analyse.publish(lease.row, findings(candidate(0, 5), candidate(6, 9)), lease)
    again = claimed(job) or lease
    second = analyse.publish(again.row, findings(candidate(0, 5), candidate(6, 9)), again)

    assert [clip.pk for clip in first] == [clip.pk for clip in second]
    assert Clip.objects.count() == 2


def test_a_length_is_told_without_the_dust_of_arithmetic(job):
    lease = claimed(job)
    analyse.publish(lease.row, findings(candidate(1.1, 3.3)), lease)

    assert 3.3 - 1.1 != 2.2
    assert Clip.objects.get().duration == 2.2


def test_a_second_run_drops_what_it_no_longer_finds(job):
    lease = claimed(job)
    analyse.publish(lease.row, findings(candidate(0, 5)), lease)
    analyse.publish(lease.row, findings(candidate(6, 11)), lease)

    assert Clip.objects.get().start == 6


def test_a_favourite_neither_moves_nor_gets_a_double(job, editor):
    lease = claimed(job)
    (loved,) = analyse.publish(lease.row, findings(candidate(0, 5, title="Loved")), lease)
    Favourite.objects.create(user=editor, clip=loved)

    analyse.publish(lease.row, findings(candidate(0.4, 5), candidate(6, 11)), lease)

    assert sorted(Clip.objects.values_list("start", "title")) == [(0, "Loved"), (6, "A turn")]


def test_it_publishes_nothing_once_cancelled(job):
    lease = claimed(job)
    job.cancel()

    with pytest.raises(analyse.engine.Cancelled):
        analyse.publish(lease.row, findings(candidate(0, 5)), lease)

    assert not Clip.objects.exists()


def test_nothing_found_is_no_failure(job):
    lease = claimed(job)
    analyse.begin(lease.row, lease)
    analyse.publish(lease.row, findings(), lease)
    analyse.order_previews(lease.row, [], lease)

    job.refresh_from_db()
    assert (job.state, job.progress) == (Job.State.SUCCEEDED, 1)


def test_it_keeps_the_longest_transcript(job, source):
    analyse.keep_transcript(source, findings(words=[(0, 1, "Hello"), (1, 2, "you.")]))
    source.refresh_from_db()
    analyse.keep_transcript(source, findings(words=[(0, 1, "Hello")]))

    source.refresh_from_db()
    assert [word[2] for word in source.transcript] == ["Hello", "you."]


def test_a_job_ends_although_its_last_clip_was_deleted_meanwhile(job):
    lease = claimed(job)
    analyse.begin(lease.row, lease)
    clips = analyse.publish(lease.row, findings(candidate(0, 5)), lease)
    analyse.order_previews(lease.row, clips, lease)
    Clip.objects.all().delete()
    Job.objects.update(next_action_at=timezone.now())

    assert tasks.look_now()

    job.refresh_from_db()
    assert job.state == Job.State.SUCCEEDED


def test_one_failed_preview_does_not_fail_its_job(job, media_root):
    lease = claimed(job)
    analyse.begin(lease.row, lease)
    clips = analyse.publish(lease.row, findings(candidate(0, 4), candidate(5, 9)), lease)
    analyse.order_previews(lease.row, clips, lease)
    for state in ("failed", "ready"):
        rendition = Rendition.objects.open().first()
        Rendition.objects.filter(pk=rendition.pk).update(state=state, next_action_at=None)
    job.settle()

    job.refresh_from_db()
    assert job.state == Job.State.SUCCEEDED


def test_a_job_none_of_whose_clips_could_be_rendered_has_failed(job):
    lease = claimed(job)
    analyse.begin(lease.row, lease)
    clips = analyse.publish(lease.row, findings(candidate(0, 4)), lease)
    analyse.order_previews(lease.row, clips, lease)
    taken = queue.take()

    taken.row.fail("It cannot be cut.", lease=taken)

    job.refresh_from_db()
    assert job.state == Job.State.FAILED
    assert "none of them could be rendered" in job.error


def test_a_recording_that_is_gone_is_told(job, media_root):
    Path(media_root / "sources" / "bars.mp4").unlink()
    for _ in range(3):
        Job.objects.filter(pk=job.pk, state="queued").update(next_action_at=timezone.now())
        Job.objects.filter(pk=job.pk, state="running").update(next_action_at=timezone.now())
        tasks.look_now()

    job.refresh_from_db()
    assert job.state == Job.State.FAILED
    assert job.error
