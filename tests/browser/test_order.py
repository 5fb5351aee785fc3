"""Ordering from a provider, as a person does it."""

from __future__ import annotations

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from clipboard.clips.models import Job
from tests import factories
from tests.browser.test_axe import assert_accessible
from tests.clips.service import Service

pytestmark = pytest.mark.django_db(transaction=True)
LINE = ".order__line"


@pytest.fixture
def service(settings):
    service = Service()
    settings.OUTBOUND_ALLOW_HOSTS = [service.netloc]
    service.says("POST /api/v1/video/generate", (200, {"projectId": "abc123"}))
    service.says("GET /api/v1/video/status/abc123", (200, {"status": "processing"}))
    yield service
    service.close()


@pytest.fixture
def page(open_page, service, team, editor):
    factories.make_account(team=team, base_url=service.url)
    factories.make_account(team=team, base_url=service.url, name="Second")
    # Without a length no player asks for the file.
    source = factories.make_source(team=team, file=factories.make_file("sources/a.mp4"))
    page = open_page(None, by=editor)
    page.route("**/media/**", lambda route: route.fulfill(status=204))
    page.goto(reverse("source_detail", args=[source.pk]))
    return page


def choose(page, name):
    page.locator(".order .chip", has_text=name).click()
    page.locator(LINE, has_text=name).wait_for()


def test_it_orders_compares_and_asks_before_it_repeats(page, problems):
    problems.excuse("status of 422")
    choose(page, "ReelBot: Main")
    page.get_by_label("Kind").select_option("cinematic")
    page.get_by_label("Topic").fill("The sea")
    choose(page, "ReelBot: Second")
    first = page.locator(LINE).first
    assert first.get_by_label("Topic").input_value() == "The sea", "what was typed stays"

    assert_accessible(page, "an order from two")
    page.get_by_role("button", name="Send").click()
    page.get_by_text("This is needed.").first.wait_for()
    expect(page.get_by_label("Footage").first, "the first that is wrong").to_be_focused()
    page.locator(".order .chip", has_text="ReelBot: Second").click()
    page.locator(LINE).nth(1).wait_for(state="detached")
    page.get_by_label("Footage").fill("shared/sea.mp4")
    page.get_by_role("button", name="What does it cost?").click()
    page.get_by_text("It costs 1 credit at ReelBot.").wait_for()
    page.get_by_role("button", name="Send").click()
    page.wait_for_url("**/jobs/")

    job = Job.objects.get()
    assert job.options == {
        "videoType": "cinematic",
        "topic": "The sea",
        "brollKeys": ["shared/sea.mp4"],
    }
    page.get_by_role("link", name="What happened").click()
    page.get_by_text("ReelBot took it as abc123.").wait_for()


def test_choices_are_saved_and_loaded(page):
    choose(page, "ReelBot: Main")
    page.get_by_label("Kind").select_option("cinematic")
    page.get_by_label("Topic").fill("The sea")
    page.get_by_label("Footage").fill("shared/sea.mp4")
    page.get_by_text("Save these choices").click()
    page.get_by_label("Name for these choices").fill("Seas")
    page.get_by_role("button", name="Save for the team").click()
    expect(page.get_by_label("Saved choices").locator(":checked")).to_have_text("Seas")
    expect(page.get_by_label("Topic")).to_have_value("The sea")

    page.reload()
    choose(page, "ReelBot: Main")
    assert page.get_by_label("Topic").input_value() == ""
    page.get_by_label("Saved choices").select_option(label="Seas")
    expect(page.get_by_label("Topic")).to_have_value("The sea")


def test_what_a_choice_makes_needed_comes_into_sight(open_page, team, editor):
    factories.make_account(team=team, provider="sync")
    clip = factories.make_clip(team=team, file=factories.make_file())
    page = open_page(None, by=editor)
    page.route("**/media/**", lambda route: route.fulfill(status=204))
    page.goto(f"{reverse('order_create', args=[clip.source_id])}?clip={clip.pk}")
    choose(page, "sync.so: Main")
    expect(page.get_by_label("Script", exact=True)).to_be_hidden()

    page.get_by_label("What the lips follow").select_option("text")

    expect(page.get_by_label("Script", exact=True)).to_be_visible()
    expect(page.get_by_label("Into language")).to_be_hidden()
