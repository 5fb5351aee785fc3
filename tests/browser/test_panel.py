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


def test_the_way_back_leads_through_clips_and_filters(grid):
    panel, cards = grid.locator("#clip-panel"), grid.locator("#clip-grid .clip-card")
    grid.keyboard.press("o")
    shows(grid, "First")
    grid.get_by_role("slider", name="Least score").fill("75")
    expect(cards).to_have_count(2)
    expect(grid).to_have_url(re.compile("min_score=75$"))
    grid.keyboard.press("n")
    shows(grid, "Second")
    grid.locator(".wave__other").last.press("Enter")
    grid.locator("#clip-panel #clip-title", has_text="Third").wait_for()

    grid.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    expect(grid).to_have_url(re.compile("min_score=75$"))
    expect(cards).to_have_count(2)
    grid.go_back()
    shows(grid, "First")
    expect(grid.get_by_role("navigation", name="Main")).to_have_count(1)
    grid.go_back()
    expect(panel).to_be_hidden()
    expect(grid).to_have_url(re.compile("/clips/$"))
    expect(cards).to_have_count(3)


def test_the_open_clip_stays_marked_when_its_card_is_swapped(grid):
    grid.keyboard.press("o")
    shows(grid, "First")
    heart = grid.locator(".clip-card[aria-current] .heart")
    heart.click()
    expect(heart).to_have_attribute("aria-pressed", "true")

    grid.keyboard.press("n")
    shows(grid, "Second")


def test_escape_closes_the_clip_beside_a_message_that_goes_by_itself(grid):
    grid.keyboard.press("o")
    shows(grid, "First")
    grid.keyboard.press("f")
    message = grid.locator("#messages .toast")
    expect(message).to_be_visible()
    grid.keyboard.press("Escape")
    expect(grid.locator("#clip-panel")).to_be_hidden()
    expect(message).to_be_visible()
    grid.keyboard.press("Escape")
    expect(message).to_have_count(0)


def test_a_clip_that_comes_too_late_does_not_play_unseen(grid):
    late = []
    grid.route(re.compile(r"/clips/\d+/$"), lambda route: late.append(route))
    grid.keyboard.press("o")
    grid.locator("#clip-panel").wait_for()
    grid.keyboard.press("n")
    grid.keyboard.press("Escape")
    expect(grid.locator("#clip-panel")).to_be_hidden()

    grid.unroute_all()
    with grid.expect_response(re.compile(r"/clips/\d+/$")):
        late[0].fallback()
    grid.wait_for_load_state("networkidle")
    expect(grid.locator("#clip-panel [data-clip]")).to_have_count(0)


def test_the_grid_stays_where_one_has_gone_on_to(open_page, editor, team):
    job = factories.make_job(team=team)
    for score in range(20):
        factories.make_clip(team=team, job=job, score=float(score))
    page = open_page("/clips/", by=editor)
    page.keyboard.press("j")
    page.keyboard.press("o")
    page.locator("#clip-panel [data-clip]").wait_for()
    for _ in range(19):
        page.keyboard.press("n")
    last = page.locator(".clip-card").last
    expect(last).to_have_attribute("aria-current", "true")
    expect(last).to_be_in_viewport()

    page.keyboard.press("Escape")
    expect(page.locator("#clip-panel")).to_be_hidden()
    expect(last.locator("[data-open]")).to_be_focused()
    page.wait_for_function(
        "new Promise((done) => requestAnimationFrame(() => setTimeout(() => done(true), 100)))"
    )
    expect(last.locator("[data-open]")).to_be_in_viewport()


def test_whoever_goes_on_fast_presses_no_button(grid):
    for key in "onn":
        grid.keyboard.press(key)
    shows(grid, "Third")

    assert grid.evaluate("document.activeElement.matches('#clip-panel, [data-clip]')")


def test_n_and_p_are_letters_where_people_type(grid):
    grid.keyboard.press("o")
    shows(grid, "First")

    grid.locator("#clip-filter [type=search]").press("n")

    shows(grid, "First")
    assert grid.locator("#clip-filter [type=search]").input_value() == "n"


def test_what_was_opened_without_a_connection_comes_when_it_is_back(
    open_page, editor, titles, problems
):
    problems.excuse("ERR_INTERNET_DISCONNECTED", "htmx:", "dynamically imported module")
    grid = open_page("/clips/", by=editor)

    grid.context.set_offline(True)
    grid.keyboard.press("j")
    grid.keyboard.press("o")
    expect(grid.locator("#offline")).to_be_visible()
    grid.context.set_offline(False)

    shows(grid, "First")
    grid.wait_for_function("!!customElements.get('clip-player')")


# --- What else happens around an open grid --------------------------------------------------------

COUNTS = """() => {
    for (const count of document.querySelectorAll(".filter .count")) count.textContent = "1,000+";
    return document.getElementById("clip-filter").offsetHeight;
}"""
WORKED = "document.body.dispatchEvent(new Event('clipboard:work'))"


def test_new_clips_wait_beside_the_bar_until_they_are_asked_in(grid, team, titles):
    job = factories.make_job(team=team)
    for status in ("detected", "generating", "failed", "completed"):
        factories.make_clip(team=team, job=job, title="Brand new", score=99, status=status)
    at = grid.evaluate("document.activeElement.closest('.clip-card').id")
    grid.evaluate(WORKED)
    offer = grid.get_by_role("link", name="4 new clips")
    offer.wait_for()
    for status, number in (("failed", "1"), ("completed", "4"), ("favourited", "0")):
        expect(grid.locator(f"#count-{status}")).to_have_text(number)
    expect(grid.get_by_role("radio", name="Failed")).to_be_visible()

    assert grid.evaluate("document.activeElement.closest('.clip-card').id") == at
    expect(grid.locator(".clip-card")).to_have_count(3)
    offer.press("Enter")
    expect(grid.locator(".clip-card")).to_have_count(7)
    expect(grid.locator(".clip-card__title").first).to_have_text("Brand new")
    expect(offer).to_have_count(0)
    expect(grid.locator(".grid__note")).to_have_count(0)

    grid.reload()
    expect(grid.locator(".filter__facet .chip")).to_have_count(5)
    assert grid.evaluate(COUNTS) < 60, "the filter bar takes a second row"


def test_a_long_title_leaves_the_player_where_it_is(open_page, editor, team):
    long = "The decision that changed everything " * 6
    clip = factories.make_clip(team=team, title=long)
    page = open_page(f"/clips/{clip.pk}/", by=editor, size="phone")

    assert page.locator("#clip-title").bounding_box()["height"] <= 80
    expect(page.locator(".clip-page__whole")).to_have_text(long.strip())


def test_links_in_cards_are_as_high_as_a_finger_is_wide(open_page, editor, team):
    job = factories.make_job(team=team)
    factories.make_clip(team=team, job=job, title="Short")
    page = open_page(None, by=editor, size="phone")
    for address, link in (
        ("/clips/", ".clip-card__title a"),
        ("/clips/", ".filter__favourites input"),
        ("/sources/", ".source__clips"),
        ("/jobs/", ".job__title a"),
        (f"/jobs/{job.pk}/", ".source-page__up a"),
    ):
        page.goto(address)
        assert page.locator(link).first.bounding_box()["height"] >= 44, link
