from __future__ import annotations

import pytest
from django.urls import reverse

from clipboard.clips.models import Clip
from tests import factories

pytestmark = pytest.mark.django_db

WORDS = [[10.0, 10.4, "Nobody"], [10.5, 10.9, "asked."], [12.5, 13.0, "Why?"]]


def address(clip):
    return reverse("clip_detail", args=[clip.pk])


def playable(team, **fields):
    source = factories.make_source(team=team, file=factories.make_file("sources/a.mp4"))
    return factories.make_clip(
        team=team, job=factories.make_job(team=team, source=source), **fields
    )


def test_it_is_a_page_of_its_own(editor_client, team):
    clip = playable(team, title="The turn", reason="A strong start")

    page = editor_client.get(address(clip)).content.decode()

    assert "<html" in page
    assert "The turn" in page
    assert "A strong start" in page


def test_it_is_the_same_markup_in_the_panel(editor_client, team):
    response = editor_client.get(address(playable(team)), headers={"HX-Request": "true"})

    assert response.content.startswith(b'<article id="clip-panel-body"')
    assert "HX-Request" in response["Vary"]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"status": "detected"}, "It plays from the recording"),
        ({"status": "generating"}, "is being rendered"),
        ({"status": "failed", "error": "The disk was full."}, "The disk was full."),
        ({"status": "completed", "file": "clips/a.mp4"}, "Download"),
        ({"score": None}, "No score"),
        ({"words": []}, "No words"),
        ({"start": None, "end": None}, "There is nothing to play"),
    ],
)
def test_it_says_its_state_in_words(editor_client, team, fields, words):
    page = editor_client.get(address(playable(team, **fields))).content.decode()

    assert words in page


def test_it_draws_the_evidence(editor_client, team):
    part = {"label": "Hook", "value": 88, "weight": 3, "sentence": "A question at once."}
    other = {"label": "Pace", "value": 20, "weight": 1, "sentence": ""}

    page = editor_client.get(address(playable(team, evidence=[part, other]))).content.decode()

    assert "A question at once." in page
    assert "weighs 75%" in page
    assert 'width="88' in page


def test_its_words_carry_their_second_in_the_clip(editor_client, team):
    page = editor_client.get(address(playable(team, words=WORDS))).content.decode()

    assert '<span data-seek="0.5">asked.</span>' in page
    assert '<span data-seek="2.5">Why?</span>' in page


def test_it_shows_the_recordings_other_clips_and_no_one_elses(editor_client, team):
    clip = playable(team)
    near = factories.make_clip(team=team, job=clip.job, start=40.0, end=50.0, title="Its neighbour")
    far = factories.make_clip(team=team, title="Of another recording")

    page = editor_client.get(address(clip)).content.decode()

    assert address(near) in page
    assert address(far) not in page


def test_it_escapes_what_others_wrote(editor_client, team):
    bad = '"><img src=x onerror=alert(1)>'
    clip = playable(
        team,
        title=bad,
        reason=bad,
        hashtags=[bad],
        words=[[10, 11, bad]],
        error=bad,
        status="failed",
        evidence=[{"label": bad, "sentence": bad, "value": "much", "weight": None}],
    )

    page = editor_client.get(address(clip)).content.decode()

    assert "<img src=x" not in page


def test_it_takes_few_queries(editor_client, team, django_assert_max_num_queries):
    clip = playable(team)
    for number in range(30):
        factories.make_clip(team=team, job=clip.job, start=number, end=number + 5)

    with django_assert_max_num_queries(12):
        editor_client.get(address(clip))


def test_it_has_no_inline_script_or_style(editor_client, team):
    page = editor_client.get(address(playable(team, words=WORDS))).content.decode()

    assert " style=" not in page
    assert "<script>" not in page


@pytest.mark.parametrize(
    "name", ["clip_detail", "clip_state", "clip_media", "clip_captions", "clip_download"]
)
def test_another_teams_is_not_there(editor_client, name):
    clip = factories.make_clip(team=factories.make_team(name="South"), file="clips/a.mp4")

    theirs = editor_client.get(reverse(name, args=[clip.pk]))
    missing = editor_client.get(reverse(name, args=[clip.pk + 10**6]))

    assert theirs.status_code == missing.status_code == 404
    assert theirs.content == missing.content


def test_an_absurd_number_is_not_there(editor_client):
    assert editor_client.get(f"/clips/{2**70}/").status_code == 404


def test_its_state_is_asked_again_only_while_something_happens(editor_client, team):
    clip = playable(team, status=Clip.Status.DETECTED)
    at_rest = editor_client.get(reverse("clip_state", args=[clip.pk])).content.decode()
    clip.renditions.create(aspect="9:16", height=960, is_preview=True)
    at_work = editor_client.get(reverse("clip_state", args=[clip.pk])).content.decode()

    assert "hx-trigger" not in at_rest
    assert 'hx-trigger="every' in at_work


def test_a_clip_without_words_is_called_by_its_place(editor_client, team):
    source = factories.make_source(team=team, title="Harbour at dusk")
    job = factories.make_job(team=team, source=source)
    clip = factories.make_clip(team=team, job=job, title="", start=134.2, end=151.9)

    page = editor_client.get(reverse("clip_detail", args=[clip.pk])).content.decode()

    assert page.count("Harbour at dusk, 2:14–2:31") >= 2
    assert not clip.title


@pytest.mark.parametrize("burned", [True, False])
def test_captions_in_the_picture_are_not_drawn_over_it_once_more(editor_client, team, burned):
    job = factories.make_job(team=team, options={} if burned else {"captions": False})
    words = [[10.0, 11.0, "Hello"]]
    clip = factories.make_clip(team=team, job=job, words=words, file="clips/0/a.mp4")

    page = editor_client.get(reverse("clip_detail", args=[clip.pk])).content.decode()

    assert ("data-captions-shown" in page) == burned
    assert ('data-do="captions"' in page) != burned
