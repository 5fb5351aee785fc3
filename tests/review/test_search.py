from __future__ import annotations

import re

import pytest

from clipboard.clips.search import expression, pieces
from clipboard.review.pages import PAGE
from tests import factories

CARD = re.compile(r'id="clip-(\d+)"')


@pytest.fixture
def clips(team):
    job = factories.make_job(team=team)
    texts = {
        "price": {"title": "The price nobody asked about"},
        "bridge": {"title": "A turn", "reason": "A bridge, a drone and a bad idea"},
        "apology": {"title": "Start at the end", "transcript": "so that was the apology, my café"},
    }
    # The second accent stands by itself, as some systems write it.
    texts["accents"] = {"title": "ÄRGER an Noe\u0308l", "reason": "Tiếng Việt, мой"}
    made = {n: factories.make_clip(team=team, job=job, **text) for n, text in texts.items()}
    return {clip.pk: name for name, clip in made.items()}


def found(client, clips, words):
    page = client.get("/clips/", {"q": words}).content.decode()
    return sorted(clips[int(pk)] for pk in CARD.findall(page))


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("price", ["price"]),
        ("PRICE asked", ["price"]),
        ("drone", ["bridge"]),
        ("apology", ["apology"]),
        ("cafe", ["apology"]),
        ("CAFÉ", ["apology"]),
        ("càf*", ["apology"]),
        ("Ärger", ["accents"]),
        ("arger", ["accents"]),
        ("noel", ["accents"]),
        ("tieng viet", ["accents"]),
        ("мой", ["accents"]),
        ("the", ["apology", "price"]),
        ("the drone", []),
        ('"the price"', ["price"]),
        ('"price the"', []),
        ("apolo*", ["apology"]),
        ("apolo", ["apology"]),
        ("so apolo", ["apology"]),
        ("nobody; DROP TABLE", []),
        ("price OR drone", []),
        ("it's", []),
    ],
)
def test_it_finds_titles_reasons_and_transcripts(editor_client, clips, words, names):
    assert found(editor_client, clips, words) == names


def test_it_takes_at_most_a_dozen_words():
    assert len(pieces(" ".join("abcdefghijklmnopqrstuvwxyz"))) == 12


@pytest.mark.parametrize("words", ["", "!!!", '"" ""', "- ~ ^", "***"])
def test_it_finds_no_word_in_mere_signs(words):
    assert pieces(words) == []


def test_it_speaks_both_databases():
    asked = pieces('price "no one" lat*')

    assert expression(asked, "sqlite") == '"price" "no one" "lat"*'
    assert expression(asked, "postgresql") == "'price' & ('no' <-> 'one') & 'lat':*"
    assert expression(pieces("ÉTÉ đã мой"), "postgresql") == "'ETE' & 'đa' & 'мой'"


def test_other_teams_hits_make_the_count_no_smaller_than_it_is(editor_client, team, monkeypatch):
    monkeypatch.setattr("clipboard.review.pages.VISITED_HITS", 3)
    for one, number in ((factories.make_team(name="South"), 3), (team, PAGE + 2)):
        job = factories.make_job(team=one)
        for _ in range(number):
            factories.make_clip(team=one, job=job, title="River")

    page = editor_client.get("/clips/?q=river").content.decode()

    assert re.search(rf"<b>({PAGE + 2}|\d+\+) clips</b>", page)
