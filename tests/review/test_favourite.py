from __future__ import annotations

import json

import pytest

from clipboard.clips.models import Clip
from clipboard.review.models import Favourite
from tests import factories

HTMX = {"HX-Request": "true"}


@pytest.fixture
def clip(team):
    return factories.make_clip(team=team, title="The turn")


def address(clip):
    return f"/clips/{clip.pk}/favourite/"


def test_it_swaps_the_card_alone_and_offers_to_undo(editor_client, editor, clip):
    response = editor_client.post(address(clip), {"on": "1"}, headers=HTMX)
    card = response.content.decode().strip()
    said = json.loads(response["HX-Trigger"])

    assert Favourite.objects.filter(user=editor, clip=clip).count() == 1
    assert card.startswith(f'<article class="clip-card" id="clip-{clip.pk}"')
    assert card.count("<article") == 1
    assert 'aria-pressed="true" value="0"' in card
    assert said["clipboard:favourite"]["mine"] == "1"
    assert said["clipboard:toast"]["undo"]["values"] == {"on": "0"}
    undo = said["clipboard:toast"]["undo"]
    undone = editor_client.post(undo["url"], undo["values"], headers=HTMX)
    assert 'aria-pressed="false" value="1"' in undone.content.decode()
    assert json.loads(undone["HX-Trigger"])["clipboard:favourite"]["mine"] == "0"
    assert Favourite.objects.count() == 0


def test_it_counts_what_is_one_persons_and_this_teams(editor_client, editor, team, clip):
    elsewhere = factories.make_clip(team=factories.make_team(name="South"))
    Favourite.objects.create(user=editor, clip=elsewhere)
    Favourite.objects.create(user=factories.make_member(team=team), clip=clip)

    said = editor_client.post(address(clip), {"on": "1"}, headers=HTMX)["HX-Trigger"]

    assert json.loads(said)["clipboard:favourite"] == {
        "url": address(clip),
        "on": True,
        "count": 2,
        "mine": "1",
    }


def test_it_takes_few_queries(editor_client, clip, django_assert_max_num_queries):
    savepoint = 2  # what a transaction is inside a test's
    for on in ("1", "0"):
        with django_assert_max_num_queries(6 + savepoint):
            editor_client.post(address(clip), {"on": on}, headers=HTMX)


def test_it_answers_with_the_heart_alone_where_that_is_asked_for(editor_client, clip):
    response = editor_client.post(f"{address(clip)}?part=button", {"on": "1"}, headers=HTMX)

    assert response.content.decode().strip().startswith(f'<button id="favourite-{clip.pk}"')
    assert "<article" not in response.content.decode()


def test_it_is_one_persons_with_the_teams_count(client, editor_client, team, clip):
    editor_client.post(address(clip), {"on": "1"})
    colleague = factories.make_member(team=team)
    factories.sign_in(client, colleague)
    theirs = client.get("/clips/").content.decode()
    both = client.post(address(clip), {"on": "1"}, headers=HTMX).content.decode()

    assert 'aria-pressed="false" value="1"' in theirs
    assert "<span>1</span>" in theirs
    assert "<span>2</span>" in both


@pytest.mark.parametrize("on", ["1", "0"])
def test_it_is_safe_to_say_twice(editor_client, clip, on):
    for _ in range(2):
        assert editor_client.post(address(clip), {"on": on}, headers=HTMX).status_code == 200

    clip.refresh_from_db()
    assert clip.favourite_count == Favourite.objects.count() == int(on)


@pytest.mark.parametrize(
    ("referer", "there"),
    [
        ("http://testserver/clips/?q=turn#x", "http://testserver/clips/?q=turn#clip-{pk}"),
        ("https://evil.example/clips/", "/clips/"),
        ("", "/clips/"),
    ],
)
def test_it_goes_back_to_where_one_was_without_javascript(editor_client, clip, referer, there):
    response = editor_client.post(address(clip), {"on": "1"}, headers={"Referer": referer})

    assert response.status_code == 302
    assert response["Location"] == there.format(pk=clip.pk)


@pytest.mark.parametrize("on", ["", "2", "true", "1\x00", "é"])
def test_it_refuses_what_is_neither_on_nor_off(editor_client, clip, on):
    response = editor_client.post(address(clip), {"on": on}, headers=HTMX)

    assert response.status_code == 400
    assert Favourite.objects.count() == 0


def test_it_needs_a_post(editor_client, clip):
    assert editor_client.get(address(clip)).status_code == 405


@pytest.mark.parametrize("pk", [0, 999_999, 2**63, 2**80])
def test_it_knows_no_clip_of_that_number(editor_client, clip, pk):
    assert editor_client.post(f"/clips/{pk}/favourite/", {"on": "1"}).status_code == 404


def test_it_hides_the_clips_of_other_teams(editor_client):
    other = factories.make_clip(team=factories.make_team())

    assert editor_client.post(address(other), {"on": "1"}).status_code == 404
    assert Favourite.objects.count() == 0


def test_it_keeps_the_title_as_text(editor_client, clip):
    Clip.objects.filter(pk=clip.pk).update(title="<img src=x onerror=alert(1)>")
    card = editor_client.post(address(clip), {"on": "1"}, headers=HTMX).content.decode()

    assert "<img src=x" not in card
    assert "&lt;img src=x" in card
