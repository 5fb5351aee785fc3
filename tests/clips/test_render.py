from __future__ import annotations

import shutil

import pytest

from clipboard.clips import render, tasks
from clipboard.clips.models import Clip, Rendition
from clipboard.engine import probe
from tests import factories, recordings

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def bars(tmp_path_factory):
    return recordings.make(tmp_path_factory.mktemp("recordings") / "bars.mp4", seconds=6)


@pytest.fixture
def clip(team, media_root, bars):
    file = media_root / "sources" / "bars.mp4"
    file.parent.mkdir(parents=True)
    shutil.copy(bars, file)
    source = factories.make_source(
        team=team, file="sources/bars.mp4", width=320, height=180, audio_codec="aac"
    )
    job = factories.make_job(team=team, source=source)
    return factories.make_clip(team=team, job=job, start=1, end=4, status=Clip.Status.DETECTED)


def test_it_makes_what_is_asked_for_once(clip, media_root):
    asked = {"aspect": "1:1", "height": 120, "captions": False}
    rendition = render.rendition_for(clip, **asked)

    assert tasks.look_now()
    assert not tasks.look_now()

    rendition.refresh_from_db()
    made = probe(media_root / rendition.file.name)
    assert rendition.state == Rendition.State.READY
    assert rendition.size == made.size
    assert (made.width, made.height) == (120, 120)
    assert made.duration == pytest.approx(3, abs=0.1)
    assert render.rendition_for(clip, **asked) == rendition
    assert not tasks.look_now()


def test_only_a_preview_becomes_the_clips_own_file(clip):
    render.rendition_for(clip, aspect="1:1", height=120, captions=False)
    tasks.look_now()

    clip.refresh_from_db()
    assert not clip.file
    assert clip.status == Clip.Status.DETECTED


@pytest.mark.parametrize("state", ["failed", "cancelled"])
def test_asking_again_after_a_failure_tries_again(clip, state):
    asked = {"aspect": "1:1", "height": 120, "captions": False}
    first = render.rendition_for(clip, **asked)
    Rendition.objects.update(state=state, error="No luck.", next_action_at=None, attempts=3)

    again = render.rendition_for(clip, **asked)

    assert again.pk == first.pk
    assert (again.state, again.error, again.attempts) == ("waiting", "", 0)
    assert again.next_action_at


def test_a_broken_recording_fails_with_a_sentence(clip, media_root):
    (media_root / "sources" / "bars.mp4").write_bytes(b"not a film")
    rendition = render.rendition_for(clip, aspect="1:1", height=120, captions=False)

    tasks.look_now()

    rendition.refresh_from_db()
    assert rendition.state == Rendition.State.FAILED
    assert rendition.error.endswith(".")
    assert not list((media_root / "scratch").rglob("*/*"))


@pytest.mark.parametrize(
    ("aspect", "height"), [("9:16", 960), ("1:1", 720), ("16:9", 540), ("4:5", 804)]
)
def test_previews_of_every_shape_are_about_as_large(clip, aspect, height):
    clip.aspect = aspect

    assert clip.preview_height == height


def test_files_of_deleted_clips_are_swept(clip, media_root):
    gone = factories.make_clip(team=clip.team, job=clip.job)
    for one in (clip, gone):
        folder = media_root / one.folder
        folder.mkdir(parents=True)
        (folder / "9x16-960.mp4").touch()
    gone_folder = media_root / gone.folder
    gone.delete()

    assert render.sweep_clip_folders() == 1
    assert not gone_folder.exists()
    assert (media_root / clip.folder / "9x16-960.mp4").exists()


@pytest.mark.parametrize(("options", "burned"), [({}, True), ({"captions": False}, False)])
def test_previews_have_the_captions_their_job_was_asked_for(clip, media_root, options, burned):
    Clip.objects.filter(pk=clip.pk).update(words=[[1.2, 1.8, "Hello"], [2.0, 2.6, "you."]])
    clip.job.options = options
    clip.job.save()
    clip.refresh_from_db()

    Rendition.objects.order_preview(clip)
    while tasks.look_now():
        pass

    rendition, clip = Rendition.objects.get(), Clip.objects.get()
    assert (rendition.state, rendition.captions) == (Rendition.State.READY, burned)
    assert clip.file.name == rendition.file.name
    assert clip.file.name.endswith("-captions.mp4") == burned
    assert clip.shows_captions == burned


def test_a_clip_without_words_is_rendered_without_captions(clip):
    assert not Rendition.objects.order_preview(clip).captions
