from __future__ import annotations

import hashlib
import os
from datetime import timedelta

import pytest
from django.utils import timezone

from clipboard.clips import ingest, prepare
from clipboard.clips.models import MAX_ATTEMPTS, Job, Lease, Source
from clipboard.clips.remove import remove_source
from clipboard.engine.errors import NO_ROOM, MediaError
from clipboard.media.models import Upload
from tests import factories, recordings
from tests.clips.preparing import claimed, files, prepared, uploaded

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def talk(tmp_path_factory):
    """Four seconds that every browser plays."""
    return recordings.make(tmp_path_factory.mktemp("recordings") / "Team talk.mp4")


@pytest.fixture(scope="module")
def foreign(tmp_path_factory):
    """The same as a file that browsers do not play."""
    path = tmp_path_factory.mktemp("recordings") / "Camera.mkv"
    return recordings.make(path, seconds=2, codecs=["-c:v", "mpeg4", "-c:a", "pcm_s16le"])


def test_it_makes_an_upload_ready(team, talk):
    upload = uploaded(team, talk)
    source = prepared(ingest.add_upload(upload))

    assert source.state == Source.State.READY, source.error
    assert source.title == "Team talk"
    assert source.sha256 == hashlib.sha256(talk.read_bytes()).hexdigest()
    assert (source.width, source.height, source.size) == (320, 180, talk.stat().st_size)
    assert source.duration == pytest.approx(4, abs=0.1)
    assert (source.video_codec, source.audio_codec) == ("h264", "aac")
    assert source.file.name.endswith(f"/{source.pk}/recording.mp4")
    assert not source.proxy
    assert source.strip["count"] >= 1
    assert len(source.waveform) == 800
    assert sorted(map(os.path.basename, files())) == [
        "filmstrip.webp",
        "poster.webp",
        "recording.mp4",
    ]


def test_it_lets_the_waiting_job_begin(team, talk):
    source = ingest.add_path(talk, team=team)
    assert source.jobs.get().next_action_at is None
    prepared(source)

    assert source.jobs.get().next_action_at <= timezone.now()


def test_it_makes_a_copy_where_browsers_cannot_play(team, foreign):
    source = prepared(ingest.add_path(foreign, team=team))

    assert source.state == Source.State.READY, source.error
    assert source.file.name.endswith("recording.mkv")
    assert source.playable.name.endswith("proxy.mp4")


def test_it_leaves_the_original_of_a_path_alone(team, talk):
    prepared(ingest.add_path(talk, team=team))

    assert talk.exists()


@pytest.mark.parametrize("again", ["upload", "path"])
def test_it_recognises_what_is_here_already(team, talk, again):
    first = prepared(ingest.add_path(talk, team=team))
    kept = files()
    add = {
        "path": lambda: ingest.add_path(talk, team=team),
        "upload": lambda: ingest.add_upload(uploaded(team, talk)),
    }[again]
    second = prepared(add())

    assert (second.state, second.duplicate_of) == (Source.State.DUPLICATE, first)
    assert second.duration is None  # no work was done on it
    assert second.jobs.get().state == Job.State.CANCELLED
    assert files() == kept


def test_it_recognises_what_is_just_being_prepared(team, talk):
    sha256 = hashlib.sha256(talk.read_bytes()).hexdigest()
    first = factories.make_source(team=team, state=Source.State.PREPARING, sha256=sha256)
    second = prepared(ingest.add_path(talk, team=team))

    assert second.duplicate_of == first


def test_it_takes_another_teams_recording_for_new(team, talk):
    prepared(ingest.add_path(talk, team=factories.make_team(name="South")))

    assert prepared(ingest.add_path(talk, team=team)).state == Source.State.READY


def test_it_takes_again_what_failed_before(team, talk):
    sha256 = hashlib.sha256(talk.read_bytes()).hexdigest()
    factories.make_source(team=team, state=Source.State.FAILED, sha256=sha256)

    assert prepared(ingest.add_path(talk, team=team)).state == Source.State.READY


def test_it_says_what_is_wrong_and_keeps_nothing(team, tmp_path):
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"This is no video at all. " * 1000)
    source = prepared(ingest.add_upload(uploaded(team, broken)))

    assert source.state == Source.State.FAILED
    assert source.error.endswith(".")
    assert source.next_action_at is None
    assert (source.jobs.get().state, source.jobs.get().error) == (Job.State.FAILED, source.error)
    assert files() == []
    assert not source.can_retry


def test_it_says_when_a_file_is_gone(team, talk, tmp_path):
    moved = tmp_path / "moved.mp4"
    moved.write_bytes(talk.read_bytes())
    source = ingest.add_path(moved, team=team)
    moved.unlink()

    assert "moved.mp4" in prepared(source).error


def test_it_begins_again_after_a_failure(team, talk, tmp_path):
    late = tmp_path / "late.mp4"
    late.write_bytes(talk.read_bytes())
    source = ingest.add_path(late, team=team)
    late.unlink()
    prepared(source)
    late.write_bytes(talk.read_bytes())

    assert ingest.retry_source(source)
    assert prepared(source).state == Source.State.READY
    assert source.jobs.get().state == Job.State.QUEUED
    assert source.jobs.get().next_action_at is not None
    assert not ingest.retry_source(source)


class Killed(BaseException):
    """What kill -9 is to the code: no handler sees it."""


class KillingLease(Lease):
    """Dies at the n-th write of a result, before or after it is stored."""

    def __init__(self, row, *, owner, at, after):
        super().__init__(row, owner=owner)
        self.left, self.after = at, after

    def write(self, **fields):
        self.left -= set(fields) != {"stage", "progress"}
        if self.left == 0 and not self.after:
            raise Killed
        done = super().write(**fields)
        if self.left == 0:
            raise Killed
        return done


@pytest.mark.parametrize(("origin", "after"), [("upload", True), ("path", False)])
def test_it_survives_a_kill_at_every_step(
    team, talk, foreign, origin, after, django_capture_on_commit_callbacks
):
    """However often it is killed: one source, its files whole, nothing left over."""
    kills = 0
    while True:
        if origin == "upload":
            source = ingest.add_upload(uploaded(team, foreign))
        else:
            source = ingest.add_path(talk, team=team)
        lease = KillingLease(claimed(source).row, owner="worker", at=kills + 1, after=after)
        try:
            prepare.prepare_source(lease.row, lease=lease)
        except Killed:
            kills += 1
        else:
            break
        Source.objects.filter(pk=source.pk).update(lease_until=timezone.now())
        source.refresh_from_db()
        if source.next_action_at is not None:
            prepared(source)

        assert source.state == Source.State.READY, source.error
        assert source.jobs.get().next_action_at is not None
        media = ["proxy.mp4", "recording.mkv"] if origin == "upload" else ["recording.mp4"]
        assert [os.path.basename(name) for name in files()] == [
            "filmstrip.webp",
            "poster.webp",
            *media,
        ]
        with django_capture_on_commit_callbacks(execute=True):
            remove_source(source)
        assert files() == []
    assert kills == (5 if origin == "upload" else 4)


def test_it_stops_when_the_row_is_someone_elses(team, talk):
    source = ingest.add_path(talk, team=team)
    lease = claimed(source)
    Source.objects.filter(pk=source.pk).update(lease_owner="another")
    prepare.prepare_source(lease.row, lease=lease)
    source.refresh_from_db()

    assert source.state == Source.State.FETCHING
    assert source.lease_owner == "another"


def test_it_leaves_nothing_behind_when_removed_meanwhile(
    team, talk, django_capture_on_commit_callbacks
):
    source = ingest.add_upload(uploaded(team, talk))
    lease = claimed(source)
    with django_capture_on_commit_callbacks(execute=True):
        remove_source(source)
    prepare.prepare_source(lease.row, lease=lease)

    assert files() == []
    assert not Source.objects.exists()
    assert not Upload.objects.exists()


def test_it_tries_later_what_may_pass(team, settings, talk, monkeypatch):
    """The disk is full: wait, say so, give up after the last attempt but keep what is there."""
    monkeypatch.setattr("clipboard.clips.fetch.RESERVE_BYTES", 2**62)
    source = ingest.add_path(talk, team=team)
    prepared(source)

    assert source.state == Source.State.FETCHING
    assert "disk" in source.error
    assert source.next_action_at > timezone.now()
    for _ in range(MAX_ATTEMPTS - 1):
        Source.objects.filter(pk=source.pk).update(next_action_at=timezone.now())
        prepared(source)
    assert source.state == Source.State.FAILED
    assert source.can_retry


def test_it_keeps_a_recording_when_the_disk_fills_up_over_it(team, foreign, monkeypatch):
    """Nobody is told that the file was no good, and nothing needs to be uploaded again."""

    def full(*arguments, **options):
        raise MediaError("no_room", NO_ROOM)

    with monkeypatch.context() as until_there_is_room:
        until_there_is_room.setattr("clipboard.engine.make_proxy", full)
        source = prepared(ingest.add_upload(uploaded(team, foreign)))

    assert (source.state, source.error) == (Source.State.PREPARING, NO_ROOM)
    Source.objects.filter(pk=source.pk).update(next_action_at=timezone.now())
    assert prepared(source).state == Source.State.READY


def test_it_sweeps_what_a_kill_left_behind(team, talk):
    source = prepared(ingest.add_path(talk, team=team))
    orphan = prepare.source_folder(source).with_name("999999")
    orphan.mkdir()
    (orphan / "incoming").write_bytes(b"left")

    assert ingest.sweep_sources(timezone.now()) == 0
    assert ingest.sweep_sources(timezone.now() + timedelta(hours=2)) == 1
    assert not orphan.exists()
    assert source.file.storage.exists(source.file.name)
