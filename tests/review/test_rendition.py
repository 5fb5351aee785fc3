from __future__ import annotations

import pytest
from django.urls import reverse
from django.utils import timezone

from clipboard.clips import tasks
from clipboard.clips.models import Rendition
from clipboard.teams.models import Membership
from tests import factories, recordings

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def clip(team):
    source = factories.make_source(team=team, file=factories.make_file("sources/a.mp4"))
    return factories.make_clip(team=team, job=factories.make_job(team=team, source=source))


def order(client, clip, shape="1:1/720", headers=HTMX, **values):
    address = reverse("rendition_create", args=[clip.pk])
    return client.post(address, {"shape": shape} | values, headers=headers)


def test_it_orders_one(editor_client, clip):
    response = order(editor_client, clip, captions="on")
    row = Rendition.objects.get()

    assert response.status_code == 200
    assert (row.aspect, row.height, row.captions) == ("1:1", 720, True)
    assert row.next_action_at
    assert b"Waiting for a free worker" in response.content
    assert b'hx-trigger="every 2s"' in response.content


def test_asking_twice_makes_one(editor_client, clip):
    order(editor_client, clip)
    order(editor_client, clip)

    assert Rendition.objects.count() == 1


def test_a_failed_one_can_be_asked_for_again(editor_client, clip):
    clip.renditions.create(aspect="1:1", height=720, state="failed", error="The disk is full.")

    order(editor_client, clip)

    assert Rendition.objects.get().state == "waiting"


def test_it_works_without_scripts(editor_client, clip):
    response = order(editor_client, clip, headers={})

    assert response.url == reverse("clip_detail", args=[clip.pk])
    assert b"Waiting for a free worker" in editor_client.get(response.url).content


def test_it_offers_nothing_larger_than_the_recording(editor_client, clip):
    page = editor_client.get(reverse("clip_detail", args=[clip.pk])).content.decode()

    assert "1280 × 720" in page
    assert "1:1/720" in page
    assert "1:1/1080" not in page


@pytest.mark.parametrize(
    "shape", ["", "1:1/1080", "1:1", "9:16/../etc", "2:1/720", "9:16/" + "9" * 400]
)
@pytest.mark.parametrize("headers", [HTMX, {}])
def test_it_refuses_other_shapes(editor_client, clip, shape, headers):
    response = order(editor_client, clip, shape, headers=headers)

    assert response.status_code == 422
    assert b"Choose" in response.content
    assert not Rendition.objects.exists()


def test_a_viewer_may_not_order(client, clip, team):
    viewer = factories.make_member(team=team, role=Membership.Role.VIEWER)
    factories.sign_in(client, viewer)

    assert order(client, clip).status_code == 403
    assert not Rendition.objects.exists()


def test_the_list_asks_again_until_all_is_done(editor_client, clip):
    row = clip.renditions.create(aspect="1:1", height=720, state="rendering", progress=0.42)
    address = reverse("rendition_list", args=[clip.pk])

    during = editor_client.get(address).content.decode()
    Rendition.objects.filter(pk=row.pk).update(state="ready", file="clips/r.mp4", size=2_200_000)
    after = editor_client.get(address).content.decode()

    assert "Rendering, 42%" in during
    assert "hx-trigger" in during
    assert "hx-trigger" not in after
    assert reverse("rendition_download", args=[row.pk]) in after


def test_it_is_downloaded_under_a_plain_name(editor_client, clip):
    row = clip.renditions.create(
        aspect="1:1", height=720, state="ready", file=factories.make_file("clips/r.mp4", b"film")
    )

    response = editor_client.get(reverse("rendition_download", args=[row.pk]))

    expected = f'attachment; filename="clip-{clip.pk}-1x1-720p.mp4"'
    assert response["Content-Disposition"] == expected
    assert response.getvalue() == b"film"


@pytest.mark.parametrize("name", ["rendition_list", "rendition_create", "rendition_download"])
def test_another_teams_is_not_there(editor_client, name):
    theirs = factories.make_clip(team=factories.make_team(name="South"))
    row = theirs.renditions.create(aspect="1:1", height=720, state="ready", file="clips/r.mp4")
    pk = row.pk if name == "rendition_download" else theirs.pk
    ask = editor_client.post if name == "rendition_create" else editor_client.get

    assert ask(reverse(name, args=[pk])).status_code == 404


@pytest.mark.parametrize(("options", "checked"), [({}, True), ({"captions": False}, False)])
def test_it_proposes_the_captions_that_the_job_was_asked_for(editor_client, clip, options, checked):
    clip.words = [[10.0, 11.0, "Hello"]]
    clip.save()
    clip.job.options = options
    clip.job.save()

    page = editor_client.get(reverse("clip_detail", args=[clip.pk])).content.decode()

    assert ('name="captions" checked' in page) == checked
    assert 'name="captions"' in page


def test_a_failed_one_is_made_when_asked_for_again(editor_client, team, media_root):
    """The whole way: the recording is not there at first, and is there the second time."""
    source = factories.make_source(
        team=team, file="sources/later.mp4", width=320, height=180, audio_codec="aac"
    )
    job = factories.make_job(team=team, source=source)
    clip = factories.make_clip(team=team, job=job, start=0, end=1)
    order(editor_client, clip, shape="1:1/180")
    fail_for_good()
    failed = Rendition.objects.get()

    (media_root / "sources").mkdir(exist_ok=True)
    recordings.make(media_root / "sources" / "later.mp4", seconds=2)
    order(editor_client, clip, shape="1:1/180")
    tasks.look_now()

    again = Rendition.objects.get()
    assert (failed.state, again.state, again.pk) == ("failed", "ready", failed.pk)
    assert again.file
    assert not again.error


def fail_for_good():
    while Rendition.objects.filter(state__in=Rendition.OPEN_STATES).exists():
        Rendition.objects.update(next_action_at=timezone.now())
        tasks.look_now()
