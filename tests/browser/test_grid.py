"""The grid under somebody's hands: it plays in place, goes on, and is filtered without a mouse."""

from __future__ import annotations

import re
from contextlib import suppress

import pytest
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import expect

from clipboard.clips.models import Clip
from clipboard.review.models import Favourite
from clipboard.review.pages import PAGE
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)


def test_one_clip_at_a_time_plays_in_its_card(open_page, editor, clip):
    factories.make_clip(
        team=clip.team, job=clip.job, status="detected", score=1.0, start=2.0, end=9.0
    )
    page = open_page("/clips/", by=editor)
    first, second = (page.locator(".clip-card").nth(place) for place in (0, 1))
    page.keyboard.press("j")
    page.keyboard.press("Space")
    expect(first.locator("video")).to_have_js_property("paused", False)
    expect(first.locator("video")).to_have_js_property("muted", False)

    page.keyboard.press("j")
    expect(page.locator("video")).to_have_count(0)
    page.keyboard.press("Enter")
    expect(second.locator("video")).to_have_js_property("paused", False)
    expect(page.locator("video")).to_have_count(1)
    page.keyboard.press("Space")
    expect(second.locator("video")).to_have_js_property("paused", True)
    page.keyboard.press("Escape")
    expect(page.locator("video")).to_have_count(0)

    page.keyboard.press("f")
    expect(second.locator(".heart")).to_have_attribute("aria-pressed", "true")
    expect(first.locator(".heart")).to_have_attribute("aria-pressed", "false")


def test_a_heart_keeps_the_focus_and_is_taken_back_though_its_card_has_gone(
    open_page, editor, team
):
    job = factories.make_job(team=team)
    for score in (90.0, 10.0):
        factories.make_clip(team=team, job=job, score=score)
    page = open_page("/clips/", by=editor)
    cards, mine = page.locator(".clip-card"), page.locator("#count-favourited")
    heart = cards.last.locator(".heart")
    heart.press("Enter")
    expect(heart).to_have_attribute("aria-pressed", "true")
    expect(heart).to_be_focused()
    expect(mine).to_have_text("1")

    page.get_by_role("slider", name="Least score").fill("50")
    expect(cards).to_have_count(1)
    page.get_by_role("button", name="Undo").press("Enter")
    expect(mine).to_have_text("0")
    assert not Favourite.objects.exists()


def test_what_comes_late_undoes_nothing_that_came_after_it(open_page, editor, team, problems):
    problems.excuse("htmx:sendAbort", "htmx:afterRequest")
    job = factories.make_job(team=team)
    for score in (90.0, 60.0, 10.0):
        factories.make_clip(team=team, job=job, score=score)
    page = open_page("/clips/?status=completed&min_score=50", by=editor)
    cards, late = page.locator(".clip-card"), []
    page.route(re.compile(r"favourite|clips/\?min_score=50$"), lambda route: late.append(route))
    expect(cards).to_have_count(2)
    with page.expect_request("**/favourite/"):
        cards.first.locator(".heart").click()
    with page.expect_request("**/?min_score=50"):
        page.locator(".grid__bar .chip", has_text="Completed").click()
    page.get_by_role("slider", name="Least score").fill("80")
    expect(cards).to_have_count(1)
    assert len(late) == 2

    for route in late:
        with suppress(PlaywrightError):  # the one that was given up
            route.fallback()
    expect(cards.first.locator(".heart")).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_role("button", name="Undo")).to_be_visible()
    expect(page).to_have_url(re.compile(r"min_score=80"))
    expect(cards).to_have_count(1)


def test_a_card_that_plays_is_renewed_when_it_stops(open_page, editor, clip):
    clip.renditions.create(aspect="9:16", height=960, is_preview=True)
    Clip.objects.update(status="generating")
    page = open_page("/clips/", by=editor)
    card = page.locator(".clip-card")
    card.get_by_role("link").first.press("Enter")
    expect(card.locator("video")).to_have_js_property("paused", False)
    with page.expect_response("**/clips/progress/**"):
        Clip.objects.update(status="failed", error="The disk is full.")
    expect(card.locator("video")).to_have_js_property("paused", False)
    expect(card).to_contain_text("Waiting to render")

    page.keyboard.press("Escape")
    expect(card).to_contain_text("The disk is full.")
    expect(card.get_by_role("link").first).to_be_focused()


def test_a_page_without_clips_fills_when_they_come_from_elsewhere(open_page, editor, team):
    page = open_page(None, by=editor)
    page.clock.install()
    page.goto("/clips/")
    asked = []
    page.on("request", lambda request: asked.append(request.url) if "/news/" in request.url else 0)
    page.evaluate("Object.defineProperty(document, 'hidden', {value: true, configurable: true})")
    factories.make_clip(team=team)
    page.clock.run_for(61_000)
    assert asked == [], "a page out of sight rests"

    page.evaluate("delete document.hidden")
    with suppress(PlaywrightError):  # the page may be loaded anew before that is over
        page.clock.run_for(31_000)
    expect(page.locator(".clip-card")).to_have_count(1)


def test_it_stops_asking_for_what_is_gone(open_page, editor, team, problems):
    problems.excuse("status of 404", "Error Code 404")
    clip = factories.make_clip(team=team, status="generating")
    clip.renditions.create(aspect="9:16", height=960, is_preview=True)
    page = open_page(None, by=editor)
    page.clock.install()
    page.goto(f"/clips/{clip.pk}/")
    asked = []
    page.on("request", lambda request: asked.append(request.url) if "/state/" in request.url else 0)
    clip.delete()

    for _ in range(3):
        page.clock.run_for(3_100)
        expect(page.locator(".toast--error")).to_have_count(1)
    assert len(asked) == 1


def test_it_goes_on_as_one_scrolls_and_is_filtered_by_keys(open_page, editor, team):
    job = factories.make_job(team=team)
    for score in range(30):
        factories.make_clip(team=team, job=job, score=float(score))
    page = open_page("/clips/", by=editor)
    cards, least = page.locator("#clip-grid .clip-card"), page.locator("[name=min_score]")
    expect(cards).to_have_count(PAGE)
    for _ in range(PAGE):
        page.keyboard.press("j")
    expect(cards).to_have_count(30)
    page.goto("/clips/")
    expect(cards).to_have_count(PAGE)
    page.keyboard.press("End")
    expect(cards).to_have_count(30)

    page.get_by_role("slider", name="Least score").focus()
    page.keyboard.press("PageUp")
    expect(page).to_have_url(re.compile("min_score=10"))
    expect(cards).to_have_count(20)
    expect(page.locator("#grid-said")).to_contain_text("20 clips best first")
    expect(least).to_have_value("10")
    page.go_back()
    expect(page).to_have_url(re.compile("/clips/$"))
    expect(least).to_have_value("")
