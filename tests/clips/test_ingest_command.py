from __future__ import annotations

import json
import os
import time
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from clipboard.clips.batch import Batch
from clipboard.clips.inbox import Inbox
from clipboard.clips.management.commands import ingest
from clipboard.clips.models import Heartbeat, Job, Source
from clipboard.clips.queue import take
from tests import factories, recordings

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def talk(tmp_path_factory):
    return recordings.make(tmp_path_factory.mktemp("recordings") / "Team talk.mp4", seconds=12)


def run(*arguments):
    """What it printed, and its exit status."""
    out = StringIO()
    try:
        call_command("ingest", *map(str, arguments), stdout=out, stderr=StringIO())
    except SystemExit as end:
        return out.getvalue(), end.code
    return out.getvalue(), 0


def test_it_takes_in_files_and_links(team, talk):
    out, status = run(talk, "https://example.org/media/Second%20talk.mp4")

    assert status == 0
    assert set(Source.objects.values_list("title", "origin", "state")) == {
        ("Team talk", "path", "fetching"),
        ("Second talk", "url", "fetching"),
    }
    assert Job.objects.count() == 2
    assert "Team talk" in out


def test_it_makes_the_clips_itself_where_no_worker_lives(team, talk):
    out, status = run(talk, "--wait", "--json")

    [source] = json.loads(out)["sources"]
    assert (source["title"], source["state"], source["error"]) == ("Team talk", "succeeded", None)
    assert status == 0
    assert set(source) == {"id", "title", "job", "state", "error", "clips"}
    for clip in source["clips"]:
        assert set(clip) == {"id", "score", "start", "end", "duration", "status", "file_url"}
        assert clip["end"] - clip["start"] == pytest.approx(clip["duration"], abs=0.01)
    assert [clip["score"] for clip in source["clips"]] == sorted(
        (clip["score"] for clip in source["clips"]), reverse=True
    )


def test_it_prints_the_best_clip_first_with_its_file(team):
    job = factories.make_job(team=team)
    for score in (None, 40.0, 90.5):
        factories.make_clip(team=team, job=job, score=score, file="clips/1/clip.mp4")
    factories.make_clip(team=team, job=job, score=70.0, status="detected")

    [source] = json.loads(Batch([job.source]).as_json())["sources"]
    assert [clip["score"] for clip in source["clips"]] == [90.5, 70.0, 40.0, None]
    best, second, *_ = source["clips"]
    assert (best["start"], best["end"], best["duration"]) == (10.0, 30.0, 20.0)
    assert best["file_url"].startswith("http://localhost:8000/media/clips/1/clip.mp4?e=")
    assert (second["status"], second["file_url"]) == ("detected", None)


def test_it_fails_when_a_recording_does(team, tmp_path):
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"no video" * 1000)
    out, status = run(broken, "--wait", "--json")

    [source] = json.loads(out)["sources"]
    assert status == 1
    assert source["state"] == "failed"
    assert source["error"].endswith(".")
    assert source["clips"] == []


def test_it_gives_the_clips_of_what_is_here_already(team, talk):
    """The same file again: its source, its job and its clips, at once."""
    run(talk, "--wait")
    first = Source.objects.get(state="ready")
    found = sorted(first.clips.values_list("pk", flat=True))
    out, status = run(talk, "--wait", "--json")

    [source] = json.loads(out)["sources"]
    assert status == 0
    assert source["id"] == first.pk
    assert sorted(clip["id"] for clip in source["clips"]) == found
    assert Job.objects.get(pk=source["job"]).source == first
    assert Job.objects.exclude(source=first).get().state == Job.State.CANCELLED


def test_it_leaves_the_work_to_live_workers(team, talk, monkeypatch):
    """Then it only looks; here the worker fails the source between two looks."""
    Heartbeat.objects.create(name="media", beat_at=timezone.now())

    def work(seconds):
        lease = take()
        assert lease, "the command did the work itself"
        lease.row.fail("The worker said no.", lease=lease)

    monkeypatch.setattr("clipboard.clips.management.commands.ingest.time.sleep", work)
    out, status = run(talk, "--wait")

    assert status == 1
    assert "The worker said no." in out


@pytest.mark.parametrize(
    ("what", "says"),
    [
        ("/nowhere/talk.mp4", "no file"),
        ("ftp://example.org/talk.mp4", "https://"),
        ("file:///etc/passwd", "https://"),
    ],
)
def test_it_takes_in_nothing_when_one_thing_is_plainly_wrong(team, talk, what, says):
    with pytest.raises(CommandError, match=says):
        run(talk, what)
    assert not Source.objects.exists()


def test_it_wants_to_know_what(team):
    with pytest.raises(CommandError, match="Name a file"):
        run()


def test_it_finds_the_team_by_name_or_number(team, talk):
    south = factories.make_team(name="South")
    run(talk, "--team", "south")
    run(talk, "--team", south.pk)

    assert Source.objects.of(south).count() == 2
    with pytest.raises(CommandError, match="North, South"):
        run(talk, "--team", "West")


def test_it_takes_in_files_whose_names_are_no_words(team, talk, tmp_path):
    odd = tmp_path / os.fsdecode(b"od\xff d#1?.mp4")
    odd.write_bytes(talk.read_bytes())
    out, status = run(odd, "--wait")

    assert status == 0
    assert "od d#1" in out


def test_it_says_what_to_do_before_anything_is_set_up(db):
    with pytest.raises(CommandError, match="make run"):
        run("https://example.org/talk.mp4")
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE teams_team RENAME TO teams_elsewhere")
    with pytest.raises(CommandError, match="migrate"):
        run("https://example.org/talk.mp4")


def test_it_gives_back_what_it_works_on_when_interrupted(team, talk, monkeypatch):
    def interrupted(*arguments, **options):
        assert Source.objects.under_lease(now=timezone.now()).exists()
        raise KeyboardInterrupt

    monkeypatch.setattr("clipboard.engine.probe", interrupted)
    assert run(talk, "--wait") == ("", 130)
    assert Source.objects.due(now=timezone.now()).get().attempts == 0


# --- Watching a folder ----------------------------------------------------------------------------


def test_it_waits_until_a_file_is_complete(team, tmp_path):
    inbox, file = Inbox(tmp_path, team=team), tmp_path / "growing.mp4"
    file.write_bytes(b"half")
    assert inbox.complete_files() == []
    file.write_bytes(b"half and half")
    assert inbox.complete_files() == []
    assert inbox.complete_files() == [file]
    assert inbox.complete_files() == []


def test_it_passes_over_what_is_no_finished_file(team, tmp_path):
    inbox = Inbox(tmp_path, team=team)
    for name in (".hidden.mp4", "loading.mp4.part", "loading.crdownload"):
        (tmp_path / name).write_bytes(b"some")
    (tmp_path / "empty.mp4").touch()
    (tmp_path / "folder").mkdir()

    inbox.complete_files()
    assert inbox.complete_files() == []


def test_it_takes_a_file_again_when_it_has_changed(team, tmp_path):
    inbox, file = Inbox(tmp_path, team=team), tmp_path / "talk.mp4"
    file.write_bytes(b"first")
    inbox.complete_files()
    inbox.complete_files()
    file.write_bytes(b"second cut")
    inbox.complete_files()

    assert inbox.complete_files() == [file]


def test_it_takes_what_has_the_name_of_what_it_took_and_is_older(team, tmp_path):
    """A camera that calls everything the same; a move keeps a file's time."""
    inbox, file = Inbox(tmp_path, team=team), tmp_path / "talk.mp4"
    file.write_bytes(b"second cut")
    os.utime(file, (time.time() - 3600, time.time() - 3600))
    factories.make_source(
        team=team, origin="path", origin_url=file.resolve().as_uri(), size=len(b"first")
    )
    inbox.complete_files()

    assert inbox.complete_files() == [file]


def test_a_folder_that_is_away_ends_no_watch(team, tmp_path):
    folder = tmp_path / "inbox"
    folder.mkdir()
    said = StringIO()
    command, inbox = ingest.Command(stderr=said, no_color=True), Inbox(folder, team=team)
    folder.rename(tmp_path / "away")

    assert command.look_into(inbox) == command.look_into(inbox) == []
    assert said.getvalue().count("cannot be read now") == 1
    (tmp_path / "away").rename(folder)
    (folder / "talk.mp4").write_bytes(b"bytes")
    assert [command.look_into(inbox) for _ in range(2)][1] == [folder / "talk.mp4"]


class Emptied(Inbox):
    """Its one file is taken away as soon as it was seen; then whoever watches is stopped."""

    def complete_files(self):
        if self.taken:
            raise KeyboardInterrupt
        self.taken[self.folder] = (1, 1)
        return [self.folder / "gone.mp4"]


def test_a_file_that_is_taken_away_ends_no_watch(team, tmp_path, monkeypatch):
    monkeypatch.setattr(ingest, "WATCH_SECONDS", 0)
    command = ingest.Command(stderr=StringIO())
    command.team, command.provider = team, "local"
    command.watch(Emptied(tmp_path, team=team))

    assert not Source.objects.exists()


def test_it_remembers_over_a_restart_what_it_took(team, tmp_path):
    old, new = tmp_path / "old.mp4", tmp_path / "new.mp4"
    for file in (old, new):
        file.write_bytes(b"bytes")
        os.utime(file, (time.time() - 60, time.time() - 60))
    factories.make_source(
        team=team, origin="path", origin_url=old.resolve().as_uri(), size=len(b"bytes")
    )

    inbox = Inbox(tmp_path, team=team)
    inbox.complete_files()
    assert inbox.complete_files() == [new]


def test_its_bar_tells_how_far_all_of_them_are(team):
    busy = factories.make_source(
        team=team, state="preparing", progress=0.5, stage="previews", title="Talk"
    )
    done = factories.make_source(team=team)
    factories.make_job(team=team, source=done, state="succeeded")

    line = Batch([busy, done]).progress_line(width=20)

    assert line == "Talk  ###########---------  55%  previews  1 of 2 done"
