"""Clip after clip at the side of the grid, by keys alone."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def titles(team):
    job = factories.make_job(team=team)
    scores = {"First": 90, "Second": 80, "Third": 70}
    for title, score in scores.items():
        factories.make_clip(team=team, job=job, title=title, score=score)
    return list(scores)


@pytest.fixture
def grid(open_page, editor, titles):
    page = open_page("/clips/", by=editor)
    page.keyboard.press("j")
    return page


def shows(page, title):
    page.locator("#clip-panel #clip-title", has_text=title).wait_for()
    card = page.locator(".clip-card[aria-current]")
    expect(card.locator(".clip-card__title")).to_have_text(title)
    number = card.get_attribute("id").partition("-")[2]
    expect(page).to_have_url(re.compile(rf"/{number}/?$"))


def test_n_and_p_go_through_the_grid_beside_it(grid):
    grid.keyboard.press("o")
    shows(grid, "First")

    grid.keyboard.press("n")
    shows(grid, "Second")
    grid.keyboard.press("n")
    shows(grid, "Third")
    grid.keyboard.press("n")
    shows(grid, "Third")
    grid.keyboard.press("p")
    shows(grid, "Second")

    grid.keyboard.press("Escape")
    grid.locator("#clip-panel").wait_for(state="hidden")
    expect(grid).to_have_url(re.compile("/clips/$"))


def test_n_works_before_the_clip_has_come_and_after_the_focus_has_left(grid):
    grid.keyboard.press("o")
    grid.locator("#clip-panel").wait_for()
    grid.keyboard.press("n")
    shows(grid, "Second")

    grid.locator("#clip-grid .clip-card__play").first.focus()
    grid.keyboard.press("n")
    shows(grid, "Third")


def test_n_and_p_are_letters_where_people_type(grid):
    grid.keyboard.press("o")
    shows(grid, "First")

    grid.locator("#clip-filter [type=search]").press("n")

    shows(grid, "First")
    assert grid.locator("#clip-filter [type=search]").input_value() == "n"
