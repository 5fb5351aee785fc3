"""Whatever the address says: a page, and a note about what was left out."""

from __future__ import annotations

import pytest
from django.http import QueryDict
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from clipboard.review.filters import FILTERS, read_filters
from clipboard.review.pages import PAGE
from tests import factories
from tests.texts import texts

PARAMETERS = (*FILTERS, "sort", "order", "after")
ABSURD = [
    "-1", "1e400", "NaN", "inf", "-inf", "1_000", "٣", "0x10", "2" * 5000, str(2**63), str(2**70),
    "1,5", "--", "'; DROP TABLE clips_clip; --", '" OR 1=1', "\x00", "a\x00b", "\ud800", "\u202e",
    "💥", "é" * 300, "%", "%s", "{0.__class__}", "{{7*7}}", "<script>alert(1)</script>", "~", "~~",
    "~5", "5~", "NaN~1", "1~2~3", "1e308~1", "0001-01-01~1", "9999-12-31T23:59:59+00:00~3",
    "2026-01-01~-5", "a" * 60_000, "*", '"', '""', "NEAR(a b)", "a AND", "title:x", "-x", "^x",
    "(((", "a* b* c*", "\\", "null", "None", "[]", "1 ", " 1", "\t", "AND OR NOT",
]  # fmt: skip


def read(query):
    return read_filters(QueryDict(query))


def absurd(names, value):
    """An address that gives this value to each of these."""
    query = QueryDict(mutable=True)
    for name in names:
        query[name] = value.encode("utf-8", "surrogatepass").decode("latin-1")
    return f"/clips/?{query.urlencode()}"


@pytest.mark.parametrize("name", PARAMETERS)
def test_it_makes_a_grid_of_any_absurd_value(editor_client, team, name):
    factories.make_clip(team=team)
    for value in ABSURD:
        response = editor_client.get(absurd([name], value), headers={"HX-Request": "true"})
        assert response.status_code == 200, value
        assert "<script>alert" not in response.content.decode()


def test_it_makes_a_page_with_its_form_of_any_absurd_values(editor_client, team):
    factories.make_clip(team=team)
    for value in ABSURD:
        for names in (PARAMETERS, PARAMETERS[::-1], ("q",)):
            response = editor_client.get(absurd(names, value))
            assert response.status_code == 200, value
            assert "<script>alert" not in response.content.decode()


@pytest.mark.parametrize(
    ("query", "note"),
    [
        ("min_score=abc", "Least score “abc” was ignored: it takes a number from 0 to 100."),
        ("max_score=101", "Greatest score “101” was ignored: it takes a number from 0 to 100."),
        ("status=done", "Status “done” was ignored: it takes detected, generating, completed"),
        ("sort=title", "Sorting “title” was ignored: it takes score, duration, created or source."),
        ("order=up", "Order “up” was ignored: it takes asc or desc."),
        ("favourited=maybe", "Favourites “maybe” was ignored: it takes 1 or 0."),
        ("source=x", "Source “x” was ignored: it takes the number of a recording."),
        ("source=0", "Source “0” was ignored: it takes the number of a recording."),
        ("q=%21%21", "Search “!!” was ignored: it has no word to look for."),
        ("colour=red", "“colour” is not a filter."),
        ("min_score=9&max_score=3", "The score range was ignored: its start is above its end."),
        ("after=x", "The place to go on from is unclear, so this is the start."),
    ],
)
def test_it_says_what_it_ignored(query, note):
    filters = read(query)

    assert any(said.startswith(note) for said in filters.notes)
    assert filters == read("")


def test_it_says_what_only_the_database_can_tell(editor_client, team):
    factories.make_clip(team=team)
    page = editor_client.get("/clips/?provider=nobody&aspect=3:2&source=77").content.decode()

    assert "No clip comes from “nobody”." in page
    assert "No clip has the shape “3:2”." in page
    assert "That recording is not here." in page


def test_the_count_is_cut_only_where_there_may_be_more(editor_client, team, monkeypatch):
    job = factories.make_job(team=team)
    for _ in range(PAGE + 2):
        factories.make_clip(team=team, job=job)
    monkeypatch.setattr("clipboard.review.pages.VISITED_HITS", PAGE + 2)
    asked = "/clips/?min_score=1&max_duration=99&status=completed"
    whole = editor_client.get(asked).content.decode()
    monkeypatch.setattr("clipboard.review.pages.VISITED", PAGE + 2)

    assert f"<b>{PAGE + 2} clips</b>" in whole
    assert f"<b>{PAGE + 2}+ clips</b>" in editor_client.get(asked).content.decode()


def test_it_says_little_about_an_address_full_of_nonsense():
    filters = read("&".join(f"x{n}=1" for n in range(50)))

    assert len(filters.notes) == 4
    assert filters.notes[-1] == "47 more parts of the address were ignored."


def test_it_counts_the_last_of_a_parameter_given_twice():
    assert read("min_score=10&min_score=20").min_score == 20


def test_it_takes_empty_fields_for_no_filter():
    assert read("min_score=&q=&status=&source=&after=&order=") == read("")
    assert read("min_score=&q=").notes == ()


def test_it_writes_the_address_that_asks_for_the_same():
    query = (
        "?min_score=12.5&max_score=90&status=completed&favourited=1&provider=reka&source=3"
        "&aspect=9%3A16&min_duration=5&max_duration=60&q=the+turn&sort=duration&order=asc"
    )

    assert read(query[1:]).query() == query
    assert read("min_score=0&max_duration=0").query() == "?min_score=0&max_duration=0"
    assert read("sort=score&order=desc").query() == ""
    assert read("sort=source&order=asc").query() == "?sort=source"


class AnyAddress(TestCase):
    values = st.one_of(
        texts(max_size=60),
        st.integers().map(str),
        st.floats().map(str),
        st.sampled_from([*ABSURD[:40], "score", "asc", "completed", "1", "5.0~3", "~9"]),
    )
    queries = st.dictionaries(st.sampled_from(PARAMETERS), values, max_size=6)

    @classmethod
    def setUpTestData(cls):
        team = factories.make_team()
        job = factories.make_job(team=team)
        for number in range(3):
            factories.make_clip(team=team, job=job, score=number * 30.0 or None)
        cls.member = factories.make_member(team=team)

    @settings(max_examples=40, deadline=None)
    @given(queries)
    def test_it_makes_a_page_of_any_address(self, values):
        query = QueryDict(mutable=True)
        for name, value in values.items():
            query[name] = value.encode("utf-8", "replace").decode()
        client = Client()
        factories.sign_in(client, self.member)
        response = client.get(f"/clips/?{query.urlencode()}")

        assert response.status_code == 200
        again = read(read(query.urlencode()).query()[1:])
        assert again.query() == read(query.urlencode()).query()
