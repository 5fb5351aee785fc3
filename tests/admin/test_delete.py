from __future__ import annotations

import pytest
from django.contrib.admin.models import LogEntry
from django.core.files.storage import default_storage
from django.urls import reverse

from clipboard.clips.models import Clip, Job, Rendition, Source
from clipboard.media.models import Upload
from clipboard.media.uploads import start_upload
from clipboard.review.models import Favourite
from clipboard.teams.models import Team, User
from tests import factories
from tests.admin.conftest import signed_in, staff_who_may
from tests.routes import make_rows

pytestmark = pytest.mark.django_db
SURE = {"post": "yes"}


def page(row):
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_delete", args=[row.pk])


def delete(client, row, commits):
    with commits(execute=True):
        return client.post(page(row), SURE, follow=True)


def delete_marked(client, *rows):
    label = rows[0]._meta
    address = reverse(f"admin:{label.app_label}_{label.model_name}_changelist")
    form = {"action": "delete_selected", "_selected_action": [row.pk for row in rows]}
    return client.post(address, form | SURE, follow=True)


@pytest.fixture
def rows(team, owner):
    return make_rows(team, owner)


@pytest.fixture
def commits(django_capture_on_commit_callbacks):
    return django_capture_on_commit_callbacks


def test_a_recording_goes_with_its_clips_and_files(owner_client, rows, commits):
    source = Source.objects.get(pk=rows.source)
    running = factories.make_job(team=source.team, source=source, state=Job.State.RUNNING)
    files = [source.file.name, rows.file, Rendition.objects.get().file.name]
    asked = owner_client.get(page(source)).content.decode()
    delete(owner_client, source, commits)

    assert "Clips: 1" in asked
    assert not Source.objects.exists()
    assert not Clip.objects.exists()
    assert running.stop_wanted()
    assert not any(default_storage.exists(name) for name in files)
    assert LogEntry.objects.get().object_repr == "Interview"


def test_marked_recordings_go_the_same_way(owner_client, team, commits):
    kept, *gone = (
        factories.make_source(team=team, file=factories.make_file(f"sources/{name}.mp4"))
        for name in "abc"
    )
    with commits(execute=True):
        delete_marked(owner_client, *gone)

    assert list(Source.objects.all()) == [kept]
    assert [default_storage.exists(one.file.name) for one in (kept, *gone)] == [True, False, False]


def test_a_job_goes_with_what_it_found(owner_client, rows, commits):
    delete(owner_client, Job.objects.get(pk=rows.job), commits)

    assert not Job.objects.filter(pk=rows.job).exists()
    assert not Clip.objects.exists()
    assert not default_storage.exists(rows.file)
    assert Source.objects.get().clip_count == 0


def test_a_job_that_runs_is_cancelled_first(owner_client, team, commits):
    runs = factories.make_job(team=team, state=Job.State.RUNNING)
    ended = factories.make_job(team=team, source=runs.source)

    assert "cancel it first" in owner_client.get(page(runs)).content.decode()
    delete(owner_client, runs, commits)
    delete_marked(owner_client, runs, ended)
    assert Job.objects.count() == 2


def test_a_clip_goes_and_its_job_goes_on(owner_client, owner, team, commits):
    job = factories.make_job(team=team, state=Job.State.RUNNING, stage="rendering")
    made, coming = (
        factories.make_clip(team=team, job=job, file=factories.make_file()) for _ in "ab"
    )
    Rendition.objects.create(clip=made, aspect="9:16", height=960, is_preview=True, state="ready")
    Rendition.objects.create(clip=coming, aspect="9:16", height=960, is_preview=True)
    Favourite.objects.put(user=owner, clip_id=coming.pk, on=True)
    factories.make_share_link(clip=coming)
    delete(owner_client, coming, commits)

    assert list(Clip.objects.all()) == [made]
    assert not default_storage.exists(coming.file.name)
    assert Job.objects.get().state == Job.State.SUCCEEDED


def test_a_team_goes_with_everything_of_its_own(owner_client, owner, rows, team, commits):
    other = factories.make_team(name="South")
    theirs = make_rows(other, factories.make_member(team=other))
    part = Upload.objects.get(pk=rows.upload).path
    file = Source.objects.get(pk=rows.source).file.name
    delete(owner_client, team, commits)

    assert list(Team.objects.all()) == [other]
    assert [source.pk for source in Source.objects.all()] == [theirs.source]
    assert not part.exists()
    assert not default_storage.exists(file)
    assert Upload.objects.get().path.exists()
    assert User.objects.filter(pk=owner.pk).exists()


@pytest.mark.parametrize("right", ["view_source", "change_source"])
def test_only_staff_with_the_right_delete(right, team, rows):
    clerk = staff_who_may(right, team=team)
    source = Source.objects.get(pk=rows.source)

    assert signed_in(clerk).post(page(source), SURE).status_code == 403
    delete_marked(signed_in(clerk), source)
    assert Source.objects.exists()


def test_the_right_for_a_recording_is_enough(team, rows, commits):
    clerk = staff_who_may("delete_source", team=team)
    delete(signed_in(clerk), Source.objects.get(pk=rows.source), commits)

    assert not Source.objects.exists()


def test_staff_delete_nobody_above_them(team, owner, editor):
    clerk = staff_who_may("delete_user", team=team)
    start_upload(team=team, user=editor, file_name="a.mp4", size=10, metadata={})

    assert signed_in(clerk).post(page(owner), SURE).status_code == 403
    signed_in(clerk).post(page(editor), SURE)
    assert set(User.objects.all()) == {owner, clerk}
