"""The frame around every page: look, menu, keys, toasts, connection."""

from __future__ import annotations

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from clipboard.clips.models import Clip
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)
TOAST = "detail => document.dispatchEvent(new CustomEvent('clipboard:toast', {detail}))"


def test_a_chosen_look_stays(signed_in_page):
    page = signed_in_page
    page.get_by_role("button", name="North").click()
    with page.expect_response("**/theme/"):
        page.get_by_role("button", name="Light").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "light")

    page.goto("/clips/")

    expect(page.locator("html")).to_have_attribute("data-theme", "light")


def test_it_lists_the_keys_and_switches_them_off(signed_in_page):
    page = signed_in_page
    keys = page.get_by_role("dialog", name="Keys")

    page.keyboard.press("?")
    expect(keys).to_be_visible()
    expect(keys).to_contain_text("This list")
    keys.get_by_role("checkbox").uncheck()
    page.keyboard.press("Escape")
    page.reload()
    page.keyboard.press("?")

    expect(keys).to_be_hidden()


def test_a_toast_waits_for_the_pointer_and_closes_with_escape(signed_in_page):
    page = signed_in_page
    toasts = page.locator("#messages .toast")

    page.evaluate(TOAST, {"text": "Saved <b>it</b>"})
    expect(toasts).to_have_text("Saved <b>it</b>×")
    page.keyboard.press("Escape")

    expect(toasts).to_have_count(0)


def test_undo_is_a_post(signed_in_page, editor):
    page = signed_in_page
    page.evaluate(
        TOAST,
        {"text": "Done", "undo": {"url": reverse("theme_choose"), "values": {"theme": "dark"}}},
    )

    with page.expect_response("**/theme/") as answer:
        page.get_by_role("button", name="Undo").click()

    assert answer.value.status == 204


def test_an_error_of_the_server_is_said_in_words(signed_in_page, problems):
    problems.excuse("status of 404", "Error Code 404")
    page = signed_in_page

    page.evaluate("htmx.ajax('GET', '/clips/999999/', {swap: 'none'})")

    expect(page.locator(".toast--error")).to_contain_text("It is gone")


def test_it_says_when_the_connection_is_lost_and_asks_again(signed_in_page, problems):
    problems.excuse("ERR_INTERNET_DISCONNECTED", "htmx:")
    page = signed_in_page
    banner = page.locator("#offline")

    page.context.set_offline(True)
    page.evaluate("document.body.dispatchEvent(new CustomEvent('clipboard:jobs'))")
    expect(banner).to_be_visible()
    page.context.set_offline(False)

    expect(banner).to_be_hidden()


def test_the_rail_counts_what_runs(open_page, team, editor):
    factories.make_job(team=team, state="running")
    page = open_page("/clips/", by=editor)
    expect(page.locator("#rail-jobs")).to_have_text("1 running")

    team.jobs.update(state="succeeded")
    page.evaluate("document.body.dispatchEvent(new CustomEvent('clipboard:jobs'))")

    expect(page.locator("#rail-jobs")).to_have_text("")


def test_a_session_that_ended_leads_to_the_sign_in_page_and_back(open_page, editor, problems):
    problems.excuse("status of 401")
    page = open_page("/shared/", by=editor)
    page.context.clear_cookies()

    page.evaluate("document.body.dispatchEvent(new CustomEvent('clipboard:jobs'))")

    expect(page).to_have_url(
        "**/sign-in/?next=/shared/".replace("**", page.url.split("/shared")[0])
    )


def test_a_form_is_sent_once(open_page, editor):
    page = open_page("/shared/", by=editor)
    posts = []
    page.on("request", lambda request: posts.append(request.url) if request.method == "POST" else 0)
    page.get_by_role("button", name="North").click()

    page.get_by_role("button", name="Sign out").dblclick()

    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert len(posts) == 1


def test_on_a_phone_the_menu_is_under_the_thumb(open_page, editor):
    page = open_page("/clips/", by=editor, size="phone")

    box = page.get_by_role("navigation", name="Main").bounding_box()

    assert box["y"] + box["height"] == 844
    for link in page.get_by_role("navigation", name="Main").get_by_role("link").all():
        size = link.bounding_box()
        assert min(size["width"], size["height"]) >= 44


def test_on_a_phone_the_filters_are_a_sheet(open_page, team, editor):
    factories.make_clip(team=team, title="Seen", score=80)
    factories.make_clip(team=team, title="Left out", score=20)
    page = open_page("/clips/", by=editor, size="phone")
    sheet = page.locator(".filter__sheet")

    page.get_by_role("button", name="Filters").click()
    expect(sheet).to_be_in_viewport()
    expect(page.locator("#clip-panel")).to_be_hidden()
    page.get_by_label("Least score").first.fill("50")
    sheet.get_by_role("button", name="Show clips").click()

    expect(sheet).to_be_hidden()
    expect(page.locator(".clip-card")).to_have_count(1)


def test_on_a_phone_a_card_stays_in_its_column_when_its_clip_is_done(open_page, team, editor):
    job = factories.make_job(team=team, state="running")
    factories.make_clip(team=team, job=job, status="generating", title="Rendered")
    factories.make_clip(team=team, job=job, status="detected", title="Waited")
    page = open_page("/clips/", by=editor, size="phone")
    expect(page.get_by_text("Plays from the recording")).to_be_visible()
    Clip.objects.update(status="completed")
    page.evaluate("htmx.trigger(document.body, 'clipboard:jobs')")

    expect(page.get_by_text("Plays from the recording")).to_have_count(0)
    expect(page.get_by_text("Rendering")).to_have_count(0)
    expect(page.locator(".grid__cards > .clip-card")).to_have_count(2)
    width = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(width) == 0
